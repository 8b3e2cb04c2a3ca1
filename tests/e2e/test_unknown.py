"""An answer that is lost is neither done nor failed: the world is looked at
before anything is offered, and what must happen once is never sent again."""
import contextlib
import json
import os
import re
import urllib.parse

from faults import Live, World
from proxy import Proxy, rewritten
from walk import Resumed, check, main, wait_until


def port_of(url):
    return urllib.parse.urlsplit(url).port


def through(world, name):
    """A wire to what that variable's URL names, and the setting to use it."""
    url = urllib.parse.urlsplit(world.vars[name])
    wire = Proxy(url.port, url.hostname)
    return wire, ["--set", "%s=%s" % (name, url._replace(
        netloc="127.0.0.1:%d" % wire.port).geturl())]


def sent(run, step, undo=False):
    return [r for r in run.events("action.intended")
            if r["step"] == step and r["undo"] == undo]


def seen(run):
    return [(r["step"], r["state"]) for r in run.events("action.observed")]


def flag(what):
    with World() as world:
        wire, option = through(world, "flag_url")
        with wire, Live(world, *option) as run:
            run.gate("1")
            wire.strike(what, b"PATCH ")
            run.send("go")
            wire.struck()
            run.wait("^UNKNOWN, it may have happened")
            run.wait("^LOOKED, it has happened: the flag is off")
            check("STUCK" not in run.text, "it asked before it had looked")
            run.gate("2a")
            check(wire.count(b"PATCH ") == 1, "%d requests"
                  % wire.count(b"PATCH "))
            check(seen(run) == [("read-only", "done")], seen(run))
            run.go_on("2a")
            run.completes()
        world.finish_whole()


def test_flag_answer():
    """the flag's answer is lost: UNKNOWN, LOOKED, done, sent once"""
    flag("answer")


def test_flag_failed():
    """the flag's service acts, and answers 500: that is no failure either"""
    flag("failed")


def test_flag_request():
    """the flag's request is swallowed: LOOKED, not so far; tried again"""
    with World() as world:
        wire, option = through(world, "flag_url")
        with wire, Live(world, *option) as run:
            run.gate("1")
            wire.strike("request", b"PATCH ")
            run.send("go")
            wire.struck()
            run.wait("^UNKNOWN, it may have happened")
            run.wait("^LOOKED, it has not happened so far: the flag is on")
            run.wait("^STUCK 1 ")
            check(wire.count(b"PATCH ") == 1, "it was sent again by itself")
            run.retry()
            run.gate("2a")
            check(wire.count(b"PATCH ") == 2, "tried again once")
            run.roll_back()
            run.completes(4)
        world.finish_whole()


def smoke(what, status):
    with World() as world:
        wire, option = through(world, "service_url")
        with wire, Live(world, *option) as run:
            run.pass_gates(until="5a")
            wire.strike(what, b"POST ")
            run.send("go")
            wire.struck()
            run.wait("^UNKNOWN, it may have happened")
            if what != "request":
                run.wait("^LOOKED, it has happened: ")
                run.gate("5b")
                run.go_on("5b")
            else:
                run.wait("^STUCK 5a ")
                run.wait("^ONCE: it is never sent twice")
                run.retry()
                check("WAITING AGAIN 5a" in run.text, "it only waits again")
                run.wait("^STUCK 5a ")
                run.wait("^ONCE: it is never sent twice")
                run.roll_back()
            run.completes(status)
            check(wire.count(b"POST ") == 1, "%d requests"
                  % wire.count(b"POST "))
            check(len(sent(run, "smoke")) == 1, "intended once")
        world.finish_whole()


def test_smoke_answer():
    """the smoke test's answer is lost: its row is seen, it is sent once"""
    smoke("answer", 0)


def test_smoke_failed():
    """the smoke test writes its row, and is answered 500: seen, sent once"""
    smoke("failed", 0)


def test_smoke_request():
    """the smoke test is swallowed: never sent again, whatever is asked"""
    smoke("request", 4)


def cluster(what, found):
    with World() as world:
        path = world.vars["kubeconfig"]
        with open(path, encoding="utf-8") as file:
            server = json.load(file)["clusters"][0]["cluster"]["server"]
        with Proxy(port_of(server)) as wire:
            copy = rewritten(path, "-wire", server,
                             "https://127.0.0.1:%d" % wire.port)
            with Live(world, "--set", "kubeconfig=" + copy) as run:
                run.pass_gates(until="4")
                wire.quiet()            # the Lease was renewed just now
                wire.strike(what)
                run.send("flip")
                wire.struck()
                run.wait("^UNKNOWN, it may have happened")
                run.wait("^LOOKED, it has %s: Service" % found)
                if what == "request":
                    run.wait("^STUCK 4 ")
                    run.retry()
                run.gate("5a")
                run.go_on("5a")
                run.completes()
                check(len(sent(run, "flip")) == 1 + (what == "request"),
                      str(sent(run, "flip")))
        world.finish_whole()


