#!/usr/bin/env python3
"""What goes wrong in a real cutover, on real parts.

Each case breaks one thing from outside, then looks at what the operator is
told, at what the record says, and in the end at the users' ledger.
"""
import glob
import os
import shutil
import signal
import tempfile
import threading

from faults import KUBECTL, MYSQL, Live, World, world_and_pids
from walk import SOURCE, Run, check, lives, main, wait_until

HARD = "this guard is hard"


def test_wrong_token():
    """flag service refuses the token: STUCK, mended, retry, completed"""
    with World() as world:
        token = os.path.join(world.place, "token")
        shutil.copy(world.vars["flag_token_file"], token)
        with Live(world, "--set", "flag_token_file=" + token) as run:
            run.gate("1")
            with open(token, "w", encoding="utf-8") as file:
                file.write("worn-out")
            run.send("go")
            run.wait("^FAILED: answered 401")
            run.wait("^STUCK 1 ")
            failed, = run.events("action.failed")
            check(failed["outcome"] == "failed" and "401" in failed["error"],
                  str(failed))
            check(world.flag_is_on(), "the flag went off all the same")
            run.send("go")
            run.wait("^NO: ")
            shutil.copy(world.vars["flag_token_file"], token)
            run.retry()
            run.gate("2a")
            run.go_on("2a")
            run.completes()
            check([r["retry"] for r in run.events("gate.confirmed")][:2] ==
                  [False, True], "the retry is not in the record")
        world.finish_whole()


def test_selector_changed():
    """somebody else flips the Service: gate 4 shuts, opens when it is back"""
    with World() as world, Live(world) as run:
        run.pass_gates(until="4")
        world.select("v2")
        run.shuts("4", "NO: .*select")
        run.refused("flip")
        check([r for r in run.events("guard.changed") if r["state"] == "red"
               and "select" in r["text"]], "record")
        world.select("v1")
        run.gate("4")
        run.go_on("4")
        run.completes()
        world.finish_whole()


def test_open_transaction():
    """a console's open transaction: quiet names it; the fence cuts it off"""
    with World() as world, world.console("rds") as console, \
            Live(world) as run:
        run.gate("1")
        console.say("BEGIN",
                    "INSERT INTO sentinel (token, pod) VALUES ('c', 'console')")
        run.send("go")
        run.shuts("2a", r"NO: rds: 1 open write transaction \(app@")
        run.refused()
        run.send("override 2")
        run.wait("^NO: ")
        run.send("override 2 the console is mine and may be cut off")
        run.gate("2a")
        run.send("go")
        run.gate("2b")
        answer = console.say("COMMIT")
        check("read-only" in answer, "the COMMIT passed the fence: " + answer)
        run.go_on("2b")
        run.completes()
        text = run.command("transcript").stdout
        check("mine and may be" in text, "the reason is not in the transcript")
        check(world.sql("aurora", "SELECT COUNT(*) FROM app.sentinel "
                        "WHERE token = 'c'") == "0", "its row is on aurora")
        world.finish_whole()


def test_cron_job():
    """a job that ignores the flag: quiet is red until it stops"""
    with World() as world, world.console("rds") as first, \
            world.console("rds") as second, Live(world) as run:
        stop = threading.Event()

        def write(one, other):
            # however long this stalls, one of them has a transaction open
            insert = ("BEGIN", "INSERT INTO sentinel (token, pod) "
                      "VALUES (UUID(), 'job')")
            one.say(*insert)
            while not stop.wait(0.03):
                other.say(*insert)
                one.say("COMMIT")
                one, other = other, one
            one.say("COMMIT")
        job = threading.Thread(target=write, args=(first, second))
        job.start()
        try:
            run.gate("1")
            run.send("go")
            run.shuts("2a", "NO: rds")
            run.refused()
        finally:
            stop.set()
            job.join()
        run.gate("2a")
        run.go_on("2a")
        run.completes()
        world.finish_whole()


def test_errant():
    """a write on aurora alone: hard guard, no override; back without loss"""
    with World() as world, Live(world) as run:
        run.pass_gates(until="2a")
        with world.console("aurora") as console:
            check("read-only" in console.say("INSERT INTO sentinel (token, "
                                             "pod) VALUES ('e', 'e')"),
                  "aurora takes writes")
            world.sql("aurora", "SET GLOBAL read_only = OFF")
            run.send("note somebody opens aurora")
            console.say("INSERT INTO sentinel (token, pod) "
                        "VALUES ('e', 'errant')")
            world.sql("aurora", "SET GLOBAL read_only = ON")
        run.shuts("2a", "NO: transactions on aurora that rds lacks: 1")
        run.refused()
        run.refused("override 4 it will be fine", HARD)
        run.roll_back()
        run.completes(4)
        check(world.flag_is_on(), "the flag is off")
        world.finish_whole()


