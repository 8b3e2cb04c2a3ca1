"""One driver: two runs of one cutover, on one practice cluster, and the Lease
between them. Each run has a home of its own, as on two machines."""
import http.server
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading

from walk import GATES, Run, check, children_of, freeze, main, wait_until

KUBECTL = shutil.which("kubectl")
LEASE = "cutover-aurora-cutover-my-app-service"
LASTS = 6       # seconds


class World:
    """The practice world, and kubectl on it."""

    def __init__(self):
        self.run = Run("rehearse", "--world", "--pods", "1")
        self.directory = self.run.wait(r"^world: ready (\S+)").group(1)

    def kubectl(self, *words, fails=False):
        done = subprocess.run(
            [KUBECTL, "--kubeconfig", self.directory + "/kubeconfig", "-n",
             "shop", *words], capture_output=True, text=True, timeout=60,
            check=False, env=dict(os.environ, HOME=self.directory))
        check(fails or done.returncode == 0, done.stderr)
        return done.stdout

    def spec(self):
        return json.loads(self.kubectl("get", "lease", LEASE, "-o",
                                       "json"))["spec"]

    def holder(self):
        return self.spec().get("holderIdentity", "")

    def server(self):
        """The process that plays the API server."""
        return children_of(self.run.process.pid)[0]

    def cutover(self, *more):
        return Run("run", "aurora-cutover", "--plain", "--vars",
                   self.directory + "/vars.yaml", "--set",
                   "lease=%ds" % LASTS, *more)

    def resume(self, earlier):
        run = Run("resume", "--plain", env={"XDG_STATE_HOME": earlier.home})
        shutil.rmtree(run.home)
        run.home = earlier.home
        # what is said of the Lease comes before that or after it
        wait_until("the question", lambda: "\nRESUME?" in run.text)
        return run


def in_a_world(test):
    def wrapped():
        world = World()
        test(world)
        world.run.process.terminate()
        check(world.run.finish() == 0, world.run.text[-2000:])
    wrapped.__doc__ = test.__doc__
    return wrapped


def told(run, pattern, seconds=60):
    """Waits for a line that begins so, wherever it is broken."""
    return run.wait("^" + pattern.replace(" ", r"\s+"), seconds)


def refused(run, word, why):
    """That word does nothing: the gate was printed as shut, or is just now."""
    run.say_once(word)
    told(run, "NO: (the gate is shut|.*not sent: %s)" % why)


def lease(run, pattern):
    """Waits for what is said of the Lease."""
    return told(run, "LEASE %s(?: is|:) %s" % (LEASE, pattern))


def notes(run):
    return [r for r in run.events("note") if "lease" in r]


def walk_on(run, label):
    """From that gate, which is open, to the end of the run."""
    labels = [gate for gate, _, _ in GATES]
    for gate, _, word in GATES[labels.index(label):]:
        if gate != label:
            run.gate(gate)
        run.send(word)
    return run.finish()


@in_a_world
def test_second_is_refused(world):
    """a second driver is told who drives; at its end the first gives it up"""
    first = world.cutover()
    lease(first, "ours")
    first.gate("1")
    spec = world.spec()
    name = os.path.basename(first.run_dir())
    holder = re.fullmatch(r"(\S+@\S+)/%s/(\d+)" % re.escape(name),
                          spec["holderIdentity"])
    check(holder and int(holder.group(2)) == first.process.pid,
          spec["holderIdentity"])
    check(spec["leaseDurationSeconds"] == LASTS, str(spec))
    check(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z",
                       spec["renewTime"]), spec["renewTime"])
    check(spec["leaseTransitions"] == 0, str(spec))
    second = world.cutover()
    said = lease(second, r"HELD BY (\S+) \(run (\S+), process (\d+)\) since "
                 r"(\S+), last renewed (\S+);")
    check(said.group(1, 2, 3) == (holder.group(1), name, holder.group(2)),
          said.group(0))
    check(said.group(4) == spec["acquireTime"][:19] + "Z", said.group(0))
    told(second, "GATE 1 shut: HELD BY")
    refused(second, "go", "HELD BY")
    second.send("takeover")
    told(second, "NO: the Lease has not expired")
    check(not second.events("action.intended"), "the second acted")
    check(next(r["lease"]["holder"] for r in notes(second)
               if r["lease"]["holder"]) == spec["holderIdentity"],
          str(notes(second)))
    before = spec["renewTime"]
    wait_until("a renewal", lambda: world.spec()["renewTime"] != before)
    check(walk_on(first, "1") == 0, first.text[-2000:])
    check(world.holder() == "", "held after the end: " + world.holder())
    # it saw somebody drive: it must not go on as if nothing had happened
    lease(second, "(GIVEN UP|EXPIRED, HELD) (by|BY)")
    second.send("park")
    check(second.finish() == 5, second.text[-1000:])
    third = world.cutover()
    lease(third, "ours")
    # by its guards: it is done already
    wait_until("a shut gate", lambda: "\nGATE 1 shut: " in third.text)
    third.send("park")
    check(third.finish() == 5, third.text[-1000:])
    check(world.spec()["leaseTransitions"] == 1, str(world.spec()))


