"""The whole runbook on the practice world, through a real terminal."""
import os
import re
import shutil
import tempfile

from terminal import CTRL_U, ESC, Terminal, again
from walk import check, main

CUTOVER = os.path.join(os.environ.get("CUTOVER_BUILD", "."), "src/cutover")
GATES = [("1", None), ("2a", None), ("2b", "promote"), ("3", None),
         ("4", "flip"), ("5a", None), ("5b", None)]


class Rehearsal(Terminal):
    """cutover rehearse, its record in a directory of its own."""

    def __init__(self, **options):
        self.home = tempfile.mkdtemp(prefix="cutover-screen-")
        super().__init__([CUTOVER, "rehearse"],
                         env={"XDG_STATE_HOME": self.home}, **options)

    def gate(self, label, word):
        """Waits until that gate is open."""
        self.wait_for(r"^GATE %s " % label, 60)
        self.wait_for("Type %s to go on: *$" % word if word else
                      "The gate is open: y to go on", 30)

    def confirm(self, label, word):
        """Answers that gate."""
        def answer():
            self.gate(label, word)
            if word:
                self.line(CTRL_U + word)
            else:
                self.press("y")
            self.wait_gone(r"^GATE %s " % label, 5)
        again(answer)

    def show_way_back(self):
        """From a gate that asks for its word."""
        def show():
            if re.search("to go on: *$", self.text(), re.M):
                self.press(ESC)
                self.wait_for("Enter, then type", 5)
            self.press("r")
            self.wait_for("THE WAY BACK", 5)
        again(show)

    def roll_back(self):
        """The way back is shown: takes it."""
        def answer():
            self.line(CTRL_U + "rollback")
            self.wait_gone("THE WAY BACK", 5)
        again(answer)

    def walk(self, until=None):
        for label, word in GATES:
            if label == until:
                self.gate(label, word)
                return
            self.confirm(label, word)

    def end(self, wanted, status):
        self.wait_for("^" + wanted, 60)
        self.press(" ")
        check(self.finish(60) == (status, None), "status:\n" + self.text())
        check(not self.restored(), "not restored: " + self.restored())
        check("lost 0, duplicated 0" in self.text(), self.text())

    def close(self):
        super().close()
        shutil.rmtree(self.home)


def test_walk():
    """seven gates at 80 x 24"""
    with Rehearsal() as run:
        run.walk()
        run.end("COMPLETED", 0)
        check("result: completed" in run.text(), run.text())


def test_roll_back():
    """back from gate 4 at 120 x 40, after the preview and its word"""
    with Rehearsal(columns=120, rows=40) as run:
        run.walk(until="4")
        run.show_way_back()
        run.wait_for("It loses 0 transactions")
        run.roll_back()
        run.end("ROLLED BACK", 4)
        check("result: rolled-back" in run.text(), run.text())


if __name__ == "__main__":
    main([test_walk, test_roll_back])
