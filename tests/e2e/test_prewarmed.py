"""aurora-cutover-prewarmed: v2 gets its writes before the window, nothing
restarts in it, and every gate has its way back."""
from faults import Live, World
from walk import Run, check, ledger, main, outage, result, wait_until

BOOK = "aurora-cutover-prewarmed"
GATES = [("0", "prewarm", "go"), ("1", "read-only", "go"),
         ("2a", "fence", "go"), ("2b", "promote", "promote"),
         ("4", "flip", "flip"), ("5a", "smoke", "go"), ("5b", "flag-on", "go")]
# what each gate's way back must undo, in its order
UNDONE = {
    "0": [], "1": ["prewarm"], "2a": ["prewarm", "read-only"],
    "2b": ["prewarm", "fence", "read-only"],
    "4": ["promote", "prewarm", "fence", "read-only"],
    "5a": ["promote", "flip", "prewarm", "fence", "read-only"],
    "5b": ["promote", "flip", "prewarm", "fence", "read-only"],
}


def pass_gates(run, until=None):
    for label, _, word in GATES:
        run.gate(label)
        if label == until:
            return
        run.send(word)


def v2_pods(world):
    return set(world.kubectl("get", "pods", "-l", "version=v2", "-o",
                             "name").split())


def test_autopilot():
    """autopilot: completed, nothing lost, v2 patched before the window"""
    with Run("rehearse", "--autopilot", "--runbook", BOOK) as run:
        check(run.finish(150) == 0, "exit status:\n" + run.text[-2000:])
        check(result(run.text) == "completed", "result")
        acknowledged, present, lost, duplicated = ledger(run.text)
        check(acknowledged == present > 100, "present %d" % present)
        check((lost, duplicated) == (0, 0), "lost, duplicated")
        check(outage(run.text)[0] > 0, "no outage was measured")
        journal = run.journal()
        opened, = [r["seq"] for r in journal if r["event"] == "window.opened"]
        sent = [(r["seq"] > opened, r["request"]) for r in journal
                if r["event"] == "action.intended"]
        patches = [inside for inside, request in sent
                   if "/deployments/" in request]
        check(patches == [False], "Deployments patched: %s" % sent)


def test_nothing_restarts():
    """live, beside a world: v2's pods of before the window serve after it"""
    with World() as world:
        first = v2_pods(world)
        with Live(world, runbook=BOOK) as run:
            pass_gates(run, until="1")
            warm = v2_pods(world)
            check(len(warm) == len(first) and not warm & first,
                  "rolled out: %s, then %s" % (first, warm))
            for label, _, word in GATES[1:]:
                if label != "1":
                    run.gate(label)
                run.send(word)
            run.completes()
            check(v2_pods(world) == warm, "pods restarted in the window")
        world.finish_whole()


def refuses(world, account, wanted):
    """With that account for v2's, gate 0 is shut, for that reason."""
    with Live(world, "--set", "v2_account=" + account, runbook=BOOK) as run:
        run.shuts("0", wanted)
        run.refused()
        run.parks()


def roll_back(run, label):
    run.send("rollback")
    run.wait(r"^SURE\?")
    run.send("rollback")
    check(run.finish() == 4, "exit status 4:\n" + run.text[-2500:])
    undone = [r["step"] for r in run.events("step.undone")]
    check(undone == UNDONE[label], "gate %s undone: %s" % (label, undone))
    check(run.events("rollback.done")[0]["lost"] == 0, "lost, by record")


def test_before_promotion():
    """gates 0 to 2b: the account is proven, each way back leaves all as it was"""
    with World() as world:
        # cutover itself may write under read_only; nobody is logged in
        refuses(world, "cutover", "NO: aurora answers [1-9]")
        refuses(world, "nobody", "NO: aurora answers 0 ")
        for label in ("0", "1", "2a", "2b"):
            with Live(world, runbook=BOOK) as run:
                pass_gates(run, until=label)
                roll_back(run, label)
            wait_until("v2 read-only again", lambda: not world.kubectl(
                "get", "pods", "-l", "version=v2,writes=enabled", "-o",
                "name"))
            check(world.sql("rds", "SELECT @@read_only") == "0" and
                  world.sql("aurora", "SELECT @@read_only") == "1",
                  "who takes writes after gate " + label)
        world.finish_whole()


def rollback_test(label):
    def test():
        with Run("rehearse", "--plain", "--runbook", BOOK) as run:
            pass_gates(run, until=label)
            roll_back(run, label)
            check(result(run.text) == "rolled-back", "result")
            acknowledged, present, lost, duplicated = ledger(run.text)
            check((lost, duplicated) == (0, 0), "lost %d" % lost)
            check(acknowledged == present > 0, "present %d" % present)
    test.__doc__ = "gate %s: rolled back, nothing lost" % label
    return test


if __name__ == "__main__":
    main([test_autopilot, test_nothing_restarts, test_before_promotion] +
         [rollback_test(label) for label in ("4", "5a", "5b")])
