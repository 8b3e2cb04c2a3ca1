"""The full-screen front end on a real terminal, over a made-up run."""
import os
import shutil
import signal
import tempfile
import time

from terminal import CTRL_C, CTRL_Z, ESC, Terminal
from walk import check, freeze, lives, main, wait_until

DEMO = os.path.join(os.environ.get("CUTOVER_BUILD", "."),
                    "tests/unit/screen_demo")


class Demo(Terminal):
    """The demo, whose gates a test opens and shuts."""

    def __init__(self, *arguments, **options):
        self.place = tempfile.mkdtemp(prefix="cutover-screen-")
        self.green = os.path.join(self.place, "green")
        super().__init__([DEMO, self.green, *arguments], **options)

    def open_gates(self):
        with open(self.green, "w", encoding="ascii"):
            pass

    def let_act(self, lasts):
        """An action lasts for as long as this says so."""
        if lasts:
            with open(self.green + ".acts", "w", encoding="ascii"):
                pass
        else:
            os.unlink(self.green + ".acts")

    def shut_gates(self):
        os.unlink(self.green)

    def ended_well(self, wanted=(0, None)):
        ended = self.finish()
        check(ended == wanted, "ended with %s:\n%s" % (ended, self.text()))
        check(not self.restored(), "not restored: " + self.restored())

    def park(self):
        self.press("q")
        self.wait_for("Park: end here")
        self.press("y")
        self.wait_for("PARKED")
        self.press(" ")
        self.ended_well()

    def close(self):
        super().close()
        shutil.rmtree(self.place)


def test_walk():
    """y opens ordinary gates, the typed word dangerous ones; any key leaves"""
    with Demo() as demo:
        demo.open_gates()
        for label in ("1", "2a"):
            demo.wait_for(r"GATE %s " % label)
            demo.wait_for("y to go on")
            demo.press("y")
        demo.wait_for("GATE 2b")
        demo.wait_for("Type promote to go on:")
        demo.press("y")
        demo.line("")
        demo.wait_for("opens to the word")
        demo.line("promote")
        demo.wait_for("GATE 3")
        demo.wait_for("y to go on")
        demo.press("y")
        demo.wait_for("Type flip to go on:")
        demo.line("flip")
        for label in ("5a", "5b"):
            demo.wait_for(r"GATE %s " % label)
            demo.wait_for("y to go on")
            demo.press("y")
        demo.wait_for("COMPLETED")
        demo.press("x")
        demo.ended_well()


def test_early_keys():
    """what was typed before a gate opened does nothing"""
    with Demo() as demo:
        demo.wait_for("The gate is shut")
        demo.press("yyyy")
        demo.open_gates()
        demo.wait_for("y to go on")
        demo.press("n")
        demo.wait_for("Note:")
        demo.line("still here")
        demo.wait_gone("Note:")
        demo.press("q")
        demo.wait_for("Park: end here")
        demo.press("n")
        demo.wait_gone("Park: end here")
        demo.park()
        check("until step 0" in demo.text(), "an early key confirmed")


def test_any_key():
    """any key stops what is armed: an arrow, a function key"""
    for key in (ESC + "OD", ESC + "[15~"):
        with Demo() as demo:
            demo.open_gates()
            demo.wait_for("y to go on")
            demo.press("a")
            for label, word in (("2a", "arm"), ("2b", "promote"), ("3", "arm"),
                                ("4", "flip"), ("5a", "arm"), ("5b", "arm")):
                demo.wait_for("^ARM %s " % label)
                demo.line(word)
            demo.wait_for("2b Promote Aurora +armed")
            demo.press("y")
            demo.wait_for("Armed: it goes on by itself")
            demo.press(key)
            demo.wait_for("Disarmed by a key")


def test_bell():
    """the bell calls when a gate has opened, on any page"""
    with Demo() as demo:
        demo.wait_for("The gate is shut")
        demo.press("?")
        demo.wait_for("^KEYS")
        rung = demo.raw.count(b"\x07")
        demo.open_gates()
        demo.wait_for("GATE 1 is open: Esc shows it")
        demo.wait("the bell", lambda: demo.raw.count(b"\x07") > rung)


