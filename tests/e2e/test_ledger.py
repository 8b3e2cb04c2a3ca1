#!/usr/bin/env python3
"""The ledger's own honesty: planted losses and duplicates are found to the
write, planted outages to 50 ms, and where nothing was planted, nothing is.

An outage is planted by one sharp act and ended by another, each timed here on
both of its sides: when it was asked for, and when it was answered. (The flag
is no such act: each pod learns of it in its own time.) So the true duration is
known to lie between two numbers, and the ledger's must lie between them too,
give or take 50 ms. A machine that is busy with something else delays users as
well as tests; how much is seen by a control: a request of our own every few
milliseconds, answered by the process in which the users live. What the control
saw around the two acts widens the 50 ms. If that is more than NOISE_MAX,
nothing was measured at all: then it is planted anew, in a new world, before
any verdict. Of a machine that is never quiet the quietest is judged.
"""
import base64
import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.parse

from faults import command_line
from test_world import KUBECTL, MYSQL, World, stands_still
from walk import (Failure, check, children_of, freeze, main, steady,
                  wait_until)

EXACT = 0.050           # seconds
NOISE_MAX = 0.150       # of the control; more is no measurement
NEAR = 0.300            # around an act
PLANTS_MAX = 5
PROBE = 0.004           # between two requests of the control


class Console:
    """A client of one account: each statement is timed on both sides."""

    def __init__(self, words, password=None):
        self.process = subprocess.Popen(
            [MYSQL, *words, "-N", "--unbuffered"], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True, bufsize=1,
            env=dict(os.environ, **({"MYSQL_PWD": password}
                                    if password else {})))
        self.run("SELECT 1")

    def run(self, statement):
        """(asked, answered, the answer's lines)."""
        asked, lines = time.monotonic(), []
        self.process.stdin.write(statement + "; SELECT 'end';\n")
        self.process.stdin.flush()
        for line in self.process.stdout:
            if line == "end\n":
                return asked, time.monotonic(), lines
            lines.append(line.rstrip("\n"))
        raise Failure("the client ended at: " + statement)

    def close(self):
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def operator(world, group):
    return Console(["--defaults-file=" + world.vars["mysql_file"],
                    "--defaults-group-suffix=" + group])


def application(world, group):
    version = "v1" if group == "rds" else "v2"
    password = base64.b64decode(world.kubectl(
        "get", "secret", "my-app-" + version, "-o",
        "jsonpath={.data.db-password}")).decode()
    return Console(["--no-defaults", "-h127.0.0.1", "-P" +
                    world.sql(group, "SELECT @@port"), "-uapp", "app"],
                   password)


class Control:
    """Asks for the flag all the time; notes by how much each beat is late."""

    def __init__(self, world):
        self.url = urllib.parse.urlsplit(world.vars["flag_url"])
        with open(world.vars["flag_token_file"], encoding="utf-8") as file:
            self.headers = {"Authorization": "Bearer " + file.read()}
        self.seen, self.over = [], False
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        link = http.client.HTTPConnection(self.url.netloc, timeout=10)
        while not self.over:
            due = time.monotonic() + PROBE
            try:
                link.request("GET", self.url.path, headers=self.headers)
                link.getresponse().read()
            except (OSError, http.client.HTTPException):
                link.close()            # as late as it took to break
            time.sleep(max(0, due - time.monotonic()))
            self.seen.append((due - PROBE, time.monotonic() - due))

    def noise(self, moments):
        """The worst delay of a beat that was under way near those moments."""
        self.over = True
        self.thread.join(15)
        return max([late for began, late in self.seen
                    if any(began - NEAR < moment < began + late + NEAR
                           for moment in moments)], default=NOISE_MAX + 1)


def planted_once(plant):
    """In a world of its own: ((least, most), noise, what the world says)."""
    with World("--pods", "2") as world:
        wait_until("writes", lambda: world.rows("rds") > 100)
        control = Control(world)
        begin, end = plant(world)
        # the control must see what comes after the end, too
        wait_until("writes again",
                   lambda n=world.rows("rds"): world.rows("rds") > n + 60)
        return ((end[0] - begin[1], end[1] - begin[0]),
                control.noise(begin + end), world.finish())


def planted(plant):
    """As planted_once, on a machine that was quiet enough for it; where it never
    is, as quiet as it gets."""
    best = None
    for _ in range(PLANTS_MAX):
        now = planted_once(plant)
        if not best or now[1] < best[1]:
            best = now
        if best[1] <= NOISE_MAX:
            break
        print("planted anew: the control was %.0f ms late" % (1000 * now[1]))
    return best


def found(what, true, measured, noise):
    least, most = true
    allowed = EXACT + noise
    print("%s: planted %.3f to %.3f s, found %.3f s, allowed %.0f ms"
          % (what, least, most, measured, 1000 * allowed))
    check(least - allowed <= measured <= most + allowed,
          "%s: planted %.3f to %.3f s, found %.3f s (allowed: %.0f ms)"
          % (what, least, most, measured, 1000 * allowed))


def lasting(begun, seconds):
    """Waits until so long after an act was answered."""
    time.sleep(max(0, begun + seconds - time.monotonic()))