def test_replication_stopped():
    """aurora's SQL thread stops: gate 1 shuts; started: it opens"""
    with World() as world, Live(world) as run:
        run.gate("1")
        world.sql("aurora", "STOP SLAVE SQL_THREAD")
        run.shuts("1", "NO: aurora replicates: io runs, sql stopped")
        run.refused()
        world.sql("aurora", "START SLAVE SQL_THREAD")
        run.gate("1")
        run.go_on("1")
        run.completes()
        world.finish_whole()


def sent_to_frozen(world, run):
    """Says "go" while rds is frozen, then gives up waiting. False: its facts
    had grown old before."""
    with world.frozen("rds"):
        run.say_once("go")
        if run.wait("^(SENT to rds |NO: )").group(1) == "NO: ":
            return False
        run.send("cancel")
        run.wait("^UNKNOWN whether it happened")
        return True


def test_frozen():
    """a database freezes: stale facts shut the gate; it wakes: they open it"""
    with World() as world, Live(world) as run:
        run.gate("1")
        with world.frozen("aurora"):
            run.shuts("1", "(unknown|UNKNOWN): aurora, ")
            run.refused()
        run.gate("1")
        run.send("go")
        run.gate("2a")
        while not sent_to_frozen(world, run):
            run.send("status")
            run.gate("2a")
        failed, = run.events("action.failed")
        check(failed["outcome"] == "unknown", str(failed))
        run.retry()
        run.gate("2b")
        run.go_on("2b")
        run.completes()
        world.finish_whole()


def test_target_killed():
    """aurora dies before it is promoted: shut; the way back names its wait"""
    with World() as world, Live(world) as run:
        run.pass_gates(until="2a")
        os.kill(world.database_pid("aurora"), signal.SIGKILL)
        run.shuts("2a", "(unknown|UNKNOWN): aurora, ")
        run.refused()
        run.refused("override 4 it will be fine", HARD)
        run.roll_back()
        # nobody knows whether aurora takes writes: the flag stays down
        run.wait("^WAITING: ")
        run.wait(r"^GUARD 1 UNKNOWN: rds takes writes \(read_only=0\);\s+aurora,")
        check(not world.flag_is_on(), "the flag went up")
        run.send("park aurora is dead")
        run.completes(5)
        world.finish_whole()


def test_source_killed():
    """rds dies after the promotion: shut, parked; its rows are on aurora"""
    with World() as world, Live(world) as run:
        run.pass_gates(until="3")
        os.kill(world.database_pid("rds"), signal.SIGKILL)
        run.shuts("3", "(unknown|UNKNOWN): rds, ")
        run.refused()
        run.refused("override 3 it is gone for good", HARD)
        orders = int(world.sql("aurora", "SELECT COUNT(*) FROM app.orders"))
        run.parks()
        run.is_whole()
        world.process.terminate()
        check(world.finish(60) == 1, "the ledger of a dead database")
        check(orders > 0, "aurora has no rows")


def signalled(number, reason):
    with World() as world, Live(world) as run:
        run.pass_gates(until="2a")
        run.process.send_signal(number)
        run.completes(5)
        parked, = run.events("run.parked")
        check(parked["reason"] == reason, str(parked))
        check("PARKED: " + reason in run.text, run.text[-1000:])
        check(len(run.events("action.intended")) == 1, "more was sent")
        check(not world.flag_is_on(), "parking changed the world")
        world.finish_whole()


def test_terminated():
    """SIGTERM at a gate: parked, exit 5, the record whole"""
    signalled(signal.SIGTERM, "terminated")


def test_hung_up():
    """SIGHUP at a gate: parked, exit 5, the record whole"""
    signalled(signal.SIGHUP, "the terminal went away")


