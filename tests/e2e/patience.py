"""How long a test waits, and what it says when it waited in vain.

A machine may stand still for seconds, all of it: the program, its databases,
and the test. That time is nobody's fault and does not count: a patience runs
out only while the test looks.
"""
import time

STEP = 1.0      # seconds: the most that counts from one look to the next


class Failure(Exception):
    """What a test expected and did not see."""


class Patience:
    """So many seconds, in which the test looked again and again."""

    def __init__(self, seconds):
        self.left = seconds
        self.looked = time.monotonic()

    def is_over(self):
        """Has it run out? To be asked at every look, several times a second."""
        now = time.monotonic()
        self.left -= min(now - self.looked, STEP)
        self.looked = now
        return self.left < 0


def wait_until(what, test, seconds=30):
    """Waits until test() is true; returns what it returned."""
    patience = Patience(seconds)
    while True:
        value = test()
        if value:
            return value
        if patience.is_over():
            raise Failure("waited %s s in vain for %s" % (seconds, what))
        time.sleep(0.02)
