"""The way back, told truthfully: how long it takes by what was measured, what
it costs, its own budget; and it survives being parked and killed."""
import os
import re
import signal

from test_resume import (Resumed, absence, go_on, slow, slow_runbook,
                         walk_until)
from test_rollback import UNDONE, check_undone, roll_back
from walk import Run, check, main, wait_until

# records between two kills: enough to get on, and never the same place; twice
# at once, since all may be over before a busy machine looks again
KILLS = (0, 0, 5, 7, 6, 9, 8, 11, 7, 10)


class Another(Run):
    """A further process in the home of an earlier one, with a run of its own."""

    def __init__(self, earlier, *arguments):
        super().__init__(*arguments, env={"XDG_STATE_HOME": earlier.home})
        self.own, self.home = self.home, earlier.home

    def run_dir(self):
        base = os.path.join(self.home, "cutover")
        return os.path.join(base, max(os.listdir(base)))

    def close(self):
        self.home = self.own
        super().close()


def resumed(earlier):
    """Goes on with a run that was left in its way back, as its operator."""
    run = Resumed(earlier)
    run.wait("^RESUMED by ")
    return run


def undo_times(run):
    """{step: ms} from the opening of its gate to its end, by the journal."""
    times, opened = {}, None
    for record in run.journal():
        if record["event"] == "gate.opened" and record["undo"]:
            opened = record["mono"]
        if record["event"] == "step.undone":
            times[record["step"]] = record["mono"] - opened
    return times


def seconds(ms):
    return (ms + 999) // 1000


def cost_at(run, label):
    """What that gate says of its way back, in one line."""
    text = run.wait(r"^GATE %s  (?:.|\n)*?^GATE %s open\." % (label, label)).group(0)
    cost = re.search(r"^WAY BACK: ((?:.|\n)*?)(?=^[A-Z])", text, re.M)
    check(cost, "no way back at gate %s:\n%s" % (label, text))
    return re.sub(r"\s+", " ", cost.group(1)).strip(), text


def not_measured_at_all(run):
    """The first run ever: nothing was measured, and that is what it says."""
    cost, _ = cost_at(run, "1")
    check(cost == "nothing was changed yet", cost)
    run.send("go")
    cost, text = cost_at(run, "2a")
    check(cost == "1 step, nothing is lost; how long was not measured", cost)
    check("DECIDE BY: unknown, the way back was not measured" in text, text)
    run.send("go")
    run.gate("2b")
    roll_back(run)
    check_undone(run, UNDONE["2b"])
    begun = run.events("rollback.begun")[0]
    check((begun["takes_ms"], begun["unmeasured"]) == (0, 2), str(begun))


def measured_in_part(run, times):
    """The second: two of its steps were undone in the first."""
    two = times["fence"] + times["read-only"]
    run.pass_gates(until="1")
    run.send("go")
    run.gate("2a")
    run.send("go")
    cost, text = cost_at(run, "2b")
    check(cost == "2 steps, nothing is lost; about %d s (measured in 1 "
          "rehearsal)" % seconds(two), "%s, not %d ms" % (cost, two))
    check(re.search(r"^DECIDE BY \d\d:\d\d:\d\d ", text, re.M), text)
    run.send("promote")
    cost, text = cost_at(run, "3")
    check(cost.startswith("0 transactions lost, aurora to be rebuilt; at least ")
          and cost.endswith("; 1 of 3 steps not measured"), cost)
    check("DECIDE BY: unknown" in text, text)
    for label, word in (("3", "go"), ("4", "flip"), ("5a", "go")):
        if label != "3":
            run.gate(label)
        run.send(word)
    run.gate("5b")
    run.send("rollback")
    page = run.wait(r"(?s)^THE WAY BACK.*?^SURE").group(0)
    check("3 of 5 steps not measured" in re.sub(r"\s+", " ", page), page)
    check(len(re.findall(r"undo \w+ .* not measured$", page, re.M)) == 3, page)
    check("Its budget is 10:00" in page, page)
    run.send("rollback")
    check_undone(run, UNDONE["5b"])
    begun = run.events("rollback.begun")[0]
    check((begun["takes_ms"], begun["unmeasured"]) == (two, 3), str(begun))