@in_a_world
def test_second_ends(world):
    """a second driver offers only what he may; his end changed nothing"""
    first = world.cutover()
    first.gate("1")
    second = world.cutover()
    told(second, "GATE 1 shut: HELD BY")
    second.say_once("help")
    told(second, "rollback: ")
    told(second, "help: ")
    check(not re.search("^(arm|override) ", second.text, re.M), second.text)
    second.say_once("override 1 because")
    told(second, "NO: not sent: HELD BY")
    second.say_once("arm 2b")
    told(second, "NO: not sent: HELD BY")
    check(not second.events("gate.armed") and
          not second.events("gate.overridden"), "it was recorded")
    second.send("rollback")
    told(second, " Nothing was changed yet")
    told(second, r" The Lease is held by \S+ \(run %s,"
         % os.path.basename(first.run_dir()))
    second.wait("^SURE")
    second.send("rollback")
    check(second.finish() == 4, second.text[-1000:])
    check(re.search(r"^run: ended; nothing was changed\n"
                    r"elsewhere: the Lease is held by \S+ \(run %s, .* that run "
                    r"goes on$" % os.path.basename(first.run_dir()),
                    second.text, re.M), second.text[-1000:])
    check([r["event"] for r in second.journal()][-3:] ==
          ["rollback.begun", "rollback.done", "run.closed"], "its journal")
    first.send("status")
    first.gate("1")
    first.send("rollback")
    first.wait("^SURE")
    first.send("rollback")
    check(first.finish() == 4, first.text[-1000:])
    check(re.search(r"^run: ended; nothing was changed\njournal: ", first.text,
                    re.M), first.text[-500:])


@in_a_world
def test_taken_over(world):
    """after kill -9, and once it has expired, the word takes it over"""
    first = world.cutover()
    first.pass_gates(until="2b")
    second = world.cutover()
    lease(second, "HELD BY")
    dead = world.holder()
    second.send("takeover")
    told(second, "NO: the Lease has not expired")
    first.process.send_signal(signal.SIGKILL)
    first.finish()
    lease(second, "EXPIRED")
    refused(second, "go", "EXPIRED, HELD BY")
    check(world.holder() == dead, "it was taken without the word")
    second.send("takeover")
    lease(second, "ours")
    check(str(second.process.pid) in world.holder(), world.holder())
    taken = [r for r in notes(second) if r["lease"]["taken"]]
    check(len(taken) == 1 and taken[0]["lease"]["holder"] == dead, str(taken))
    again = world.resume(first)
    lease(again, "HELD BY")
    again.send("resume")
    told(again, "GATE 2b shut: HELD BY")
    refused(again, "promote", "HELD BY")
    again.say_once("rollback")
    told(again, "NO: the way back sends effects too: not sent: HELD BY")
    second.send("park")
    check(second.finish() == 5, second.text[-1000:])
    # a server that does not answer in time is left to find out by itself
    lease(again, "(GIVEN UP|EXPIRED, HELD) (by|BY)")
    again.send("takeover")
    lease(again, "ours")
    again.gate("2b")
    check(walk_on(again, "2b") == 0, again.text[-2000:])
    transcript = again.command("transcript")
    check(re.search(r"takes\s+the\s+Lease", transcript.stdout),
          transcript.stdout)


