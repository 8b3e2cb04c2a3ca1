"""A run that was parked, hung up on or killed is gone on with: nothing lost,
nothing done twice, the outage clock never stopped."""
import os
import random
import re
import shutil
import signal
import tempfile
import time

from faults import Live, World
from terminal import CTRL_U, ESC, Terminal, again
from walk import (CUTOVER, GATES, SOURCE, Resumed, Run, check, ledger, main,
                  send_by_hand, wait_until)


def practice(test):
    """Runs test(start) in a world of its own; checks the ledger at its end."""
    def wrapped():
        with Run("rehearse", "--world") as world:
            directory = world.wait(r"^world: ready (\S+)").group(1)
            test(lambda runbook="aurora-cutover", *more:
                 Run("run", runbook, "--plain", "--vars",
                     directory + "/vars.yaml", *more))
            world.process.terminate()
            check(world.finish() == 0, world.text[-2000:])
            check(ledger(world.text)[2:] == (0, 0), world.text[-200:])
    wrapped.__doc__ = test.__doc__
    return wrapped


BUDGET = '"the longest that a rollback may take", default: 30s'


def slow_runbook(place):
    """The shipped runbook, whose undoing of step 3 waits for v2's pods; its
    budget is one that a slow machine keeps, too."""
    with open(os.path.join(SOURCE, "runbooks", "aurora-cutover.yaml"),
              encoding="utf-8") as file:
        text = file.read()
    act = """env: {ENABLE_WRITES: "false"}, labels: {writes: null}}
"""
    check(text.count(act) == 1, "the undoing of step 3 reads otherwise")
    check(text.count(BUDGET) == 1, "the budget reads otherwise")
    text = text.replace(BUDGET, BUDGET.replace("30s", "10m"))
    text = text.replace(act, act + """      check:
        - pods: {match: "app=${app_label},version=v2,writes=enabled", total: 0}
          within: 60s
""")
    path = os.path.join(place.home, "slow.yaml")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def slow(test):
    """Runs test(start) in a world of its own; start() walks that runbook."""
    def wrapped():
        with Run("--version") as place:
            path = slow_runbook(place)
            practice(lambda start: test(lambda *more: start(path, *more)))()
    wrapped.__doc__ = test.__doc__
    return wrapped


PAGE_UP = ESC + "[5~"
ASKS = re.compile(r"^GATE (\w+) open\.|^STUCK\. Type|^(NO): |^(CLOSED, \S+)",
                  re.M)
WORDS = {gate: word for gate, _, word in GATES}


def answer(run, match, last):
    """Answers what was asked; what was refused is tried again in a moment, as
    a person would. Returns the answer."""
    if match.group(2):
        time.sleep(0.2)
        word = last
    else:
        if not match.group(1):
            send_by_hand(run, match)
        word = WORDS[match.group(1)] if match.group(1) else "retry"
    if run.process.poll() is None:
        run.send(word)
    return word


def go_on(run, label=None):
    """Walks on from that gate (or whatever comes) to the end; returns how it
    ended."""
    word = ""
    for _ in range(100):
        match = run.wait(ASKS.pattern)
        if match.group(3):
            break
        if label:
            check(match.group(1) == label, "it went on at %s" % match.group(0))
            label = None
        word = answer(run, match, word)
    return run.finish()


def absence(records):
    """How long nobody drove it, in ms."""
    return sum(record["mono"] - before["mono"] for before, record in
               zip(records, records[1:]) if record["event"] == "run.resumed")


@practice
def test_parked(start):
    """parked at 2b, resumed there, completed; the clock went on"""
    with start() as run:
        run.pass_gates(until="2b")
        run.send("park a break")
        check(run.finish() == 5, run.text[-1000:])
        check("parked at 2b" in run.command("runs").stdout, "runs")
        with Resumed(run) as again:
            check(go_on(again, "2b") == 0, again.text[-2000:])
        records = run.journal()
        opened = [r for r in records if r["event"] == "window.opened"]
        closed = [r for r in records if r["event"] == "window.closed"]
        check(len(opened) == len(closed) == 1, "one window")
        check(abs(closed[0]["outage_ms"] - closed[0]["mono"]
                  + opened[0]["mono"]) < absence(records) / 2,
              "the clock stopped")
        verified = run.command("transcript", "--verify")
        check(verified.returncode == 0, verified.stderr)
        done = run.command("resume")
        check(done.returncode == 2, "a closed run cannot be resumed")


