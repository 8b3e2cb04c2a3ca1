#!/usr/bin/env python3
"""`cutover watch`: a run told from another terminal, while it runs and
afterwards, without touching it."""
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time

import terminal
from faults import Live, World
from walk import CUTOVER, Resumed, Run, check, freeze, main, wait_until

# What plain mode prints of a record as it comes; the gate it prints otherwise.
TOLD = re.compile(r"^(CONFIRMED|OUTAGE|SENT|ANSWERED|CHECK|DONE|NOTE|ROLLING|"
                  r"UNDO|UNDOING|UNDONE|ROLLED|PARKED:|CLOSED)\b.*(?:\n  .*)*",
                  re.M)


QUARTER = 5     # seconds, of the agreed outage


class Watch(Run):
    """`cutover watch` in the home of a run."""

    def __init__(self, run, *arguments, env=None):
        super().__init__("watch", *arguments,
                         env={"XDG_STATE_HOME": run.home, **(env or {})})


def spaced(words):
    """A pattern for words that may be wrapped anywhere."""
    return words.replace(" ", r"\s+")


def told(text):
    """The records that a front end told, each as one piece."""
    return [match.group(0) for match in TOLD.finditer(text)
            if "cutover resume" not in match.group(0)]


def traces(run):
    """What a spectator must leave as it is."""
    return sorted((name, os.stat(os.path.join(run.run_dir(), name)).st_mtime_ns)
                  for name in os.listdir(run.run_dir()))


def test_live():
    """a live run: heading, every record as plain mode tells it, its status"""
    with World() as world, Live(world) as run:
        run.gate("1")
        freeze(run.process.pid)     # whatever is written now is not its own
        before = traces(run)
        with Watch(run) as watch:
            watch.wait(r"^DRIVEN by \S+: process %d on " % run.process.pid)
            watch.wait(spaced("^NOW 1 Flag off, v1 read-only: all guards green, waiting"
                              " for the operator; no outage yet, budget 01:00;"))
            watch.wait(r"^.1  Flag off, v1 read-only +GATE$")
            watch.wait(r"^ 5b Flag on, v2 read-write$")
            watch.wait(r"^SO FAR \d+ records:$")
            watch.wait(r"^GUARD ok: the flag is on")
            check(traces(run) == before, "watching left a trace")
            run.process.send_signal(signal.SIGCONT)
            run.send("note watched")
            watch.wait("^NOTE: watched")
            run.send("go")
            run.gate("2a")
            watch.wait(spaced("^NOW 2a Fence RDS, final sync: all guards green, waiting"
                              " for the operator; OUTAGE 00:"))
            run.go_on("2a")
            run.completes()
            check(watch.finish(20) == 0, watch.text[-2000:])
        check(told(watch.text) == told(run.text),
              "told %s\nnot %s" % (told(watch.text), told(run.text)))
        check(re.search(r"^NOW closed, completed; outage 00:", watch.text,
                        re.M), watch.text[-500:])
        check("\x1b" not in watch.text, "an escape sequence")
        # afterwards, by name, the same record
        after = run.command("watch", os.path.basename(run.run_dir()))
        check(after.returncode == 0 and told(after.stdout) == told(run.text),
              after.stdout[-2000:])
        world.finish_whole()


def test_parked_and_rolled_back():
    """parked: 5 and how to go on; resumed and rolled back: 4"""
    with World() as world, Live(world) as run:
        run.pass_gates(until="2a")
        with Watch(run) as watch:
            watch.wait("^NOW 2a ")
            run.parks()
            check(watch.finish(20) == 5, watch.text[-1000:])
            name = os.path.basename(run.run_dir())
            check("cutover resume " + name in re.sub(r"\s+", " ", watch.text),
                  watch.text[-300:])
        with Resumed(run, go_on=False) as back:
            back.wait(r"^RESUME\?")
            with Watch(run) as watch:
                # parked still, and somebody has it: that is worth waiting for
                watch.wait(r"^DRIVEN by \S+: process %d" % back.process.pid)
                watch.wait("^NOW 2a .*: parked")
                back.send("resume")
                watch.wait("^RESUMED by ")
                back.gate("2a")
                back.send("rollback")
                back.wait(r"^SURE\?")
                back.send("rollback")
                check(back.finish() == 4, back.text[-2000:])
                check(watch.finish(20) == 4, watch.text[-1000:])
                watch.wait("^NOW closed, rolled-back")
        check(run.command("watch").returncode == 4, "afterwards")
        world.finish_whole()