def test_killed():
    """kill -9 of a rehearsal: its processes end, its directory goes"""
    place = tempfile.mkdtemp(prefix="cf", dir="/tmp")
    os.chmod(place, 0o711)
    try:
        with Run("rehearse", "--plain", env={"TMPDIR": place}) as run:
            pids = world_and_pids(run)
            run.gate("1")
            os.kill(pids[0], signal.SIGSTOP)    # it cannot tidy up
            run.process.kill()
            run.process.wait()
            os.kill(pids[0], signal.SIGKILL)
            wait_until("their end", lambda: not any(map(lives, pids)))
            check(run.command("transcript", "--verify").returncode == 0,
                  "the record is not whole")
            check("cannot be resumed: its practice world is gone" in
                  run.command("runs").stdout, run.command("runs").stdout)
            for which in ([], [os.path.basename(run.run_dir())]):
                done = run.command("resume", *which, "--plain")
                check(done.returncode and (
                    "world of this rehearsal is gone" if which else
                    "no run waits to be resumed") in done.stderr, done.stderr)
        left = glob.glob(place + "/cutover-world-*")
        check(len(left) == 1, "left behind: %s" % left)
        with Run("rehearse", "--plain", env={"TMPDIR": place}) as run:
            run.gate("1")
            wait_until(left[0] + " to go", lambda: not os.path.exists(left[0]))
            pids = world_and_pids(run)
            run.process.kill()                  # now it can
            run.finish()
            wait_until("their end", lambda: not any(map(lives, pids)))
        wait_until("the directory to go",
                   lambda: not glob.glob(place + "/cutover-world-*"))
    finally:
        shutil.rmtree(place, ignore_errors=True)


def test_world_dies():
    """a world alone whose process is killed: it is said, exit 1"""
    with Run("rehearse", "--world") as run:
        pids = world_and_pids(run)
        run.wait("^From another terminal")
        os.kill(pids[0], signal.SIGKILL)
        check(run.finish() == 1, run.text[-500:])
        check("the practice world has ended" in run.text, run.text[-500:])
        wait_until("their end", lambda: not any(map(lives, pids)))


def test_never_ready():
    """v2's new pods never get ready: late, STUCK; rolled back, lost 0"""
    with open(os.path.join(SOURCE, "runbooks", "aurora-cutover.yaml"),
              encoding="utf-8") as file:
        text = file.read()
    check(text.count("within: 15m") == 1, "the runbook's check has changed")
    with World() as world:
        path = os.path.join(world.place, "hasty.yaml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text.replace("within: 15m", "within: 2s"))
        with Live(world, runbook=path) as run:
            run.pass_gates(until="3")
            world.kubectl("set", "env", "deployment/my-app-v2", "DB_PORT=1")
            # its new version is part of what would be sent: shown anew
            run.wait("^WOULD SEND NOW")
            run.gate("3")
            run.send("go")
            # a controller that writes the status is faster now and then: 409
            while run.wait("^(CHECK LATE: .*0 |STUCK 3 )").group(1) == "STUCK 3 ":
                run.retry()
            run.wait("^STUCK 3 ")
            check(len(run.events("check.timed-out")) == 1, "the record")
            run.roll_back()
            run.completes(4)
            done, = run.events("rollback.done")
            check(done["lost"] == 0, str(done))
        world.finish_whole()


def test_secrets():
    """no password, token or key in what is shown, kept or titled"""
    with World() as world, Live(world) as run:
        run.pass_gates(until="3")
        titles = ""
        for name in ("cmdline", "environ"):
            with open("/proc/%d/%s" % (run.process.pid, name),
                      encoding="utf-8") as file:
                titles += file.read()
        run.send("status")
        run.gate("3")
        run.send("go")
        run.gate("4")
        run.go_on("4")
        run.completes()
        kept = ""
        for path in glob.glob(run.run_dir() + "/*"):
            with open(path, encoding="utf-8") as file:
                kept += file.read()
        pages = [run.command("transcript", "--format", name).stdout
                 for name in ("text", "markdown", "html", "json")]
        check(all(pages), "a transcript is empty")
        for secret in world.secrets():
            check(len(secret) > 16, "too short to look for")
            for where in (titles, run.text, kept, *pages):
                check(secret not in where, "a secret in " + where[:60])
        world.finish_whole()


if __name__ == "__main__":
    for tool, name in ((MYSQL, "mysql client"), (KUBECTL, "kubectl")):
        if not tool:
            print("SKIP: no " + name)
            raise SystemExit(77)
    main([test_wrong_token, test_selector_changed, test_open_transaction,
          test_cron_job, test_errant, test_replication_stopped, test_frozen,
          test_target_killed, test_source_killed, test_terminated, test_hung_up,
          test_killed, test_world_dies, test_never_ready, test_secrets])