def measured(run, expected):
    """The third: all is known, of two rehearsals the longer time."""
    run.pass_gates(until="5b")
    roll_back(run)
    check_undone(run, UNDONE["5b"])
    begun, done = (run.events("rollback." + e)[0] for e in ("begun", "done"))
    check((begun["takes_ms"], begun["unmeasured"]) == (expected, 0),
          "%s, not %d" % (begun, expected))
    took = sum(undo_times(run).values())
    # by the records' clock: what was decided is recorded a moment later
    check(took <= done["mono"] - begun["mono"],
          "from %s to %s, the steps %d" % (begun["mono"], done, took))
    told = run.command("transcript").stdout
    check("ROLLBACK DONE, took" in told and "within its budget of 10:00.000"
          in told, told)


def test_measured():
    """not measured, measured in part, measured: as the journals have it"""
    with Run("--version") as place:
        again = ("rehearse", "--plain", "--runbook", slow_runbook(place))
        with Run(*again) as first:
            not_measured_at_all(first)
            known = undo_times(first)
            with Another(first, *again) as second:
                measured_in_part(second, known)
                for step, ms in undo_times(second).items():
                    known[step] = max(ms, known.get(step, 0))
            with Another(first, *again) as third:
                measured(third, sum(known.values()))


@slow
def test_over_budget(start):
    """over its budget: said, and it goes on to its end"""
    with start("--set", "way_back_budget=500ms") as run:
        run.pass_gates(until="5b")
        roll_back(run)
        # one long step may pass over the marks before
        run.wait("^CLOCK: the way back is over its budget")
        check(run.finish() == 4, run.text[-2000:])
        told = run.command("transcript").stdout
        check("OVER ITS BUDGET of 0.500 s" in told, told)


@slow
def test_parked_on_the_way_back(start):
    """parked in the way back, by hand and by a signal: rolled back in the end"""
    with start() as run:
        run.pass_gates(until="5b")
        roll_back(run)
        run.wait("^UNDONE 4 ")
        run.process.send_signal(signal.SIGTERM)
        check(run.finish() == 5, run.text[-2000:])
        check("parked, undoing 3" in run.command("runs").stdout, "runs")
        with resumed(run) as second:
            # its pods are awaited for seconds then
            wait_until("step 3's undoing", lambda: any(
                r["step"] == "patch-v2" and r["undo"]
                for r in run.events("action.done")))
            second.send("park a break")
            check(second.finish() == 5, second.text[-2000:])
        with resumed(run) as third:
            check(go_on(third) == 4, third.text[-2000:])
            check_shown(third, run.journal())
        check_walked(run, "run.parked")


@slow
def test_killed_on_the_way_back(start):
    """kill -9 in the way back, again and again: rolled back in the end"""
    with start() as run:
        run.pass_gates(until="5b")
        roll_back(run)
        wait_until("the way back", lambda: run.events("rollback.begun"))
        current = run
        for records in KILLS:
            walk_until(run, current, len(run.journal()) + records)
            current.process.send_signal(signal.SIGKILL)
            current.finish()
            if run.events("run.closed"):
                break
            current = resumed(run)
        if not run.events("run.closed"):
            check(go_on(current) == 4, current.text[-2000:])
        check_walked(run, "run.resumed")


def check_shown(run, records):
    """Whatever was sent after the last resumption was shown before it."""
    shown = "".join(run.text[:run.text.index("RESUME?")].split())
    resumed_at = max(i for i, r in enumerate(records)
                     if r["event"] == "run.resumed")
    sent = [r for r in records[resumed_at:] if r["event"] == "action.intended"]
    check(len(sent) >= 2, "it sent %d" % len(sent))
    for record in sent:
        check("".join(record["request"].split()) in shown,
              "not shown: %s\n%s" % (record["request"], run.text[:3000]))


def check_walked(run, event):
    """Every step was undone once, in order, though it was left at least twice
    on the way; nothing is lost, and the record holds."""
    records = run.journal()
    begun = [r["event"] for r in records].index("rollback.begun")
    left = [r for r in records[begun:] if r["event"] == event]
    check(len(left) >= 2, "it was left %d times" % len(left))
    undone = [r["step"] for r in records if r["event"] == "step.undone"]
    check(undone == UNDONE["5b"], str(undone))
    check(records[-1]["event"] == "run.closed"
          and records[-1]["result"] == "rolled-back", str(records[-1]))
    done = run.events("rollback.done")
    check(len(done) == 1 and done[0]["lost"] == 0, str(done))
    # the clock of the way back went on while nobody walked it
    check(done[0]["took_ms"] >= done[0]["mono"] - records[begun]["mono"]
          - absence(records[begun:]) / 2, str(done))
    verified = run.command("transcript", "--verify")
    check(verified.returncode == 0, verified.stderr)


if __name__ == "__main__":
    main([test_measured, test_over_budget, test_parked_on_the_way_back,
          test_killed_on_the_way_back])
