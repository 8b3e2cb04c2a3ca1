#!/usr/bin/env python3
"""Every scenario, walked by an operator who does what its file calls good.

Each is a real rehearsal in a world of its own, three at a time. It must end as
its par says, with no write lost and no override too many, and its journal must
tell what happened behind the scenes. PLAYS holds the operators: a scenario
without one fails.
"""
import concurrent.futures
import functools
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import traceback

import plays_faults
from terminal import Terminal
from walk import (CUTOVER, GATES, SOURCE, Failure, Resumed, Run, check, ledger,
                  result, steady, wait_until)

FILES = os.path.join(SOURCE, "runbooks", "rehearsal")
KUBECTL = shutil.which("kubectl")
AT_ONCE = 3
SCREEN = "a briefing on a screen"
LINES = "lines on a terminal"
EXITS = {"completed": 0, "rolled-back": 4}


class Operator:
    """What an operator of a Run does."""

    def variable(self, name):
        return self.events("run.opened")[0]["variables"][name]

    def world(self):
        return os.path.dirname(self.variable("mysql_file"))

    def instructor(self, *words):
        """What a second terminal is told."""
        done = self.command("rehearse", "--inject", self.world(), *words)
        check(done.returncode == 0, done.stderr)
        return done.stdout

    def wait_cleared(self, fault):
        def cleared():
            time.sleep(0.2)     # each look is a process
            return fault + " since" not in self.instructor("status")
        wait_until("the end of " + fault, cleared)

    def walk(self, since="1", until=None):
        """Confirms gates, each as soon as it is open; stops at `until`."""
        labels = [label for label, *_ in GATES]
        for label, _, word in GATES[labels.index(since):]:
            self.gate(label)
            if label == until:
                return
            self.send(word)

    def give_up(self, label):
        """Ends the wait for a check that will not come true."""
        self.send("cancel")
        self.wait(r"^STUCK %s " % label)

    def roll_back(self):
        self.send("rollback")
        self.wait(r"^SURE\?")
        self.send("rollback")


class Rehearsal(Operator, Run):
    """`cutover rehearse SCENARIO` in lines."""

    def __init__(self, name):
        super().__init__("rehearse", name, "--plain", "--pods", "2",
                         "--seed", "7")


class Again(Operator, Resumed):
    """The same rehearsal, gone on with."""


# ---- the operators: each does what its scenario calls good ---------------------

def patient(run):
    """Waits for each gate, and for what a step waits for."""
    run.walk()


def flag_down(run):
    run.walk(until="5b")
    run.send("go")
    run.wait(r"^STUCK 5b ")
    run.wait_cleared("flag-down")
    run.retry()


def flag_inert(run):
    """Gives up at once: another try is offered when it is known that the flag
    has to be set again, not only waited for."""
    run.walk(until="1")
    run.send("go")
    run.wait(r"^ANSWERED: 200")
    run.give_up("1")
    run.wait_cleared("flag-inert")
    check(run.retry() == "TRYING", run.text[-2000:])
    run.walk(since="2a")


def old_connections(run):
    run.walk(until="1")
    run.send("go")
    run.shuts("2a", "NO: rds")
    run.send("override 2 users write on over old connections; the fence "
             "refuses them")
    run.walk(since="2a")


def crash_loop(run):
    run.walk(until="3")
    run.send("go")
    run.wait("CrashLoopBackOff")
    run.give_up("3")
    run.roll_back()


def image_pull(run):
    run.walk(until="3")
    run.send("go")
    run.wait(r"^ANSWERED: 200")
    run.wait_cleared("image-pull")
    # a new pod does not wait for the back-off of the old
    subprocess.run(
        [KUBECTL, "--kubeconfig", run.variable("kubeconfig"), "-n",
         run.variable("namespace"), "delete", "pods", "-l", "writes=enabled",
         "--wait=false"], check=True, timeout=30, stdout=subprocess.DEVNULL)
    run.walk(since="4")