def test_interrupted():
    """Ctrl-C, on a terminal: 0, plain lines, and the run goes on"""
    with World() as world, Live(world) as run:
        run.gate("1")
        with terminal.Terminal([CUTOVER, "watch"], columns=100,
                               env={"XDG_STATE_HOME": run.home}) as screen:
            screen.wait_for("^NOW 1 ")
            run.send("note seen on a terminal")
            screen.wait_for("^NOTE: seen on a terminal")
            screen.press(terminal.CTRL_C)
            check(screen.finish() == (0, None), screen.text())
            check(b"\x1b" not in screen.raw, "an escape sequence")
            check(screen.restored() == "", screen.restored())
        run.go_on("1")
        run.completes()
        world.finish_whole()


def after_the_kill(run):
    """Who looks up later is told so in the last line, the clock in it."""
    opened = run.events("window.opened")[0]["mono"] - run.journal()[-1]["mono"]
    died = os.stat(os.path.join(run.run_dir(), "journal.jsonl")).st_mtime
    wait_until("a quarter of what was agreed", lambda: time.time() - died >
               QUARTER + opened / 1000)
    with Watch(run) as late:
        late.wait("^NOBODY drives this run")
        late.wait("^SO FAR ")
        late.wait("^NOW 2a ")
        late.process.send_signal(signal.SIGINT)
        check(late.finish() == 0, late.text[-500:])
        last = re.sub(r"\s+", " ", late.text[late.text.rindex("NOW "):])
        check("nobody drives it; it was left at the gate" in last and
              "waiting for the operator" not in late.text, late.text[-500:])
        check("CLOCK: 25 %" not in late.text, late.text[-500:])


def test_driver_dies():
    """kill -9 of the driver: said once, waited for; resumed: told to the end"""
    with World() as world, \
            Live(world, "--set", "budget=%ds" % (4 * QUARTER)) as run:
        run.pass_gates(until="2a")
        with Watch(run) as watch:
            watch.wait("^DRIVEN ")
            run.process.kill()
            run.finish()
            watch.wait("^NOBODY drives this run")
            watch.wait(spaced(r"'cutover resume \S+' goes on"))
            watch.wait(spaced("^NOW 2a Fence RDS, final sync: nobody drives it; it "
                              r"was left at the gate; OUTAGE \S+ / 00:20; last "
                              r"record \d\d:\d\d:\d\d$"))
            after_the_kill(run)
            with Resumed(run) as again:
                # who holds the lock is asked for once a second
                wait_until("who resumed", lambda: re.search(
                    r"^DRIVEN by \S+: process %d" % again.process.pid,
                    watch.text, re.M))
                watch.wait("^RESUMED by ")
                again.gate("2a")
                again.send("park")
                check(again.finish() == 5, again.text[-1000:])
            check(watch.finish(20) == 5, watch.text[-1000:])
        check(watch.text.count("NOBODY") == 1, watch.text[-2000:])
        check(run.command("watch", "nothing").returncode == 2, "no such run")
        world.finish_whole()


def test_which_run():
    """without RUN: the driven one; several are listed; none: the latest"""
    with World() as world, Live(world) as run:
        run.gate("1")
        done = Run("run", "aurora-cutover", "--vars", world.vars_file,
                   "--plain", env={"XDG_STATE_HOME": run.home})
        with done as other:
            # two do not drive one cutover: this one may only look
            other.wait("^GATE 1 shut: HELD BY")
            several = run.command("watch")
            names = os.listdir(os.path.join(run.home, "cutover"))
            check(several.returncode == 2 and len(names) == 2 and
                  all(name in several.stderr for name in names),
                  several.stderr)
            other.send("park")
            other.finish()
        latest = max(names)
        with Watch(run) as watch:
            # the later one is parked, the earlier one is driven
            watch.wait("^%s " % min(names))
            watch.process.send_signal(signal.SIGINT)
            check(watch.finish() == 0, watch.text[-500:])
        run.send("park")
        run.finish()
        after = run.command("watch")
        check(after.returncode == 5 and after.stdout.startswith(latest),
              after.stdout[:300])
        world.finish_whole()