@practice
def test_changed_since(start):
    """its runbook's file is gone, or has changed: said, and its own text runs"""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "mine.yaml")
        shutil.copy(os.path.join(SOURCE, "runbooks", "aurora-cutover.yaml"),
                    path)
        with start(os.path.relpath(path)) as run:
            run.gate("1")
            run.send("park")
            check(run.finish() == 5, run.text[-1000:])
            opened = run.events("run.opened")[0]["runbook"]["path"]
            check(opened == os.path.realpath(path), opened)
            os.chmod(path, 0o644)
            with open(path, encoding="utf-8") as file:
                text = file.read()
            os.unlink(path)
            with Resumed(run, go_on=False) as again:
                again.wait(r"whether the runbook has changed is not known: "
                           r"\S*mine\.yaml: .*No such file")
                again.wait(r"^RESUME\?")
                again.send("park")
                check(again.finish() == 5, again.text[-1000:])
                check("not as it was" not in again.text, again.text)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text.replace("Flag off, v1 read-only",
                                        "Something else"))
            with Resumed(run, go_on=False) as again:
                again.wait(r"mine\.yaml is not as it was")
                again.confirm()
                check(go_on(again, "1") == 0, again.text[-2000:])
                check("Something else" not in again.text, "another text ran")


@practice
def test_killed_at_a_gate(start):
    """kill -9 at gate 4, a torn last line: resumed at gate 4, completed"""
    with start() as run:
        run.pass_gates(until="4")
        run.process.send_signal(signal.SIGKILL)
        run.finish()
        with open(os.path.join(run.run_dir(), "journal.jsonl"), "ab") as file:
            file.write(b'{"seq": 999, "at": "20')
        with Resumed(run, go_on=False) as again:
            again.wait("last line was torn")
            again.confirm()
            check(go_on(again, "4") == 0, again.text[-2000:])


def killed_at_2b(start):
    """A run whose driver was killed at the gate that takes `promote`."""
    run = start()
    run.pass_gates(until="2b")
    run.process.send_signal(signal.SIGKILL)
    run.finish()
    return run


@practice
def test_asked_on_a_screen(start):
    """killed at a gate that takes a word: y goes on, then the word is asked"""
    run = killed_at_2b(start)
    with Terminal([CUTOVER, "resume"],
                  env={"XDG_STATE_HOME": run.home}) as screen:
        screen.wait_for(r"^RESUME ")
        screen.wait_for("Go on with this run. y goes on")
        check("Type promote" not in screen.text(), screen.text())
        # what was done so far, with the transcript's times
        screen.press("J")
        screen.wait_for(r"^\d\d:\d\d:\d\d\.\d{3}  T\+\d\d\.\d{3}   DONE 2a ")
        screen.wait_for("asks whether to go on: Esc shows it")
        screen.press("d")
        screen.wait_for("^RESUME ")

        def go_on_there():      # y counts once it stood there for a moment
            screen.press("y")
            screen.wait_gone("^RESUME", 2)
        again(go_on_there)
        screen.wait_for("Type promote to go on: *$")

        def promote():
            screen.line(CTRL_U + "promote")
            screen.wait_for("^GATE 3 ", 10)
        again(promote)

        def journal():
            screen.press("J")
            screen.wait_for("DONE 2b ", 2)
        again(journal)
        screen.press(2 * PAGE_UP)
        screen.wait_for("RESUMED by ")
        screen.press(2 * PAGE_UP)
        screen.wait_for("DONE 2a ")
        screen.press(ESC)

        def park():
            screen.press("q")
            screen.wait_for("Park: end here", 2)
            screen.press("y")
            screen.wait_for("^PARKED", 2)
        again(park)
        screen.press(" ")
        check(screen.finish() == (5, None), screen.text())