def terminal_killed(run):
    run.walk(until="2b")
    run.send("promote")
    check(run.finish() == 5, "not parked: " + run.text[-2000:])
    run.wait(r"cutover resume")
    again = Again(run)
    again.walk(since="3")
    again.finish()
    run.text += again.text
    run.process.returncode = again.process.returncode


PLAYS = {
    **plays_faults.PLAYS,
    "smooth": patient,
    "flag-down": flag_down,
    "flag-slow": patient,
    "flag-inert": flag_inert,
    "cron-job": patient,
    "old-connections": old_connections,
    "crash-loop": crash_loop,
    "image-pull": image_pull,
    "too-few-pods": patient,
    "terminal-killed": terminal_killed,
}


# A par is for people and a machine of their own; this one may be so much slower.
SLOWER = 5

# What users feel of it at least, in ms: a fault that comes too late to be felt
# teaches nothing.
FELT = {"flag-down": 4000, "flag-slow": 2500, "flag-inert": 2000,
        "cron-job": 3500, "too-few-pods": 4500, "crash-loop": 500,
        "image-pull": 2000}


# Entries that come too late for whoever does what is good.
TOO_LATE = {"long-transaction": 1}

# What stops an operator who has armed all gates: a fault must not come after
# the act that it is there for, and no gate waits for it.
ARMED = {
    "api-conflict": (r"^STUCK 3 ", None),
    "api-forbidden": (r"^STUCK 4 ", "api-forbidden"),
    "api-throttled": (r"^STUCK 4 ", "api-throttled"),
    "errant-transaction": (r"^DISARMED: transactions on aurora", None),
}


# ---- what must be true of each ---------------------------------------------------

def check_end(run, name):
    about, = [note["rehearsal"] for note in run.events("note")
              if "rehearsal" in note]
    par, how = about["par"], result(run.text)
    check(about["scenario"] == name and about["seed"] == 7 and
          about["speed"] == "fast" and about["database"] == "mariadb" and
          about["pods"] == 2, str(about))
    check(par["result"] in ("either", how), "%s, par %s" % (how, par))
    check(run.process.returncode == EXITS[how], str(run.process.returncode))
    check(ledger(run.text)[2:] == (0, 0), "lost or duplicated")
    check(about["ledger"]["lost"] == 0, str(about["ledger"]))
    check(about["outage"]["writes_ms"] <= SLOWER * par["outage_ms"],
          "outage %s, par %s" % (about["outage"], par))
    check(about["outage"]["writes_ms"] >= FELT.get(name, 0),
          "nobody felt it: %s" % about["outage"])
    check(len(run.events("gate.overridden")) <= par["overrides"],
          "more overrides than par")
    check_scenes(about, name, how == "rolled-back")
    world = os.path.dirname(run.variable("mysql_file"))
    check(not os.path.exists(world), "the world is still there")