@in_a_world
def test_own_after_a_kill(world):
    """after kill -9 the same run goes on at once with its own Lease"""
    first = world.cutover("--set", "lease=10m")
    first.pass_gates(until="2a")
    first.process.send_signal(signal.SIGKILL)
    first.finish()
    dead = world.holder()
    again = world.resume(first)
    lease(again, "ours")
    check(world.holder() != dead, "the same holder")
    check(not notes(again), "it was taken over from somebody")
    again.send("resume")
    again.gate("2a")
    check(walk_on(again, "2a") == 0, again.text[-2000:])


@in_a_world
def test_stolen(world):
    """whose Lease was taken by force sends nothing until it is its own again"""
    first = world.cutover()
    first.pass_gates(until="2a")
    first.send("rollback")
    first.wait("^SURE")
    world.kubectl("patch", "lease", LEASE, "--type=merge", "-p",
                  '{"spec":{"holderIdentity":"mallory"}}')
    lease(first, "HELD BY mallory since")
    acts = len(first.events("action.intended"))
    for word in ("go", "rollback"):
        refused(first, word, ".*HELD BY mallory")
    check(len(first.events("action.intended")) == acts, "it acted")
    check(not first.events("rollback.begun"), "it began to go back")
    lease(first, "EXPIRED, HELD BY mallory")
    first.send("takeover")
    lease(first, "ours")
    first.send("rollback")
    first.wait("^SURE")
    first.send("rollback")
    check(first.finish() == 4, first.text[-2000:])
    check(world.holder() == "", "held after the end")


SLOW = """runbook: slow
title: Two acts, the first of them slow
variables:
  url: {type: string, about: a slow server}
  mysql_file: {type: string, about: the option file}
  kubeconfig: {type: string, about: the kubeconfig}
connections:
  rds: {mysql: {file: "${mysql_file}", group: rds}}
  aurora: {mysql: {file: "${mysql_file}", group: aurora}}
  cluster: {kubernetes: {kubeconfig: "${kubeconfig}", namespace: shop, lease: 6s}}
observe:
  source: rds
  target: aurora
  service: my-app-service
  versions:
    v1: {deployment: my-app-v1, match: "version=v1", database: rds}
steps:
  - id: one
    step: "1"
    title: Slow
    guards: []
    do:
      - request: {method: GET, url: "${url}"}
        within: 100s
      - sql: {on: rds, statement: "SELECT 'second'"}
    undo: none
"""


class SlowServer(http.server.BaseHTTPRequestHandler):
    """Answers "first", once it is told to."""
    answer = threading.Event()

    def do_GET(self):       # the name that http.server asks for
        self.answer.wait(90)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"first")

    def log_message(self, *_):
        pass


