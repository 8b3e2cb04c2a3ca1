#!/usr/bin/env python3
"""RDS's own heartbeat is no user's write, and a user's write is no heartbeat.

The source of the practice world beats every 300 ms here, fenced or not, by an
account that read_only does not bind.
"""
import re
import signal

from faults import Live, World
from test_resume import Resumed, go_on
from walk import Run, check, ledger, main, result, wait_until

BEAT = ("--heartbeat", "300")
APART = (r"rds took 0 transactions since\s+'fence'\s+"
         r"\((\d+) of its own\s+heartbeats\s+apart")


def beats(world):
    """The heartbeat's value: it grows with each."""
    return int(world.sql("rds", "SELECT @@gtid_binlog_pos").split("-")[2])


def await_beats(world, count):
    before = beats(world)
    wait_until("%d heartbeats" % count,
               lambda: beats(world) >= before + count)


def test_autopilot():
    """an autopilot passes every hard guard over heartbeats, nothing lost"""
    with Run("rehearse", "--autopilot", *BEAT) as run:
        check(run.finish(150) == 0, run.text[-3000:])
        check(result(run.text) == "completed", "result")
        check(ledger(run.text)[2:] == (0, 0), "lost or duplicated")
        apart = [int(n) for n in re.findall(APART, run.text)]
        check(apart and max(apart) > 0, "no heartbeat was met: %s" % apart)
        check(not run.events("gate.overridden"), "overridden")
        check("TWO WRITERS" not in run.text, "an alarm for a heartbeat")


def test_killed_between_heartbeats():
    """killed after the fence: those that came meanwhile are apart too"""
    with World(*BEAT) as world, Live(world) as run:
        run.pass_gates(until="3")
        run.process.send_signal(signal.SIGKILL)
        run.finish()
        await_beats(world, 5)
        with Resumed(run) as again:
            check(go_on(again, "3") == 0, again.text[-3000:])
            apart = [int(n) for n in re.findall(APART, again.text)]
            check(apart and min(apart) >= 5, "apart: %s" % apart)
            check("TWO WRITERS" not in again.text, "a false alarm")
        check(not run.events("tripwire"), "tripped by a heartbeat")
        world.finish_whole()


def test_write_among_heartbeats():
    """a console opens the fence for one write among heartbeats: seen, red"""
    with World(*BEAT) as world, world.console("rds") as console, \
            Live(world) as run:
        run.pass_gates(until="4")
        await_beats(world, 2)
        world.sql("rds", "SET GLOBAL read_only = OFF")
        answer = console.say("INSERT INTO sentinel (token, pod) "
                             "VALUES ('x', 'console')")
        world.sql("rds", "SET GLOBAL read_only = ON")
        check("ERROR" not in answer, answer)
        run.shuts("4", r"NO: rds took 1 transaction since\s+'fence'\s+"
                  r"\(\d+ of its own\s+heartbeats\s+apart")
        wait_until("the alarm", lambda: re.search(
            r"^TWO WRITERS: rds took 1 transaction", run.text, re.M))
        await_beats(world, 3)
        tripped, = run.events("tripwire")
        check(tripped["transactions"] == 1 and tripped["gtids"],
              str(tripped))
        run.refused("flip")
        check("took 2 transactions" not in run.text, "a heartbeat counted")
        run.parks()


if __name__ == "__main__":
    main([test_autopilot, test_killed_between_heartbeats,
          test_write_among_heartbeats])
