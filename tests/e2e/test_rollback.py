"""Rolling back from each of the seven gates, and after users' writes."""
import os
import re

from faults import Live, World
from walk import (GATES, SOURCE, Run, check, ledger, main, result, wait_until)

# what each gate's way back must undo, in its order
UNDONE = {
    "1": [], "2a": ["read-only"], "2b": ["fence", "read-only"],
    "3": ["promote", "fence", "read-only"],
    "4": ["promote", "patch-v2", "fence", "read-only"],
    "5a": ["promote", "flip", "patch-v2", "fence", "read-only"],
    "5b": ["promote", "flip", "patch-v2", "fence", "read-only"],
}


def roll_back(run):
    run.send("rollback")
    run.wait("^SURE\\?")
    run.send("rollback")


def check_undone(run, steps):
    check(run.finish() == 4, "exit status 4:\n" + run.text[-2500:])
    check(result(run.text) == "rolled-back", "result")
    begun = run.events("rollback.begun")
    check(len(begun) == 1 and begun[0]["undo"] == steps, str(begun))
    undone = [r["step"] for r in run.events("step.undone")]
    check(undone == steps, "undone: %s" % undone)
    shown = [(e["target"], e["request"]) for e in begun[0]["effects"]]
    sent = [(r["target"], r["request"]) for r in run.events("action.intended")
            if r["undo"]]
    check(shown == sent, "shown %s, sent %s" % (shown, sent))


def roll_back_from(label):
    with Run("rehearse", "--plain") as run:
        run.pass_gates(until=label)
        roll_back(run)
        check_undone(run, UNDONE[label])
        check(run.events("rollback.done")[0]["lost"] == 0, "lost, by record")
        acknowledged, present, lost, duplicated = ledger(run.text)
        check((lost, duplicated) == (0, 0), "lost %d" % lost)
        check(acknowledged == present > 0, "present %d" % present)


def rollback_test(label):
    def test():
        roll_back_from(label)
    test.__doc__ = "gate %s: rolled back, nothing lost" % label
    return test


def test_after_users_wrote():
    """after users wrote to aurora: lost is exactly what the record says"""
    with open(os.path.join(SOURCE, "runbooks", "aurora-cutover.yaml"),
              encoding="utf-8") as file:
        text = file.read()
    text += """
  - id: watch
    step: "6"
    title: Watch
    guards: []
    do:
      - manual: Watch for a while.
    undo: none
"""
    with Run("--version") as place:
        path = os.path.join(place.home, "watched.yaml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        with Run("rehearse", "--plain", "--runbook", path) as run:
            run.pass_gates()
            run.gate("6")
            # users write to aurora now; let it be a good number of them
            wait_until("users' writes", lambda: lost_foreseen(run) > 20)
            roll_back(run)
            check_undone(run, ["promote", "flag-on", "flip", "patch-v2",
                               "fence", "read-only"])
            recorded = run.events("rollback.done")[0]["lost"]
            acknowledged, present, lost, duplicated = ledger(run.text)
            check(lost == recorded > 0,
                  "lost %d, by record %s" % (lost, recorded))
            check(duplicated == 0, "duplicated")
            check(present == acknowledged - lost, "present")


def test_left_out():
    """an undo that cannot be done is left out with a reason; the rest goes on"""
    with World() as world, Live(world) as run:
        run.pass_gates(until="4")
        world.kubectl("delete", "deployment", "my-app-v2")
        run.wait("^GATE 4 shut")
        run.roll_back()
        run.wait(r"^WAITING: Deployment my-app-v2 is not there")
        run.send("help")
        run.wait("^skip REASON: ")
        run.send("skip")
        run.wait("^NO: leaving an undo out needs a reason")
        check(world.sql("rds", "SELECT @@read_only") == "1", "rds is fenced")
        run.send("skip v2 was deleted by hand, there is nothing to patch")
        run.completes(4)
        left_out, = run.events("step.skipped")
        check(left_out["step"] == "patch-v2", str(left_out))
        check([r["step"] for r in run.events("step.undone")] ==
              ["promote", "fence", "read-only"], "the rest")
        check("LEFT OUT: v2 was deleted" in re.sub(
            r"\s+", " ", run.command("transcript").stdout), "the transcript")
        check(world.flag_is_on(), "users write again")
        check("\nLEFT OUT: the undo of 3 " in run.text, run.text[-1500:])
        check("LOOK AT THIS" not in run.text, run.text[-1500:])
        world.finish_whole()


def test_fence_left_out():
    """a fence that is left where it is: the end says that users are refused"""
    with World() as world, Live(world) as run:
        run.pass_gates(until="2a")
        world.sql("aurora", "SET GLOBAL read_only = OFF")
        run.send("go")
        run.gate("2b")          # by facts from after the fence
        run.roll_back()
        run.wait(r"^WAITING: ")
        run.send("skip nobody knows who writes to aurora")
        run.completes(4)
        check("\nLEFT OUT: the undo of 2a " in run.text, run.text[-1500:])
        run.wait(r"^LOOK AT THIS, users may be refused still: rds\s+refuses"
                 r"\s+writes")
        world.sql("rds", "SET GLOBAL read_only = OFF")
        world.finish_whole()


def test_others_are_told():
    """a Service that somebody else flipped is not undone, and that is said"""
    with World() as world, Live(world) as run:
        run.pass_gates(until="4")
        world.select("v2")
        run.shuts("4", "NO: .*select")
        run.send("rollback")
        run.wait(r"^ NOT touched by it: my-app-service")
        run.wait("^SURE\\?")
        run.send("rollback")
        run.completes(4)
        run.wait(r"^LOOK AT THIS, users may be refused still:\s+my-app-service")
        world.select("v1")
        world.finish_whole()


def lost_foreseen(run):
    """What the way back says that it loses; then leaves it at that."""
    run.send("rollback")
    match = run.wait(r"(?s)lose[sn]?\D{0,40}?(\d+).*?^SURE\?")
    run.send("status")
    run.gate("6")
    return int(match.group(1))


if __name__ == "__main__":
    main([rollback_test(label) for label, _, _ in GATES] +
         [test_left_out, test_fence_left_out, test_others_are_told,
          test_after_users_wrote])
