"""The source takes writes after its fence, or a runbook would let both sides
take them: it is seen, said, counted, and never becomes two writers."""
import os
import re

from faults import Live, World
from walk import SOURCE, Failure, check, main, wait_until

SHIPPED = os.path.join(SOURCE, "runbooks", "aurora-cutover.yaml")


def write_past_the_fence(world):
    with world.console("rds") as console:
        world.sql("rds", "SET GLOBAL read_only = OFF")
        console.say("INSERT INTO sentinel (token, pod) "
                    "VALUES ('tripwire', 'console')")
        world.sql("rds", "SET GLOBAL read_only = ON")


def test_tripwire():
    """a console writes to rds after the fence: red, counted, flag locked, back"""
    with World() as world, Live(world) as run:
        run.pass_gates(until="4")
        write_past_the_fence(world)
        says(run, "TWO WRITERS: rds took 1 transaction after its fence; "
                  "the flag is locked:")
        record = run.events("tripwire")[-1]
        check(record["transactions"] == 1 and record["since"] == "fence" and
              re.fullmatch(r"[\d.-]+", record["gtids"]), str(record))
        wait_until("a shut gate", lambda: "GATE 4 shut" in run.text)
        run.refused("flip")
        run.refused("override 3 it was only me", "this guard is hard")
        run.roll_back()
        run.completes(4)
        check(run.events("run.closed")[0]["result"] == "rolled-back", "result")
        check(run.events("rollback.done")[0]["lost"] == 0, "lost")
        check(world.flag_is_on(), "the way back raises the flag")
        world.finish_whole()


def test_tripwire_of_a_fence_by_hand():
    """rds is fenced by hand: it is watched from then on as if by statement"""
    with World() as world:
        text = shipped().replace("- fence: rds", "- fence: rds\n        by_hand: "
                                 "Set read_only to 1.")
        with Live(world, runbook=written(world, text)) as run:
            run.pass_gates(until="2a")
            says(run, "on by hand: Set read_only to 1.")
            world.sql("rds", "SET GLOBAL read_only = ON")
            run.send("go")
            run.gate("2b")
            write_past_the_fence(world)
            says(run, "TWO WRITERS: rds took 1 transaction after its fence; "
                      "the flag is locked:")
            check(run.events("tripwire")[-1]["since"] == "fence", "since")
            run.roll_back()
            run.completes(4)
        world.finish_whole()


def test_unfenced_by_hand():
    """rds is unfenced by hand: the way back waits for whoever does it"""
    with World() as world:
        text = shipped().replace("- unfence: rds", "- unfence: rds\n"
                                 "          by_hand: Set read_only to 0.")
        with Live(world, runbook=written(world, text)) as run:
            run.pass_gates(until="2b")
            run.roll_back()
            says(run, "on by hand: Set read_only to 0.")
            says(run, 'UNDO 2a by hand: do it, then type "go"')
            check(not [r for r in run.events("action.intended")
                       if r["undo"]], "it went on by itself")
            world.sql("rds", "SET GLOBAL read_only = OFF")
            run.send("go")
            run.completes(4)
            check([r["step"] for r in run.events("step.undone")] ==
                  ["fence", "read-only"], "undone")
        world.finish_whole()


def bare(text):
    """The runbook without guards, and its checks with them."""
    text = re.sub(r"(?m)^( +)guards:\n(?:\1 .*\n)+", r"\1guards: []\n", text)
    return re.sub(r"(?m)^( +)check:\n(?:\1 .*\n)+", "", text)


def written(world, text):
    path = os.path.join(world.place, "runbook.yaml")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def says(run, words):
    """Waits for words that may be wrapped."""
    pattern = r"\s+".join(re.escape(word) for word in words.split())
    try:
        wait_until(words, lambda: re.search(pattern, run.text))
    except Failure as failure:
        raise Failure("%s\n%s" % (failure, run.text[-1500:])) from None


def writable(world):
    return [world.sql(name, "SELECT @@global.read_only") == "0"
            for name in ("rds", "aurora")]


def shipped():
    with open(SHIPPED, encoding="utf-8") as file:
        return file.read()


def test_no_guards_no_fence():
    """no guards, rds never fenced: promoting is refused, and says by what"""
    text = bare(shipped()).replace("- fence: rds", "- manual: trust me")
    with World() as world, Live(world,
                                runbook=written(world, text)) as run:
        run.gate("1")
        run.send("go")
        run.gate("2a")
        run.send("go")
        run.wait("^GATE 2b shut")
        says(run, "two databases could take users' writes at once: rds takes "
                  "writes (read_only=0);")
        run.refused("promote")
        check(writable(world) == [True, False], str(writable(world)))
        run.roll_back()
        run.completes(4)
        world.finish_whole()


def test_rollback_reversed():
    """the way back in a nonsense order: it waits, rather than open rds"""
    text = bare(shipped()).replace(
        "rollback: [promote, flag-on, flip, patch-v2, fence, read-only]",
        "rollback: [fence, read-only, flag-on, flip, patch-v2, promote]")
    with World() as world, Live(world,
                                runbook=written(world, text)) as run:
        run.pass_gates(until="5a")
        check(writable(world) == [False, True], str(writable(world)))
        run.roll_back()
        says(run, "WAITING: refused, since two databases could take users' "
                  "writes at once: aurora takes writes (read_only=0)")
        check(writable(world) == [False, True], str(writable(world)))
        check(not [r for r in run.events("action.intended") if r["undo"]],
              "something of the way back was sent")
        run.parks()
        world.finish_whole()


if __name__ == "__main__":
    main([test_tripwire, test_tripwire_of_a_fence_by_hand,
          test_unfenced_by_hand,
          test_no_guards_no_fence, test_rollback_reversed])