@practice
def test_killed_at_what_happens_once(start):
    """kill -9 as the smoke test's write is on its way: never sent twice"""
    with start() as run:
        run.pass_gates(until="5a")
        run.send("go")

        def intended():
            return [r for r in run.events("action.intended")
                    if r["step"] == "smoke"]
        wait_until("the intent", intended)
        run.process.send_signal(signal.SIGKILL)
        run.finish()
        with Resumed(run) as again:
            check(go_on(again) == 0, again.text[-2000:])
        check(len(intended()) == 1, "sent twice")


def test_elsewhere():
    """a run in a directory of its own keeps its name: its row is found again"""
    with tempfile.TemporaryDirectory() as folder, \
            World() as world, \
            Live(world, "--run-dir", os.path.join(folder, "own")) as run:
        run.run_dir = lambda: os.path.join(folder, "own")
        run.pass_gates(until="5b")
        run.parks()
        os.rename(run.run_dir(), os.path.join(folder, "o'neil"))
        run.run_dir = lambda: os.path.join(folder, "o'neil")
        tokens = world.sql("aurora", "SELECT token FROM app.sentinel")
        with Resumed(run, run.run_dir()) as again:
            check(go_on(again, "5b") == 0, again.text[-2000:])
        resumed = run.events("run.resumed")[0]
        check(all(row["state"] == "green" for row in resumed["found"]),
              str(resumed["found"]))
        check(run.events("run.opened")[0]["run"] == tokens, tokens)
        world.finish_whole()


def test_never_begun():
    """a run of which nothing was recorded is none that waits to be resumed"""
    with tempfile.TemporaryDirectory() as home, \
            Run("check", "aurora-cutover") as run:
        check(run.finish() == 0, run.text)
        run.home, own = home, run.home
        shutil.rmtree(own)
        place = os.path.join(home, "cutover", "20261130-000000-mine")
        os.makedirs(place)
        for name in ("journal.jsonl", "runbook.yaml", "vars.yaml"):
            with open(os.path.join(place, name), "w", encoding="utf-8"):
                pass
        shutil.copy(os.path.join(SOURCE, "runbooks", "aurora-cutover.yaml"),
                    os.path.join(place, "runbook.yaml"))
        listed = run.command("runs").stdout
        check("nothing was begun" in listed, listed)
        none = run.command("resume", "--plain")
        check(none.returncode == 2 and "no run waits" in none.stderr,
              none.stderr)
        named = run.command("resume", "20261130-000000-mine", "--plain")
        check(named.returncode == 2 and "nothing was begun" in named.stderr,
              named.stderr)


@slow
def test_killed_while_it_rolls_back(start):
    """kill -9 in a rollback: the rollback is gone on with"""
    with start() as run:
        run.pass_gates(until="5b")
        run.send("rollback")
        run.wait(r"^SURE\?")
        run.send("rollback")
        run.wait("^ROLLING BACK")
        run.process.send_signal(signal.SIGKILL)
        run.finish()
        with Resumed(run) as again:
            check(go_on(again) == 4, again.text[-2000:])
        undone = [r["step"] for r in run.events("step.undone")]
        check(undone == ["promote", "flip", "patch-v2", "fence", "read-only"],
              str(undone))


def walk_until(run, current, records):
    """Answers whatever is asked until the journal has so many records, or the
    run has ended."""
    last = [""]

    def there():
        if current.process.poll() is not None:
            return True
        match = ASKS.search(current.text, current.at)
        if match and not match.group(3):
            current.at = match.end()
            last[0] = answer(current, match, last[0])
        return len(run.journal()) >= records
    wait_until("%d records" % records, there, 60)


@practice
def test_killed_anywhere(start):
    """kill -9 at random moments, again and again: completed in the end"""
    seed = int(os.environ.get("SEED", random.randrange(1 << 30)))
    print("seed %d" % seed, flush=True)
    dice = random.Random(seed)
    with start() as run:
        run.gate("1")
        run.at = 0
        current = run
        for _ in range(8):
            walk_until(run, current,
                       len(run.journal()) + dice.randrange(1, 16))
            current.process.send_signal(signal.SIGKILL)
            current.finish()
            if run.events("run.closed"):
                break
            current = Resumed(run)
        if not run.events("run.closed"):
            check(go_on(current) == 0, current.text[-2000:])
        check(run.events("run.closed")[0]["result"] == "completed", "result")
        check(run.command("transcript", "--verify").returncode == 0, "chain")


