"""Driving cutover in plain mode: what the end-to-end tests share.

A Run is one process of the real program. Its output is read all the time; a
test waits for text with a deadline, answers, and looks at the journal. Nothing
here waits for a time.
"""
import contextlib
import fcntl
import json
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import urllib.error
import urllib.request

from patience import Failure, wait_until

SOURCE = os.environ.get("CUTOVER_SOURCE") or os.path.dirname(
    os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("CUTOVER_BUILD") or SOURCE
CUTOVER = os.path.join(BUILD, "src", "cutover")

PIPE_LEAST = 4096

GATES = [("1", "read-only", "go"), ("2a", "fence", "go"),
         ("2b", "promote", "promote"), ("3", "patch-v2", "go"),
         ("4", "flip", "flip"), ("5a", "smoke", "go"),
         ("5b", "flag-on", "go")]

# Where a run stands, by the last of these lines.
STANDING = re.compile(r"^(GATE \S+ (?:open\.|shut|armed)|SURE\?|CONFIRMED|STUCK|"
                      r"UNDOING|ROLLING BACK|PARKED)", re.M)
# What tells that a line was taken; any other is a gate's word.
TAKEN = {"note": "NOTE", "override": "OVERRIDDEN", "arm": r"ARM\?|ARMED",
         "disarm": "DISARMED", "rollback": r"SURE\?", "park": "PARKED"}
# No answer to a gate: nothing of it is lost, or its text comes once more.
NO_ANSWER = ("", "status", "help", "cancel", "retry", "resume", "takeover")
# A refusal that passes by itself; any other is the answer.
PASSING = (r"NO: (?:the gate is shut|what that would answer|what would be sent "
           r"has just|(?:the way back sends effects too: )?not sent: )")
STALL = 0.3     # seconds: users notice, who are as many processes
QUIET = 0.5     # seconds without output after which a line may have been lost

LEDGER = re.compile(r"^ledger: acknowledged (\d+), present (\d+), "
                    r"lost (\d+), duplicated (\d+)$", re.M)
OUTAGE = re.compile(r"^outage: writes (\d+\.\d+) s, reads (\d+\.\d+) s$", re.M)
RESULT = re.compile(r"^result: (completed|rolled-back|failed)$", re.M)


def status_of(pid, thread=None):
    """The state letter of a process or one of its threads; None: it is gone."""
    path = "/proc/%d/task/%d/stat" % (pid, thread or pid)
    try:
        with open(path, encoding="utf-8") as file:
            return file.read().rpartition(")")[2].split()[0]
    except OSError:
        return None


def lives(pid):
    return status_of(pid) not in (None, "Z", "X")


def children_of(pid):
    """Its children's pids; none when it is gone itself."""
    try:
        with open("/proc/%d/task/%d/children" % (pid, pid),
                  encoding="ascii") as file:
            return [int(word) for word in file.read().split()]
    except OSError:
        return []


def asks(state):
    """Is a line like STANDING's a question?"""
    return state.endswith(("open.", "?"))


def check(condition, text):
    if not condition:
        raise Failure(text)


def freeze(pid):
    """SIGSTOP; returns once it stands: on a busy machine threads stop late."""
    def stands():
        return all(status_of(pid, int(thread)) == "T"
                   for thread in os.listdir("/proc/%d/task" % pid))
    os.kill(pid, signal.SIGSTOP)
    wait_until("process %d to stand still" % pid, stands)


class Run:
    """One process of the program, its output collected as it comes."""

    all = []            # so that none outlives the tests

    def __init__(self, *arguments, env=None, deaf=False):
        Run.all.append(self)
        self.home = tempfile.mkdtemp(prefix="cutover-e2e-")
        environment = {**os.environ, "XDG_STATE_HOME": self.home,
                       "LC_ALL": "C.UTF-8", **(env or {})}
        self.process = subprocess.Popen(
            [CUTOVER, *arguments], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env=environment, start_new_session=True)
        self.text = ""
        self.at = 0
        self.asked = None   # (what tells that it is taken, the line, since)
        self.said = ""      # last
        self.saying = threading.Lock()
        self.reader = threading.Thread(target=self._read, daemon=True)
        if deaf:        # as a pager that shows its first page
            fcntl.fcntl(self.process.stdout, fcntl.F_SETPIPE_SZ, PIPE_LEAST)
        else:
            self.listen()

    def listen(self):
        self.reader.start()

    def _read(self):
        output = self.process.stdout.fileno()
        while True:
            if not select.select([output], [], [], QUIET)[0]:
                self._say_again()
                continue
            chunk = os.read(output, 65536)
            if not chunk:
                return
            self.text += chunk.decode("utf-8", "replace")

    def _say_again(self):
        """A gate may shut between our seeing it open and our word: on a busy
        machine facts grow old for a moment. The word is then refused, or read
        away as the gate opens again. Says it again once that gate is open."""
        with self.saying:
            if not self.asked:
                return
            taken, line, since = self.asked
            said = self.text[since:]
            if re.search("^(?:%s|CONFIRMED|STUCK|ROLLING BACK|PARKED|(?!%s)NO: )"
                         % (taken, PASSING), said, re.M):
                self.asked = None
                return
            states = STANDING.findall(said)
            if asks(states[-1]) if states else \
                    re.search("^" + PASSING, said, re.M):
                self.asked = (taken, line, len(self.text))
                with contextlib.suppress(OSError):  # it has ended meanwhile
                    self._write(line)

    def wait(self, pattern, seconds=60):
        """Waits for the pattern in what came after the last match."""
        compiled = re.compile(pattern, re.M)

        def found():
            match = compiled.search(self.text, self.at)
            if match:
                self.at = match.end()
            elif self.process.poll() is not None:
                self.reader.join(5)
                match = compiled.search(self.text, self.at)
                if not match:
                    raise Failure("it ended with %s while waiting for %r:\n%s"
                                  % (self.process.returncode, pattern,
                                     self.text[-3000:]))
                self.at = match.end()
            return match
        try:
            return wait_until(repr(pattern), found, seconds)
        except Failure as failure:
            raise Failure("%s\n%s" % (failure, self.text[-3000:])) from None

    def send(self, line):
        """Says that line; to a gate that was seen open, until it is taken."""
        with self.saying:
            state = (STANDING.findall(self.text, 0, self.at) or [""])[-1]
            kind = line.partition(" ")[0]
            taken = TAKEN.get(kind, "CONFIRMED")
            if state == "SURE?" and line == self.said == "rollback":
                taken = "ROLLING BACK"
            self.asked = None
            if kind not in NO_ANSWER and (asks(state) or kind in TAKEN):
                self.asked = (taken, line, len(self.text))
            self.said = line
            self._write(line)

    def say_once(self, line):
        """Says that line, whatever becomes of it."""
        with self.saying:
            self.asked, self.said = None, line
            self._write(line)

    def _write(self, line):
        self.process.stdin.write((line + "\n").encode())
        self.process.stdin.flush()

    def retry(self):
        """Tries again what is stuck, as soon as that is possible. Returns what
        it does: TRYING sends again, WAITING does not."""
        for _ in range(200):
            self._write("retry")
            what = self.wait(r"^(TRYING|WAITING) AGAIN|^NO: ").group(1)
            if what:
                return what
            time.sleep(0.2)
        raise Failure("it is not tried again:\n" + self.text[-3000:])

    def gate(self, label, seconds=90):
        """Waits until that gate is open."""
        self.wait(r"^GATE %s open\." % re.escape(label), seconds)

    def shuts(self, label, *why):
        """Waits until that gate is shut, and why was told of its guards: at
        once with the gate, or when a later look has seen it. Both come in any
        order, and on a busy machine other guards are unknown for a moment."""
        since = self.at
        for wanted in ("^GATE %s shut" % label,
                       *(r"^GUARD (?:\d )?" + text for text in why)):
            wait_until(wanted + " in:\n" + self.text[-2000:],
                       lambda: re.search(wanted, self.text[since:], re.M))

    def pass_gates(self, until=None):
        """Confirms gates in order; stops at the open gate `until`."""
        for label, _, word in GATES:
            self.gate(label)
            if label == until:
                return
            self.send(word)

    def finish(self, seconds=90):
        """Waits for the end; returns the exit status."""
        try:
            wait_until("its end",
                       lambda: self.process.poll() is not None, seconds)
        except Failure as failure:
            raise Failure("%s:\n%s"
                          % (failure, self.text[-3000:])) from None
        self.reader.join(10)
        return self.process.returncode

    def run_dir(self):
        """The directory of its only run."""
        base = os.path.join(self.home, "cutover")
        runs = [d for d in os.listdir(base)
                if os.path.exists(os.path.join(base, d, "journal.jsonl"))]
        check(len(runs) == 1, "there are %d runs" % len(runs))
        return os.path.join(base, runs[0])

    def journal(self):
        with open(os.path.join(self.run_dir(), "journal.jsonl"),
                  encoding="utf-8") as file:
            # one that is just being written has no end yet
            return [json.loads(line) for line in file.read().split("\n")[:-1]]

    def events(self, event):
        return [r for r in self.journal() if r["event"] == event]

    def command(self, *arguments):
        """Another command of the program, in the same home."""
        return subprocess.run(
            [CUTOVER, *arguments], stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=60,
            env=dict(os.environ, XDG_STATE_HOME=self.home,
                     LC_ALL="C.UTF-8"))

    def close(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
        shutil.rmtree(self.home, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def send_by_hand(run, match):
    """Where what must happen once was never sent, or its answer lost, and the
    step's check says that it did not happen, a person sends it: the tool does
    not. match: of the STUCK line, before which that is told."""
    told = re.sub(r"\s+", " ", run.text[max(0, match.start() - 1500):
                                        match.start()])
    told = told[told.rfind("STUCK 5a"):]
    if not told.startswith("STUCK 5a") or "answers 0 (wanted = 1)" not in told:
        return
    request = [r["request"] for r in run.events("action.intended")
               if "/sentinel" in r["request"]][-1]
    line, body = request.split("\n", 1)
    method, url = line.split(" ", 1)
    by_hand = urllib.request.Request(
        url, body.encode(), {"Content-Type": "application/json"},
        method=method)

    def sent():
        try:
            with urllib.request.urlopen(by_hand, timeout=10) as answer:
                check(answer.status == 200, "by hand: %s" % answer.status)
        except urllib.error.HTTPError as error:
            # no pod was ready for it just then: it has not happened
            check(error.code == 503, "by hand: %s" % error)
            return False
        return True
    wait_until("it to be sent by hand", sent)


class Resumed(Run):
    """`cutover resume` in the home of an earlier process."""

    def __init__(self, earlier, *which, go_on=True):
        super().__init__("resume", *which, "--plain",
                         env={"XDG_STATE_HOME": earlier.home})
        self.own, self.home = self.home, earlier.home
        if go_on:
            self.confirm()

    def confirm(self):
        """Goes on, once journal and world have been shown side by side."""
        self.wait(r"^RESUME\?")
        self.send("resume")

    def close(self):
        self.home = self.own
        super().close()


def ledger(text):
    """(acknowledged, present, lost, duplicated) of the last lines."""
    match = LEDGER.search(text)
    check(match, "there is no ledger line:\n" + text[-2000:])
    return tuple(int(n) for n in match.groups())


def outage(text):
    """(writes, reads) in seconds."""
    match = OUTAGE.search(text)
    check(match, "there is no outage line:\n" + text[-2000:])
    return tuple(float(n) for n in match.groups())


def result(text):
    match = RESULT.search(text)
    check(match, "there is no result line:\n" + text[-2000:])
    return match.group(1)


class Pulse:
    """Notices when the machine stands still for a moment."""

    def __init__(self):
        self.late = 0.0         # the worst, in seconds
        self.over = False
        threading.Thread(target=self._beat, daemon=True).start()

    def _beat(self):
        while not self.over:
            due = time.monotonic() + 0.02
            time.sleep(0.02)
            self.late = max(self.late, time.monotonic() - due)

    def stop(self):
        self.over = True
        return self.late


def steady(test):
    """A case in which users must feel nothing, or that has its moments. Where
    the machine stood still it was no case, and begins anew."""
    def wrapped():
        for again in range(4, -1, -1):
            pulse = Pulse()
            try:
                return test()
            except Exception:
                if pulse.stop() < STALL or not again:
                    raise
                print("anew: the machine stood still for %.1f s" % pulse.late)
            finally:
                pulse.stop()
    wrapped.__doc__ = test.__doc__
    return wrapped


def main(tests):
    """Runs the tests one by one, a line each; exits 0 or 1."""
    failed = 0
    for test in tests:
        began = time.monotonic()
        try:
            test()
            print("PASS: %s (%.1f s)" % (test.__doc__,
                                         time.monotonic() - began), flush=True)
        except Exception as failure:    # whatever it is, the next has its turn
            failed += 1
            print("FAIL: %s: %s" % (test.__doc__, failure if isinstance(
                failure, Failure) else traceback.format_exc()), flush=True)
        for run in Run.all:
            run.close()
        Run.all.clear()
    sys.exit(1 if failed else 0)
