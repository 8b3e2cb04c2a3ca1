#!/usr/bin/env python3
"""A disk that does not answer, under the real tool: nothing is sent that is not
on it, and nothing else stands still: the screen, the Lease, the way out."""
import contextlib
import glob
import os
import re
import shutil
import signal
import tempfile
import time

import terminal
from faults import Live, World
from test_journal import FailingDisk, expired, spaced, state, verified
from walk import CUTOVER, Failure, Resumed, check, main, wait_until


def renewed(world):
    """When the Lease of the run was renewed last."""
    return world.kubectl("get", "lease", "-o",
                         "jsonpath={.items[0].spec.renewTime}")


def journal(home):
    """The text of its only run's."""
    path, = glob.glob(os.path.join(home, "cutover", "*", "journal.jsonl"))
    with open(path, encoding="utf-8") as file:
        return file.read()


def test_goes_on():
    """nothing is sent and the Lease is kept; it answers: what was said is done"""
    with World() as world, FailingDisk() as disk, \
            Live(world, "--set", "lease=6s", env=disk.env) as run:
        run.gate("1")
        run.go_on("1", before="2a")
        before, records = state(world), len(run.journal())
        with disk.fails(stall=1):
            run.send("go")
            run.wait(spaced("^CONFIRMED, waits for the journal"))
            run.wait(spaced("^PROBLEM: the journal waits for its disk, and "
                            "nothing is sent before: the run goes on by itself"))
            # longer than it lasts
            for _ in range(8):
                last = renewed(world)
                wait_until("the Lease to be renewed",
                           lambda: renewed(world) != last)
            run.send("status")
            run.wait("^GATE 2a ")
            check(state(world) == before, "an effect without a record")
            check(not re.search("^CONFIRMED 2a", run.text, re.M),
                  "confirmed before it was recorded")
        run.wait("^CONFIRMED 2a")
        check(not re.search(spaced("not renewed in time"), run.text),
              "the Lease was lost")
        run.gate("2b")
        run.go_on("2b")
        run.completes()
        check(verified(run) == len(run.journal()) > records, "the record")
        sent = run.events("action.intended")
        check(len(sent) == len(run.events("action.done")), "done twice, or not")
        world.finish_whole()


def test_left():
    """on the screen: it says what it waits for, p leaves; what was not
    acknowledged is not in the record"""
    home = tempfile.mkdtemp(prefix="cutover-e2e-")
    with World() as world, FailingDisk() as disk, terminal.Terminal(
            [CUTOVER, "run", "aurora-cutover", "--vars", world.vars_file],
            env={**disk.env, "XDG_STATE_HOME": home}) as screen:
        screen.wait_for("The gate is open: y to go on")
        with disk.fails(stall=1):
            for _ in range(10):         # the gate may shut for a moment
                screen.press("y")
                with contextlib.suppress(Failure):
                    screen.wait_for("^CONFIRMED, waits for the journal|"
                                    "^The journal cannot be written", 2)
                    break
            screen.wait_for("p withdraws it")
            screen.press("m")
            screen.wait_for(spaced("the journal waits for its disk"))
            screen.press("m")
            screen.press("p")
            screen.wait_for("Park: end here")
            screen.press("y")
            screen.wait_for("Any key leaves")
            screen.press("q")
            screen.wait_for("the disk has not answered yet")
        check(screen.finish() == (5, None), screen.text())
        check(screen.restored() == "", screen.restored())
        check(world.flag_is_on(), "an effect without a record")
        check("gate.confirmed" not in journal(home), "it was withdrawn")
        world.finish_whole()
    shutil.rmtree(home)


def outage_begins(run):
    """When the record says so, in milliseconds of the run."""
    return run.events("window.opened")[0]["mono"]


def test_outage():
    """the outage begins with the act, not with the wait for the disk"""
    with World() as world, FailingDisk() as disk, \
            Live(world, env=disk.env) as run:
        run.gate("1")
        with disk.fails(stall=1):
            run.send("go")
            run.wait(spaced("^CONFIRMED, waits for the journal"))
            begun = time.monotonic()
            run.wait(spaced("^PROBLEM: the journal waits for its disk"))
            time.sleep(1)
            waited = 1000 * (time.monotonic() - begun)
        run.wait("^CONFIRMED 1")
        gate = run.events("gate.opened")[0]["mono"]
        check(outage_begins(run) - gate >= waited,
              "the outage began %s ms after the gate, the disk stood %s ms"
              % (outage_begins(run) - gate, waited))
        run.gate("2a")
        run.roll_back()
        run.completes(4)
        world.finish_whole()


def on_its_way(run):
    """Waits until it is told that a record waits for the disk."""
    wait_until("a record to be on its way", lambda: re.search(
        spaced("^JOURNAL: it cannot be written"), run.text, re.M))


def goes_back(run):
    """Rolls back from the gate at hand, to the end."""
    run.send("rollback")
    run.wait(r"^SURE\?")
    run.send("rollback")
    check(run.finish() == 4, run.text[-3000:])