def test_cluster_answer():
    """the API server's answer is lost: the Service is looked at, sent once"""
    cluster("answer", "happened")


def test_cluster_request():
    """a patch is swallowed on its way to the API server: looked, tried again"""
    cluster("request", "not happened so far")


@contextlib.contextmanager
def database(group, far=0.0):
    """A world, its wire to that database, and a run that uses it."""
    with World() as world:
        path = world.vars["mysql_file"]
        with open(path, encoding="utf-8") as file:
            head, section = file.read().split("[%s]\n" % group, 1)
        port = re.search(r"port=(\d+)", section).group(1)
        with Proxy(int(port), idle=2.0, far=far) as wire:
            with open(path + "-wire", "w", encoding="utf-8") as file:
                os.chmod(path + "-wire", 0o600)
                file.write(head + "[%s]\n" % group + section.replace(
                    "port=" + port, "port=%d" % wire.port, 1))
            with Live(world, "--set", "mysql_file=%s-wire" % path) as run:
                yield world, wire, run
        world.finish_whole()


# What an act says to a database: it takes the seat, then sends the effect.
EFFECT = 1
ACT = 3                 # and leaves the seat


def test_fence_answer():
    """the fence's answer is lost: rds is looked at, it is sent once"""
    with database("rds") as (_, wire, run):
        run.pass_gates(until="2a")
        acts = wire.rests()
        wire.strike("answer", skip=EFFECT, wire=acts)
        run.send("go")
        wire.struck()
        run.wait("^UNKNOWN, it may have happened")
        run.wait("^LOOKED, it has happened: rds ")
        run.gate("2b")
        run.go_on("2b")
        run.completes()
        check(len(sent(run, "fence")) == 1, str(sent(run, "fence")))


def test_fence_request():
    """the fence is swallowed on its way: looked, tried again"""
    with database("rds") as (_, wire, run):
        run.pass_gates(until="2a")
        acts = wire.rests()
        wire.strike("request", skip=EFFECT, wire=acts)
        run.send("go")
        wire.struck()
        run.wait("^LOOKED, it has not happened so far: rds takes writes")
        # before or after: for a moment that session may still be there
        wait_until("STUCK", lambda: "STUCK 2a " in run.text)
        run.retry()
        run.gate("2b")
        run.go_on("2b")
        run.completes()
        check(len(sent(run, "fence")) == 2, str(sent(run, "fence")))


def test_far_source():
    """rds is far away, aurora is not: what both must tell is known in time"""
    with database("rds", far=0.015) as (_, wire, run):
        run.pass_gates(until="2b")
        wait_until("errant transactions, none", lambda: [
            r for r in run.events("guard.changed")
            if r["step"] == "promote" and r["state"] == "green"
            and "that rds lacks" in r["text"]])
        run.roll_back()
        run.completes(4)


def test_late_unfence():
    """what opens aurora hangs on the wire: it never lands after the way back"""
    with database("aurora") as (world, wire, run):
        run.pass_gates(until="2b")
        acts = wire.rests()
        wire.strike("late", skip=2 * ACT + EFFECT, wire=acts)
        run.send("promote")
        wire.struck()
        run.send("cancel")
        run.wait("^UNKNOWN, it may have happened")
        run.wait("^STUCK 2b ")
        run.roll_back()
        run.completes(4)
        check(not wire.deliver(), "its session was still there")
        check(world.sql("aurora", "SELECT @@read_only") == "1",
              "aurora takes writes")


def test_late_after_a_death():
    """kill -9 with it on the wire: the resumed run sees it to its end first"""
    with database("aurora") as (world, wire, run):
        run.pass_gates(until="2b")
        acts = wire.rests()
        wire.strike("late", skip=2 * ACT + EFFECT, wire=acts)
        run.send("promote")
        wire.struck()
        run.process.kill()
        run.finish()
        with Resumed(run) as again:
            again.wait("^LOOKED, it has not happened so far: aurora refuses")
            check(not wire.deliver(), "its session was still there")
            again.send("rollback")
            again.wait(r"^SURE\?")
            again.send("rollback")
            check(again.finish() == 4, again.text[-2000:])


if __name__ == "__main__":
    main([test_far_source, test_fence_answer, test_fence_request,
          test_late_unfence, test_late_after_a_death, test_flag_answer, test_flag_failed,
          test_flag_request, test_smoke_answer, test_smoke_failed,
          test_smoke_request, test_cluster_answer, test_cluster_request])
