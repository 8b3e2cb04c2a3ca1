"""kill -9 of the real tool at fifty random moments, on the way forward and on
the way back, while a resumption is asked for and in the middle of statements:
resumed each time, the run ends completed or rolled back, and the ledger of the
users' own writes says lost 0, duplicated 0. SEED=N repeats one."""
import os
import random
import re
import signal
import time

from test_resume import ASKS, WORDS, practice
from walk import Resumed, check, main, send_by_hand, wait_until

KILLS = int(os.environ.get("KILLS", "50"))
RUNS = 5                # worlds; each takes its share of the kills
WORDED = re.compile(r"^(RESUME|SURE)\?", re.M)
MEANT = {"RESUME": "resume", "SURE": "rollback"}


class Hand:
    """Whoever sits at the terminal: answers what is asked, and goes back once,
    at a moment that the dice chose, if this run is to go back."""

    def __init__(self, dice, goes_back):
        self.dice = dice
        self.back_at = dice.choice(["2a", "2b", "3", "4", "5a"]) \
            if goes_back else None
        self.last = ""

    def answer(self, run):
        """Answers the next question on the screen, if there is one."""
        asked = WORDED.search(run.text, run.at)
        match = ASKS.search(run.text, run.at)
        if asked and (not match or asked.start() < match.start()):
            run.at = asked.end()
            self.say(run, MEANT[asked.group(1)])
        elif match and not match.group(3):
            run.at = match.end()
            if match.group(2):          # refused: once more, in a moment
                time.sleep(0.1)
                self.say(run, self.last)
            elif match.group(1) and match.group(1) == self.back_at:
                self.say(run, "rollback")
            elif match.group(1):
                self.say(run, WORDS[match.group(1)])
            else:
                send_by_hand(run, match)
                self.say(run, "retry")

    def say(self, run, word):
        self.last = word
        try:
            run.send(word)
        except BrokenPipeError:
            pass                        # it was killed, or has ended


def live_on(hand, run, seconds):
    """Lets the hand work for so long, or until the process has ended."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and run.process.poll() is None:
        hand.answer(run)
        time.sleep(0.005)


def to_the_end(hand, run):
    def ended():
        hand.answer(run)
        return run.process.poll() is not None
    wait_until("the end of the run", ended, 120)
    return run.finish()


def killed_and_resumed(start, dice, kills, goes_back):
    """One run from its first gate to its end; returns how often it was killed."""
    hand = Hand(dice, goes_back)
    done = 0
    with start() as run:
        run.gate("1")
        hand.say(run, "go")
        current = run
        while done < kills:
            live_on(hand, current, dice.choice([0.05, 0.2, 0.4, 0.7, 1.2]) *
                    dice.random())
            if run.events("run.closed"):
                break
            current.process.send_signal(signal.SIGKILL)
            current.finish()
            done += 1
            if run.events("run.closed"):
                break
            current = Resumed(run, go_on=False)
        status = to_the_end(hand, current)
        result = run.events("run.closed")[0]["result"]
        check(result == ("rolled-back" if run.events("rollback.begun")
                         else "completed"), result)
        check(status in (0, 4, -signal.SIGKILL), "exit status %s\n%s"
              % (status, current.text[-2000:]))
        check(len(run.events("run.closed")) == 1, "it was closed twice")
        check(run.command("transcript", "--verify").returncode == 0, "chain")
        once = [r for r in run.events("action.intended")
                if "/sentinel" in r["request"]]
        check(len(once) <= 1, "the smoke test's write was sent twice")
    return done


def test_fifty_kills():
    seed = int(os.environ.get("SEED", random.randrange(1 << 30)))
    print("SEED=%d" % seed, flush=True)
    dice = random.Random(seed)
    left = KILLS
    worlds = 0
    while left > 0 and worlds < RUNS * 3:
        share = -(-left // max(1, RUNS - worlds))
        done = []

        @practice
        def one(start):
            done.append(killed_and_resumed(start, dice, share,
                                           goes_back=worlds % 2 == 1))
        one()
        left -= done[0]
        worlds += 1
    print("%d kills in %d runs" % (KILLS - left, worlds), flush=True)
    check(left <= 0, "only %d kills" % (KILLS - left))


test_fifty_kills.__doc__ = "kill -9 at %d random moments, resumed each time" \
    % KILLS

if __name__ == "__main__":
    main([test_fifty_kills])