def goes_back_resumed(run):
    with Resumed(run) as again:
        again.wait("^GATE .* open")
        goes_back(again)


def test_rolled_back():
    """a rollback that waits for the disk goes on by itself"""
    with World() as world, FailingDisk() as disk, \
            Live(world, env=disk.env) as run:
        run.gate("1")
        run.go_on("1", before="2b")
        with disk.fails(stall=1):
            run.roll_back()
            run.wait(spaced("^ROLLBACK CONFIRMED, waits for the journal"))
            check(not run.events("action.intended")[-1].get("undo"), "sent")
        run.completes(4)
        world.finish_whole()


def test_rollback_forgotten():
    """meanwhile it would lose more: it is forgotten, and said so"""
    with World() as world, FailingDisk() as disk, \
            Live(world, env=disk.env) as run:
        run.gate("1")
        run.go_on("1", before="3")
        with disk.fails(stall=1):
            run.send("rollback")
            run.wait(r"^SURE\?")
            run.say_once("rollback")
            run.wait(spaced("^ROLLBACK CONFIRMED, waits for the journal"))
            with world.console("aurora") as console:
                console.say("INSERT INTO sentinel (token, pod) "
                            "VALUES ('p', 'console')")
            run.wait(spaced("^PROBLEM: the way back that was confirmed could "
                            "not be recorded in time and is forgotten"))
        wait_until("it to be taken back",
                   lambda: not run.events("rollback.begun"))
        run.gate("3")
        goes_back(run)
        world.finish_whole()


def test_rollback_withdrawn():
    """park withdraws it: nothing of it is sent, or on record"""
    with World() as world, FailingDisk() as disk, \
            Live(world, env=disk.env) as run:
        run.gate("1")
        run.go_on("1", before="2a")
        with disk.fails(stall=1):
            run.roll_back()
            run.wait(spaced("^ROLLBACK CONFIRMED, waits for the journal"))
            run.send("park")
            run.wait(spaced("left without a record of it"))
        check(run.finish() == 5, run.text[-2000:])
        check(not run.events("rollback.begun"), "it was withdrawn")
        goes_back_resumed(run)
        world.finish_whole()


def test_stays():
    """left while a record waits for the disk: it is there all the same"""
    with World() as world, FailingDisk() as disk, \
            Live(world, env=disk.env) as run:
        run.gate("1")
        run.go_on("1", before="2a")
        with disk.fails(stall=1):
            run.send("note what waits is a note")
            on_its_way(run)
            run.process.send_signal(signal.SIGTERM)
            run.wait(spaced("left without a record of it"))
            run.wait(spaced("the disk has not answered yet"))
        check(run.finish() == 5, run.text[-2000:])
        check([r["text"] for r in run.events("note")][-1] ==
              "what waits is a note", "it is lost")
        check(verified(run) == len(run.journal()), "the record")
        goes_back_resumed(run)
        world.finish_whole()


def test_not_waited_for():
    """left, and the disk never answers: Ctrl-C does not wait for it"""
    with World() as world, FailingDisk() as disk, \
            Live(world, env=disk.env) as run:
        run.gate("1")
        with disk.fails(stall=1):
            run.send("note it waits")
            on_its_way(run)
            run.send("park")
            run.wait(spaced("the disk has not answered yet"))
            run.process.send_signal(signal.SIGINT)
            check(run.finish() == 5, run.text[-2000:])
            check(re.search("^run: parked; go on with", run.text, re.M),
                  run.text[-500:])
        world.finish_whole()


def test_parked_soon():
    """a disk that is only slow: what is parked is on record"""
    with World() as world, FailingDisk() as disk, \
            Live(world, env=disk.env) as run:
        run.gate("1")
        with disk.fails(stall=1):
            run.send("note it waits a moment")
            on_its_way(run)
            run.send("park")
            run.say_once("status")
        check(run.finish() == 5, run.text[-2000:])
        check(run.journal()[-1]["event"] == "run.parked",
              run.journal()[-1]["event"])
        world.finish_whole()


def test_taken_over():
    """a Lease is taken over on a slow disk, once that is on record"""
    with World() as world, FailingDisk() as disk, \
            expired(world, disk) as run:
        with disk.fails(stall=1):
            run.say_once("takeover")
            on_its_way(run)
            check(not re.search(r"^LEASE \S+\s+is\s+ours", run.text, re.M),
                  "taken before it is on record")
        run.wait(r"^LEASE \S+\s+is\s+ours")
        check([r for r in run.events("note")
               if r.get("lease", {}).get("taken")], "not on record")
        run.parks()
        world.finish_whole()


if __name__ == "__main__":
    main([test_goes_on, test_left, test_outage, test_rolled_back,
          test_rollback_forgotten, test_rollback_withdrawn, test_stays,
          test_not_waited_for, test_parked_soon, test_taken_over])