def test_take_over():
    """while another has the Lease y does nothing; T and its word take it"""
    with Demo("expired") as demo:
        demo.open_gates()
        demo.wait_for("EXPIRED, HELD BY alice@bastion")
        demo.wait_for("Nothing is sent: the Lease is not ours. T takes it")
        demo.press("y")
        demo.press("T")
        demo.wait_for("Type takeover to drive this cutover")
        demo.line("promote")
        demo.wait_for("not the word")
        demo.line("takeover")
        demo.wait_gone("EXPIRED")
        demo.wait_for("y to go on")
        demo.park()
        check("until step 0" in demo.text(), "y confirmed")


def test_paste():
    """pasted text does nothing"""
    with Demo() as demo:
        demo.open_gates()
        demo.wait_for("y to go on")
        demo.press(ESC + "[200~y\ny\nq" + ESC + "[201~")
        demo.press("?")
        demo.wait_for("KEYS")
        demo.press(ESC)
        demo.wait_for("y to go on")
        demo.park()
        check("until step 0" in demo.text(), "a pasted key confirmed")


def test_shut_while_typing():
    """a gate that shuts forgets the word begun"""
    with Demo() as demo:
        demo.open_gates()
        for label in ("1", "2a"):
            demo.wait_for(r"GATE %s " % label)
            demo.wait_for("y to go on")
            demo.press("y")
        demo.wait_for("Type promote")
        demo.press("promo")
        demo.wait_for("go on: promo")
        demo.shut_gates()
        demo.wait_for("The gate is shut")
        demo.open_gates()
        demo.wait_for("Type promote to go on:$")
        demo.press(ESC)
        demo.wait_for("Enter, then type")
        demo.press("r")
        demo.wait_for("THE WAY BACK")
        demo.line("rollback")
        demo.wait_for("ROLLED BACK")
        demo.press(" ")
        demo.ended_well()


def test_scrolls():
    """the terminal of these tests scrolls a part of it as others do"""
    for order, wanted in (("2S", "a\nd\n\n\ne"), ("T", "a\n\nb\nc\ne")):
        with Terminal(["printf", r"\033[H\033[Ja\nb\nc\nd\ne"
                       r"\033[2;4r\033[%s\033[r" % order]) as screen:
            screen.finish()
            check(screen.text().rstrip() == wanted, screen.text())


def test_override():
    """a red guard is passed with a reason, a hard one never"""
    with Demo() as demo:
        demo.wait_for("The gate is shut")
        demo.press("o")
        demo.wait_for("Override which guard")
        demo.line("9")
        demo.wait_for("this gate has no guard 9")
        demo.line("5")
        demo.wait_for("hard: nothing overrides it")
        demo.line("1")
        demo.wait_for("Why pass guard 1")
        demo.wait_gone("hard: nothing overrides it")
        demo.line("the flag is known to be on")
        demo.wait_for("overridden")


def test_cancel():
    """Ctrl-C in an action offers to stop waiting; the outcome is unknown"""
    with Demo() as demo:
        demo.open_gates()
        demo.let_act(lasts=True)
        demo.wait_for("y to go on")
        demo.press("y")
        demo.wait_for("ACTING")
        demo.press(CTRL_C)
        demo.wait_for("Stop waiting")
        demo.press("y")
        demo.wait_for("STUCK 1")
        demo.wait_for("UNKNOWN")
        demo.let_act(lasts=False)
        demo.press("t")
        demo.wait_for("GATE 2a")


def test_given_back():
    """the terminal comes back after SIGTERM, SIGQUIT, SIGHUP and a crash"""
    for number in (signal.SIGTERM, signal.SIGQUIT, signal.SIGHUP):
        with Demo() as demo:
            demo.wait_for("GATE 1 ")
            demo.signal(number)
            demo.ended_well()
            check("parked" in demo.text(), "not parked:\n" + demo.text())
    for number in (signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS,
                   signal.SIGFPE):
        with Demo() as demo:
            demo.wait_for("GATE 1 ")
            demo.signal(number)
            demo.ended_well((None, number))