@steady
def test_read_only():
    """0.7 s of a database that refuses writes is found to 50 ms; reads: none"""
    def plant(world):
        with operator(world, "rds") as rds:
            begin = rds.run("SET GLOBAL read_only = ON")[:2]
            lasting(begin[1], 0.7)
            return begin, rds.run("SET GLOBAL read_only = OFF")[:2]
    true, noise, (counts, (writes, reads)) = planted(plant)
    found("writes", true, writes, noise)
    check(reads == 0, "reads failed for %s s" % reads)
    check(counts[2:] == (0, 0), "lost or duplicated: %s" % (counts,))


@steady
def test_several():
    """four outages of one world add up: the ledger's errors do not"""
    acts = []

    def plant(world):
        acts.clear()
        with operator(world, "rds") as rds:
            for seconds in (0.3, 0.2, 0.4, 0.2):
                begin = rds.run("SET GLOBAL read_only = ON")[:2]
                lasting(begin[1], seconds)
                end = rds.run("SET GLOBAL read_only = OFF")[:2]
                acts.append((begin, end))
                wait_until("writes between them", lambda n=world.rows("rds"):
                           world.rows("rds") > n + 60)
        return (tuple(t for begin, _ in acts for t in begin),
                tuple(t for _, end in acts for t in end))
    _, noise, (_, (writes, reads)) = planted(plant)
    true = (sum(end[0] - begin[1] for begin, end in acts),
            sum(end[1] - begin[0] for begin, end in acts))
    # the control tells how late one act may be; here are more
    found("writes, four times", true, writes, 2 * noise)
    check(reads == 0, "reads failed for %s s" % reads)


def test_frozen():
    """a server frozen for 2.5 s: reads and writes, each found to 50 ms"""
    def timed(act):
        asked = time.monotonic()
        act()
        return asked, time.monotonic()

    def plant(world):
        pid, = [pid for pid in children_of(world.process.pid)
                if "--report-host=rds" in command_line(pid)]
        begin = timed(lambda: freeze(pid))
        lasting(begin[1], 2.5)          # users give up after 2 s
        return begin, timed(lambda: os.kill(pid, signal.SIGCONT))
    true, noise, (counts, (writes, reads)) = planted(plant)
    found("writes", true, writes, noise)
    found("reads", true, reads, noise)
    check(counts[2:] == (0, 0), "lost or duplicated: %s" % (counts,))


@steady
def test_rows():
    """17 lost and 10 duplicated writes are found, no more, no fewer; outage 0"""
    with World("--pods", "2") as world, application(world, "rds") as rds:
        wait_until("writes", lambda: world.rows("rds") > 200)
        old = rds.run("SELECT id FROM orders ORDER BY id LIMIT 100")[2]
        lost, twice, thrice = old[10:61:3], old[70:79], old[90]
        check(len(lost) == 17 and len(twice) == 9, "what is planted")
        again = "INSERT INTO orders (write_id, pod) SELECT write_id, " \
            "'planted' FROM orders WHERE id IN (%s)"
        rds.run("DELETE FROM orders WHERE id IN (%s)" % ",".join(lost))
        rds.run(again % ",".join(twice))
        rds.run(again % thrice)
        rds.run(again % thrice)
        # no user's: neither is any business of the ledger
        rds.run("INSERT INTO orders (write_id, pod) VALUES ('x-1', 'planted'),"
                " ('x-1', 'planted')")
        counts, times = world.finish()
        check(counts[2:] == (17, 10), "lost and duplicated: %s" % (counts,))
        check(counts[1] == counts[0] - 17, "present: %s" % (counts,))
        check(times == (0, 0), "outage: %s" % (times,))


def promote_late(world):
    """Fails over to an aurora that lacks the last writes of rds; the write_ids
    that only rds has."""
    with operator(world, "aurora") as aurora, operator(world, "rds") as rds:
        aurora.run("CALL mysql.rds_stop_replication")
        first = world.rows("rds")
        wait_until("what will be lost", lambda: world.rows("rds") > first + 50)
        world.flag(False)
        wait_until("no writes on rds", lambda: stands_still(world))
        rds.run("SET GLOBAL read_only = ON")
        ids = "SELECT write_id FROM app.orders"
        # stands_still has asked before the flag was heard of: no user's
        only = set(rds.run(ids)[2]) - set(aurora.run(ids)[2]) - {"x"}
        aurora.run("CALL mysql.rds_reset_external_master")
        aurora.run("SET GLOBAL read_only = OFF")
    world.kubectl("set", "env", "deployment/my-app-v2", "ENABLE_WRITES=true")
    world.kubectl("rollout", "status", "deployment", "my-app-v2",
                  "--timeout=60s")
    world.kubectl("patch", "service", "my-app-service", "-p",
                  json.dumps({"spec": {"selector": {"version": "v2"}}}))
    world.flag(True)
    return only


def test_failover():
    """writes lost in a careless fail-over are counted to the write"""
    with World("--pods", "1", "--start-delay", "100") as world:
        wait_until("writes", lambda: world.rows("rds") > 100)
        only = promote_late(world)
        check(len(only) > 50, "only %d were planted" % len(only))
        before = world.rows("aurora")
        wait_until("writes on aurora",
                   lambda: world.rows("aurora") > before + 20)
        counts, _ = world.finish()
        check(counts[2:] == (len(only), 0), "planted %d, found %s"
              % (len(only), counts))
        check(counts[1] == counts[0] - len(only), "present: %s" % (counts,))


if __name__ == "__main__":
    if not (MYSQL and KUBECTL):
        print("SKIP: no mysql client or no kubectl")
        sys.exit(77)
    main([test_rows, test_read_only, test_several, test_frozen,
          test_failover])