# ---- a journal that the test writes itself -------------------------------------

class Copy:
    """A run's directory of its own, its journal cut before its first gate was
    confirmed."""

    def __init__(self, run_dir):
        self.home = tempfile.mkdtemp(prefix="cutover-e2e-")
        self.dir = os.path.join(self.home, "cutover", os.path.basename(run_dir))
        shutil.copytree(run_dir, self.dir)
        self.path = os.path.join(self.dir, "journal.jsonl")
        with open(self.path, "rb") as file:
            self.lines = file.readlines()
        self.first = next(i for i, line in enumerate(self.lines)
                          if b'"gate.confirmed"' in line)
        self.write(b"".join(self.lines[:self.first]), "wb")

    def write(self, data, mode="ab"):
        with open(self.path, mode) as file:
            file.write(data)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.home)


def bytes_read(run):
    with open("/proc/%d/io" % run.process.pid, encoding="ascii") as file:
        return int(re.search(r"^rchar: (\d+)", file.read(), re.M).group(1))


def half_a_line(run_dir):
    with Copy(run_dir) as copy, Watch(copy) as watch:
        watch.wait("^NOBODY drives this run")
        watch.wait("^NOW 1 ")
        confirmed = copy.lines[copy.first]
        before = bytes_read(watch)
        copy.write(confirmed[:40])
        copy.write(confirmed[40:-1])
        wait_until("half a line to be read", lambda: bytes_read(watch) >=
                   before + len(confirmed) - 1)
        # and looked at: another watch was begun later, and is through
        with Watch(copy) as second:
            second.wait("^NOW 1 ")
        check("CONFIRMED" not in watch.text, "half a line was told")
        copy.write(b"\n")
        watch.wait("^CONFIRMED 1 ")
        copy.write(b"".join(copy.lines[copy.first + 1:]))
        check(watch.finish(20) == 0, watch.text[-1000:])


def damaged_while_watched(run_dir):
    with Copy(run_dir) as copy, Watch(copy) as watch:
        watch.wait("^NOW 1 ")
        copy.write(copy.lines[copy.first + 2])
        check(watch.finish(20) == 1, watch.text[-1000:])
        check("journal.jsonl:%d: seq %d where %d is due" %
              (copy.first + 1, copy.first + 3, copy.first + 1) in watch.text,
              watch.text[-500:])


def deleted_while_watched(run_dir):
    with Copy(run_dir) as copy, Watch(copy) as watch:
        watch.wait("^NOW 1 ")
        os.unlink(copy.path)
        check(watch.finish(20) == 1, watch.text[-1000:])
        check("journal.jsonl: was deleted" in watch.text, watch.text[-500:])


def output_closed(run_dir):
    """As in: cutover watch | head -3"""
    with Copy(run_dir) as copy:
        watch = subprocess.Popen(
            [CUTOVER, "watch"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=dict(os.environ, XDG_STATE_HOME=copy.home))
        for _ in range(3):
            watch.stdout.readline()
        watch.stdout.close()
        copy.write(b"".join(copy.lines[copy.first:copy.first + 2]))
        try:
            check(watch.wait(20) == 1, "status %s" % watch.returncode)
        finally:
            watch.kill()
        check(b"cannot be written" in watch.stderr.read(), "it does not say why")


def test_written_by_hand():
    """half a line is waited for; damage, deletion and a closed pipe end it"""
    with World() as world, Live(world) as run:
        run.pass_gates()
        run.completes()
        for case in (half_a_line, damaged_while_watched, deleted_while_watched,
                     output_closed):
            case(run.run_dir())
        world.finish_whole()


if __name__ == "__main__":
    main([test_live, test_parked_and_rolled_back, test_interrupted,
          test_driver_dies, test_which_run, test_written_by_hand])
