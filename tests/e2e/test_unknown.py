"""An answer that is lost is neither done nor failed: the world is looked at
before anything is offered, and what must happen once is never sent again."""
import json
import urllib.parse

from faults import Live, World
from proxy import Proxy, rewritten
from walk import check, main


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


def test_flag_answer():
    """the flag's answer is lost: UNKNOWN, LOOKED, done, sent once"""
    with World() as world:
        wire, option = through(world, "flag_url")
        with wire, Live(world, *option) as run:
            run.gate("1")
            wire.strike("answer", b"PATCH ")
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
            run.send("retry")
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
            if what == "answer":
                run.wait("^LOOKED, it has happened: ")
                run.gate("5b")
                run.go_on("5b")
            else:
                run.wait("^STUCK 5a ")
                run.wait("^ONCE: it is never sent twice")
                run.send("retry")
                run.wait("^WAITING AGAIN 5a")
                run.wait("^STUCK 5a ")
                run.roll_back()
            run.completes(status)
            check(wire.count(b"POST ") == 1, "%d requests"
                  % wire.count(b"POST "))
            check(len(sent(run, "smoke")) == 1, "intended once")
        world.finish_whole()


def test_smoke_answer():
    """the smoke test's answer is lost: its row is seen, it is sent once"""
    smoke("answer", 0)


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
                wire.strike(what)
                run.send("flip")
                wire.struck()
                run.wait("^UNKNOWN, it may have happened")
                run.wait("^LOOKED, it has %s: Service" % found)
                if what == "request":
                    run.wait("^STUCK 4 ")
                    run.send("retry")
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


if __name__ == "__main__":
    main([test_flag_answer, test_flag_request, test_smoke_answer,
          test_smoke_request, test_cluster_answer, test_cluster_request])