def test_sizes():
    """it follows the terminal's size; one line says what it needs"""
    with Demo() as demo:
        demo.wait_for("GATE 1 ")
        demo.resize(60, 20)
        demo.wait_for("needs 80 x 24")
        demo.press("p")
        demo.press("y")
        demo.resize(120, 40)
        demo.wait_for("TRAFFIC")
        demo.wait_for("GATE 1 ")
        demo.resize(80, 24)
        demo.wait_gone("TRAFFIC")
        demo.wait_for(r"REPLICATION rds")


def test_keys_of_the_line():
    """Ctrl-S halts nothing, Ctrl-\\ kills nothing"""
    with Demo() as demo:
        demo.wait_for("GATE 1 ")
        demo.press("\x13")
        demo.press("\x1c")
        demo.open_gates()
        demo.let_act(lasts=True)
        demo.wait_for("y to go on")
        demo.press("y")
        demo.wait_for("ACTING")
        demo.let_act(lasts=False)
        demo.wait_for("GATE 2a")
        demo.park()


def test_without_an_end():
    """a terminal larger than any frame: it is drawn in its corner"""
    with Demo() as demo:
        demo.wait_for("GATE 1 ")
        demo.resize(640, 320)
        demo.wait_for("TRAFFIC")
        demo.open_gates()
        demo.wait_for("y to go on")
        demo.park()


def test_way_back_unseen():
    """what a lagging line brings at once goes back by no way that was not seen"""
    with Demo() as demo:
        demo.open_gates()
        demo.wait_for("y to go on")
        demo.press("y")
        demo.wait_for("GATE 2a")
        demo.wait_for("y to go on")
        freeze(demo.process.pid)        # it finds all of it at once
        demo.press("rrollback\r")
        demo.signal(signal.SIGCONT)
        demo.wait_for("not what was shown")
        demo.wait_for("Type rollback to go back")
        demo.line("rollback")
        demo.wait_for("ROLLED BACK")
        demo.press(" ")
        demo.ended_well()


def test_not_read():
    """a terminal that takes nothing halts nothing, and keeps nobody"""
    with Demo() as demo:
        demo.wait_for("GATE 1 ")
        for i in range(40):     # more drawings than any terminal takes unread
            demo.resize(400 + i, 250)
            time.sleep(0.05)
        demo.signal(signal.SIGTERM)
        wait_until("its end", lambda: not lives(demo.process.pid), 20)
        demo.ended_well()


def test_suspend():
    """Ctrl-Z gives the terminal to the shell, fg takes it back"""
    with Terminal(["/bin/bash", "--norc", "-i"],
                  env={"PS1": "shell> "}) as terminal:
        terminal.wait_for("shell>")
        terminal.line("%s /nonexistent" % DEMO)
        terminal.wait_for("GATE 1 ")
        terminal.press(CTRL_Z)
        terminal.wait_for("Stopped")
        terminal.line("stty -a | grep -o ' echo '")
        terminal.wait_for("^ echo")
        terminal.resize(120, 40)
        terminal.line("fg")
        terminal.wait_for("TRAFFIC")
        terminal.press("q")
        terminal.wait_for("Park: end here")
        terminal.press("y")
        terminal.wait_for("PARKED")
        terminal.press(" ")
        terminal.wait_for("parked, gates")
        terminal.line("exit")


def test_plain_terminals():
    """NO_COLOR, monochrome, ASCII, and terminals that cannot show a screen"""
    with Demo(env={"NO_COLOR": "1"}) as demo:
        demo.wait_for("GATE 1 ")
        colours = {cell.fg for line in demo.screen.buffer.values()
                   for cell in line.values()}
        check(colours <= {"default"}, "colours: %s" % colours)
    with Demo(env={"NO_COLOR": ""}) as demo:
        demo.wait_for("GATE 1 ")
        check(b"\x1b[3" in demo.raw, "an empty NO_COLOR counts")
    with Demo(env={"TERM": "vt100"}) as demo:
        demo.wait_for("GATE 1 ")
    with Demo(env={"LC_ALL": "C"}) as demo:
        demo.wait_for("GATE 1 ")
        demo.wait_for(r"^>1 ")
        check(demo.raw.isascii(), "not ASCII")
    with Demo(env={"TERM": "dumb"}) as demo:
        demo.wait_for("use --plain")
        check(demo.finish() == (2, None), "TERM=dumb is refused")


if __name__ == "__main__":
    main([value for name, value in list(globals().items())
          if name.startswith("test_")])
