#!/usr/bin/env python3
"""A disk that does not answer, under the real tool: nothing is sent that is not
on it, and nothing else stands still: the screen, the Lease, the way out."""
import contextlib
import glob
import os
import re
import shutil
import tempfile

import terminal
from faults import Live, World
from test_journal import FailingDisk, spaced, state, verified
from walk import CUTOVER, Failure, check, main, wait_until


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


if __name__ == "__main__":
    main([test_goes_on, test_left])