def check_scenes(about, name, back):
    """All that the file has happens, and it is told."""
    with open(os.path.join(FILES, name + ".yaml"), encoding="utf-8") as file:
        text = file.read()
    entries = text.count("\n- at:") - TOO_LATE.get(name, 0)
    if not back:        # moments for those who go back
        entries -= text.count("\n- at: {rollback:")
    kinds = [scene["kind"] for scene in about["scenes"]]
    check("failed" not in kinds, json.dumps(about["scenes"]))
    told = [scene for scene in about["scenes"] if "text" in scene]
    check(len(told) == entries, "%d of %d entries happened: %s"
          % (len(told), entries, json.dumps(about["scenes"])))
    check(all(scene["by"] == "scenario" and re.match(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$", scene["at"])
        for scene in about["scenes"]), json.dumps(about["scenes"]))


def rehearse(name):
    check(name in PLAYS, "no operator knows what is good in it")
    with Rehearsal(name) as run:
        run.wait(r"^Rehearsal \"%s\": " % name)
        PLAYS[name](run)
        run.finish()
        check_end(run, name)


def armed(name):
    """All is armed at gate 1; the fault is met all the same, and gone back
    from."""
    pattern, fault = ARMED[name]
    with Rehearsal(name) as run:
        run.gate("1", 90)
        for label, _, word in GATES[1:]:
            run.send("arm " + label)
            run.wait(r"^ARM\? Type \"arm %s %s\"" % (label, word))
            run.send("arm %s %s" % (label, word))
            run.wait("^ARMED %s" % label)
        run.send("go")
        run.wait(pattern)
        if fault:
            run.wait_cleared(fault)
        run.roll_back()
        check(run.finish() == 4, run.text[-2000:])
        check(ledger(run.text)[2:] == (0, 0), "lost or duplicated")


def flag_down_early():
    """Back before the gate that waits for the flag: it comes again then, too."""
    with Rehearsal("flag-down") as run:
        run.walk(until="4")
        plays_faults.wait_begun(run, "flag-down")
        run.roll_back()
        run.wait(r"^STUCK, undo 1 ")
        run.wait_cleared("flag-down")
        run.send("retry")
        check(run.finish() == 4, run.text[-2000:])
        check(ledger(run.text)[2:] == (0, 0), "lost or duplicated")


def on_a_screen():
    """The briefing stays until it was read; then the line drops for good."""
    with tempfile.TemporaryDirectory(prefix="cutover-e2e-") as home, \
            Terminal([CUTOVER, "rehearse", "smooth", "--pods", "1"],
                     env={"XDG_STATE_HOME": home}) as screen:
        screen.wait_for(r"^Rehearsal \"smooth\": ")
        screen.wait_for(r"^Press Enter to begin\.", 60)
        screen.press("\r")
        screen.wait_for("GATE 1 ", 60)
        hang_up(screen, home)


def in_lines():
    """Lines on a terminal that goes away, which is no end of input; in a session
    of its own no SIGHUP comes that would say so first."""
    with tempfile.TemporaryDirectory(prefix="cutover-e2e-") as home, \
            Terminal(["setsid", "-w", CUTOVER, "rehearse", "smooth", "--pods",
                      "1", "--plain"],
                     env={"XDG_STATE_HOME": home}) as screen:
        screen.wait_for(r"^GATE 1 open\.", 60)
        hang_up(screen, home)


def hang_up(screen, home):
    """The terminal goes away, and the rehearsal is gone on with from here."""
    screen.process.ptyproc.fileobj.close()      # as sshd does
    with Run("--version") as place:
        place.home, own = home, place.home
        wait_until("a world that was left", lambda: [
            note for note in place.events("note") if "world" in note], 30)
        parked, = place.events("run.parked")
        check(parked["reason"] == "the terminal went away", str(parked))
        again = Again(place)
        again.gate("1")
        again.roll_back()
        check(again.finish() == 4, again.text[-2000:])
        check(result(again.text) == "rolled-back", again.text[-2000:])
        check(ledger(again.text)[2:] == (0, 0), "lost or duplicated")
        place.home = own


OTHERS = {SCREEN: on_a_screen, LINES: in_lines,
          "flag-down, back early": flag_down_early,
          **{name + ", armed": functools.partial(armed, name)
             for name in ARMED}}


def timed(case):
    """What went wrong in it, or None, and how long it took."""
    began = time.monotonic()
    try:
        steady(OTHERS.get(case, lambda: rehearse(case)))()
    except Failure as failure:
        return str(failure), time.monotonic() - began
    except Exception:               # whatever it is, the next has its turn
        return traceback.format_exc(), time.monotonic() - began
    return None, time.monotonic() - began


def main(names):
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        for name, (why, took) in zip(names, pool.map(timed, names)):
            failed += why is not None
            print("%s: %s (%.1f s)%s" % ("FAIL" if why else "PASS", name, took,
                                         ": " + why if why else ""),
                  flush=True)
    for run in Run.all:
        run.close()
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    NAMES = sorted(os.path.basename(path)[:-5]
                   for path in glob.glob(os.path.join(FILES, "*.yaml")))
    if not KUBECTL:
        for NAME in ("image-pull", "selector-reverted"):
            NAMES.remove(NAME)
            print("no kubectl: %s is left out" % NAME)
    main(sys.argv[1:] or [*NAMES, *OTHERS])