@in_a_world
def test_stolen_in_flight(world):
    """stolen between two acts of one gate: the second is not sent"""
    server = http.server.HTTPServer(("127.0.0.1", 0), SlowServer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    path = world.directory + "-slow.yaml"
    with open(path, "w", encoding="utf-8") as file:
        file.write(SLOW)
    run = Run("run", path, "--plain",
              "--set", "url=http://127.0.0.1:%d/" % server.server_port,
              "--set", "mysql_file=%s/my.cnf" % world.directory,
              "--set", "kubeconfig=%s/kubeconfig" % world.directory)
    run.gate("1")
    run.send("go")
    wait_until("the first act", lambda: run.events("action.intended"))
    world.kubectl("patch", "lease", "cutover-slow-my-app-service",
                  "--type=merge", "-p",
                  '{"spec":{"holderIdentity":"mallory"}}')
    told(run, "LEASE .*HELD BY mallory")
    SlowServer.answer.set()
    told(run, "STUCK 1 .*HELD BY mallory")
    run.send("retry")
    told(run, "NO: (EXPIRED, )?HELD BY mallory")
    done = [r["answer"] for r in run.events("action.done")]
    failed = run.events("action.failed")
    check(len(done) == 1 and "first" in done[0], str(done))
    check(len(failed) == 1 and failed[0]["outcome"] == "failed" and
          re.match("not sent: (EXPIRED, )?HELD BY mallory",
                   failed[0]["error"]),
          str(failed))
    wait_until("it to expire", lambda: re.search(
        r"^LEASE .*:\s+EXPIRED", run.text, re.M))
    run.send("takeover")
    told(run, "LEASE .* is ours")
    run.retry()
    check(run.finish() == 0, run.text[-1000:])
    done = [r["answer"] for r in run.events("action.done")]
    check(len(done) == 2 and "second" in done[1], str(done))
    server.shutdown()
    os.unlink(path)


@in_a_world
def test_deleted_and_touched(world):
    """a Lease that is deleted or annotated is ours again by itself"""
    first = world.cutover()
    first.gate("1")
    world.kubectl("annotate", "lease", LEASE, "team=blue")
    renewed = world.spec()["renewTime"]
    wait_until("a renewal", lambda: world.spec()["renewTime"] != renewed)
    kept = world.kubectl("get", "lease", LEASE, "-o",
                         "jsonpath={.metadata.annotations.team}")
    check(kept == "blue", "the annotation is gone")
    world.kubectl("delete", "lease", LEASE)
    wait_until("a new Lease", lambda: LEASE in world.kubectl(
        "get", "leases", "-o", "name"))
    check(walk_on(first, "1") == 0, first.text[-2000:])


@in_a_world
def test_forbidden(world):
    """without the right to leases nothing is sent, and the verbs are named"""
    run = world.cutover("--set", "context=practice-reader")
    lease(run, "no right to the Lease")
    run.wait(r"get, create\s+and\s+update\s+on\s+leases\.coordination\.k8s\.io"
             r"\s+in\s+namespace\s+shop")
    told(run, "GATE 1 shut: no right to the Lease")
    refused(run, "go", "no right to the Lease")
    check(not run.events("action.intended"), "it acted")
    run.send("park")
    check(run.finish() == 5, run.text[-1000:])


@in_a_world
def test_silent_server(world):
    """a silent API server: nothing is sent until the Lease is renewed again"""
    first = world.cutover()
    first.gate("1")
    server = world.server()
    freeze(server)
    try:
        told(first, "LEASE %s: the Lease shop/%s could not be renewed in time"
             % (LEASE, LEASE))
        first.say_once("go")
        told(first, "NO: ")
        check(not first.events("action.intended"), "it was sent")
    finally:
        os.kill(server, signal.SIGCONT)
    lease(first, "ours")
    first.gate("1")
    first.send("park")
    check(first.finish() == 5, first.text[-1000:])


def test_local_lock():
    """a second process on a run is told who holds it, from where, since when"""
    world = World()
    first = world.cutover()
    first.gate("1")
    words = r"held by \w+, process %d on \S+ since \d{4}-" % first.process.pid
    name = first.run_dir()
    for arguments, status in (
            (("resume", "--plain", os.path.basename(name)), 1),
            (("resume", "--plain", name), 1)):
        done = first.command(*arguments)
        check(done.returncode == status and re.search(words, done.stderr),
              "%s: %s %s" % (arguments, done.returncode, done.stderr))
    done = first.command("run", "aurora-cutover", "--plain", "--vars",
                         world.directory + "/vars.yaml", "--run-dir", name)
    check(done.returncode != 0 and re.search(words, done.stderr),
          "%s %s" % (done.returncode, done.stderr))
    check(len(first.events("run.opened")) == 1, "its journal was touched")
    done = first.command("resume", "--plain")
    check(re.search(words, done.stderr), done.stderr)
    first.send("park")
    check(first.finish() == 5, first.text[-1000:])


if __name__ == "__main__":
    if not KUBECTL:
        print("SKIP: no kubectl")
        sys.exit(77)
    main([test_second_is_refused, test_second_ends, test_taken_over, test_own_after_a_kill,
          test_stolen, test_stolen_in_flight, test_deleted_and_touched,
          test_forbidden, test_silent_server, test_local_lock])
