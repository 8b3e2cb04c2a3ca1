"""A real terminal for tests: a program on a pseudo-terminal, its screen kept
by pyte. Tests wait for text with a deadline, and press keys.

    with Terminal([CUTOVER, "rehearse"]) as terminal:
        terminal.wait_for("y to go on")
        terminal.press("y")
        terminal.wait_for("Type promote")
        terminal.line("promote")

Keys of a gate: y where none asks for a word; else the word and Enter. While
the word is asked for, letters go into the word: ESC first, then r, n, p, q.
"""
import codecs
import os
import re
import signal
import termios

import pexpect
import pyte

from patience import Failure, Patience

ESC = "\x1b"
CTRL_C = "\x03"
CTRL_U = "\x15"
CTRL_Z = "\x1a"


class Screen(pyte.Screen):
    """Scrolls a region by several lines at once (SU, SD), which pyte's own does
    not know, and curses uses where a page moves."""

    def scroll_up(self, count=1):
        self.scroll(pyte.Screen.index, -1, count)

    def scroll_down(self, count=1):
        self.scroll(pyte.Screen.reverse_index, 0, count)

    def scroll(self, move, end, count):
        margins = self.margins or (0, self.lines - 1)
        line, self.cursor.y = self.cursor.y, margins[end]
        for _ in range(count or 1):
            move(self)
        self.cursor.y = line


class Stream(pyte.Stream):
    """Tells such a screen of it."""
    csi = dict(pyte.Stream.csi, S="scroll_up", T="scroll_down")
    events = pyte.Stream.events | {"scroll_up", "scroll_down"}


def again(answer):
    """Answers a gate, and once more where it had shut for a moment: what was
    typed was thrown away then."""
    for left in range(9, -1, -1):
        try:
            answer()
            return
        except Failure:
            if not left:
                raise


class Terminal:
    """One program on a terminal of its own."""

    def __init__(self, command, columns=80, rows=24, env=None):
        # pyte knows no REP (repeat a character), which xterm has
        environment = dict(os.environ, TERM="screen-256color",
                           LC_ALL="C.UTF-8")
        environment.pop("NO_COLOR", None)
        environment.update(env or {})
        self.screen = Screen(columns, rows)
        self.stream = Stream(self.screen)
        # a character may come in two pieces
        self.decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self.raw = b""
        # the terminal is looked at before the program can have changed it
        self.process = pexpect.spawn(
            "/bin/sh", ["-c", 'read go && exec "$@"', "sh", *command],
            dimensions=(rows, columns), env=environment, timeout=None)
        self.before = termios.tcgetattr(self.process.child_fd)
        os.write(self.process.child_fd, b"\n")

    def read(self, seconds=0.05):
        """Takes what came; False when the program has gone."""
        try:
            raw = self.process.read_nonblocking(65536, timeout=seconds)
        except pexpect.TIMEOUT:
            return True
        except pexpect.EOF:
            return False
        self.raw += raw
        self.stream.feed(self.decode(raw))
        return True

    def text(self):
        """The screen as it stands, a line each, without trailing blanks."""
        return "\n".join(line.rstrip() for line in self.screen.display)

    def wait(self, what, test, seconds=20):
        """Waits until test() is true."""
        patience = Patience(seconds)
        while not test():
            alive = self.read()
            if not alive and not test():
                raise Failure("it ended while waiting for %s:\n%s"
                              % (what, self.text()))
            if patience.is_over():
                raise Failure("waited %s s in vain for %s:\n%s"
                              % (seconds, what, self.text()))

    def wait_for(self, pattern, seconds=20):
        """Waits until the pattern is on the screen."""
        self.wait(repr(pattern),
                  lambda: re.search(pattern, self.text(), re.M), seconds)

    def wait_gone(self, pattern, seconds=20):
        """Waits until the pattern is not on the screen."""
        self.wait("no %r" % pattern,
                  lambda: not re.search(pattern, self.text(), re.M), seconds)

    def press(self, keys):
        self.process.send(keys)

    def line(self, text):
        self.press(text + "\r")

    def resize(self, columns, rows):
        self.screen.resize(rows, columns)
        self.process.setwinsize(rows, columns)

    def signal(self, number):
        os.kill(self.process.pid, number)

    def finish(self, seconds=20):
        """Waits for the end; (exit status, signal), one of them None."""
        patience = Patience(seconds)
        while self.read():
            if patience.is_over():
                raise Failure("it did not end in %s s:\n%s"
                              % (seconds, self.text()))
        self.process.wait()
        return self.process.exitstatus, self.process.signalstatus

    def restored(self):
        """What was not given back as it was found; "" if all was."""
        wrong = []
        if termios.tcgetattr(self.process.child_fd) != self.before:
            wrong.append("line discipline")
        for on, off, name in ((b"\x1b[?1049h", b"\x1b[?1049l", "screen"),
                              (b"\x1b[?2004h", b"\x1b[?2004l", "paste")):
            if self.raw.rfind(on) > self.raw.rfind(off):
                wrong.append(name)
        if self.raw.rfind(b"\x1b[?25l") > self.raw.rfind(b"\x1b[?25h") and \
                self.raw.rfind(b"\x1b[?25l") > self.raw.rfind(b"\x1b[?12l"):
            wrong.append("cursor")
        return ", ".join(wrong)

    def close(self):
        if self.process.isalive():
            self.process.kill(signal.SIGKILL)
        self.process.close(force=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