def test_left_before():
    """a run left in its window: another is begun only by the word, plan says no"""
    with World() as world, Live(world) as run:
        home = {"XDG_STATE_HOME": run.home}
        words = ("run", "aurora-cutover", "--vars", world.vars_file, "--plain")
        run.pass_gates(until="2b")
        left = os.path.basename(run.run_dir())
        plan = run.command("plan", "aurora-cutover", "--vars", world.vars_file)
        check("earlier run" not in plan.stdout, plan.stdout)    # it is driven
        run.parks()
        plan = run.command("plan", "aurora-cutover", "--vars", world.vars_file)
        said = re.sub(r"\s+", " ", plan.stdout)
        check(plan.returncode == 3 and "the run: an earlier run of this cutover "
              "is parked at 2b since 20" in said, plan.stdout)
        check(said.index("earlier run") < said.index("SEEN"), plan.stdout)
        for answer in ("y", "another", "go", None):
            with Run(*words, env=home) as other:
                other.wait(r"^LEFT: an\s+earlier\s+run\s+of\s+this\s+cutover\s+is\s+"
                           r"parked\s+at\s+2b\s+since\s+(\S+\s+){3}and\s+its\s+window\s+is\s+"
                           r"OPEN:\s+users'\s+writes\s+are\s+refused\s+since\s+\S+;\s+"
                           r"'cutover\s+resume\s+%s'" % left)
                other.wait('^ANOTHER. Type "another"')
                if answer:
                    other.say_once(answer)
                else:
                    other.process.stdin.close()
                if answer == "another":
                    other.wait("^RUN ")
                    other.wait("^GATE 1 ")
                    other.send("park")
                    check(other.finish() == 5, other.text[-500:])
                else:
                    check(other.finish() == 1, other.text[-500:])
                    check("no other run was begun; go on with: cutover resume "
                          + left in re.sub(r"\s+", " ", other.text), other.text)
        runs = sorted(os.listdir(os.path.join(run.home, "cutover")))
        check(len(runs) == 2 and runs[0] == left, str(runs))
        told = run.command("transcript", runs[1]).stdout
        check("beside " + left in re.sub(r"\s+", " ", told), told[:3000])
        with Resumed(run, left) as again:
            check(go_on(again, "2b") == 0, again.text[-2000:])
        # what has ended, or has changed nothing, is not asked about
        with Run(*words, env=home) as other:
            other.wait("^RUN ")
            check("LEFT" not in other.text, other.text)
            other.wait("^GATE 1 shut")
            other.send("park")
            other.finish()
        world.finish_whole()


def test_left_elsewhere():
    """a run that was left in another world is none of this one"""
    with World() as one, Live(one) as run:
        run.pass_gates(until="2a")
        run.process.send_signal(signal.SIGKILL)
        run.finish()
        with World() as two, \
                Live(two, env={"XDG_STATE_HOME": run.home}) as other:
            other.gate("1")
            check("LEFT" not in other.text, other.text)
            other.send("park")
            other.finish()
        plan = run.command("plan", "aurora-cutover", "--vars", one.vars_file)
        said = re.sub(r"\s+", " ", plan.stdout)
        check(plan.returncode == 3 and
              "an earlier run of this cutover is broken off at 2a" in said,
              plan.stdout)
        one.finish_whole()


@practice
def test_one_driver(start):
    """a run that is being driven cannot be resumed by another"""
    with start() as run:
        run.gate("1")
        name = os.path.basename(run.run_dir())
        second = run.command("resume", name, "--plain")
        check(second.returncode != 0, "two drivers")
        check(re.search(r"\b%d\b" % run.process.pid, second.stderr),
              "it does not say who drives: %s" % second.stderr)
        run.send("status")
        run.gate("1")           # it goes on as if nobody had tried
        run.send("park")
        check(run.finish() == 5, run.text[-500:])


if __name__ == "__main__":
    main([test_parked, test_changed_since, test_killed_at_a_gate,
          test_asked_on_a_screen, test_killed_at_what_happens_once,
          test_elsewhere, test_never_begun, test_killed_while_it_rolls_back,
          test_killed_anywhere, test_left_before, test_left_elsewhere,
          test_one_driver])
