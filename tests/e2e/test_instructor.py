#!/usr/bin/env python3
"""A second terminal talks to a practice world: faults begun and cleared by
hand over its control socket."""
import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error

from test_world import KUBECTL, MYSQL, World, ask, stands_still
from walk import CUTOVER, SOURCE, Run, check, main, steady, wait_until

SCENARIOS = os.path.join(SOURCE, "runbooks", "rehearsal")


def talk(world, line):
    """The answer's lines without its last, and the last."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(30)
        client.connect(os.path.join(world.dir, "control"))
        client.sendall((line + "\n").encode())
        client.shutdown(socket.SHUT_WR)
        text = b"".join(iter(lambda: client.recv(65536), b"")).decode()
    *lines, last = text.splitlines()
    check(all(line.startswith(" ") for line in lines), text)
    return lines, last


def status_code(world, enabled=None):
    try:
        world.flag(enabled)
        return 200
    except urllib.error.HTTPError as refusal:
        return refusal.code


def test_flag():
    """the flag service goes down, slow and inert by hand, and comes back"""
    with World("--pods", "1", "--start-delay", "100") as world:
        mode = os.stat(os.path.join(world.dir, "control")).st_mode
        check(stat.S_IMODE(mode) == 0o600, "mode %o" % mode)
        lines, last = talk(world, "faults")
        check(last == "ok" and any("flag-down" in line for line in lines),
              str(lines))
        check(talk(world, "inject flag-down") == ([" flag-down begun"], "ok"),
              "flag-down")
        check(status_code(world) == 503, "it still answers")
        check(any("flag-down since" in line
                  for line in talk(world, "status")[0]), "status")
        check(talk(world, "clear flag-down")[1] == "ok", "clear")
        check(status_code(world) == 200, "it is still down")

        talk(world, "inject flag-inert")
        check(world.flag(False)["enabled"] is False, "the PATCH's answer")
        check(world.flag()["enabled"] is True, "it has an effect")
        check(talk(world, "clear all") == ([" flag-inert cleared"], "ok"),
              "clear all")

        check(talk(world, "clear") == ([], "error: 'clear' wants a fault's "
              "name, or 'all'; none has begun"), "clear nothing")
        check(talk(world, "inject flag-slow seconds=1")[1] == "ok", "slow")
        talk(world, "inject api-slow ms=1")
        check(talk(world, "clear ") == ([], "error: 'clear' wants a fault's "
              "name, or 'all'; begun: flag-slow, api-slow"), "clear what?")
        talk(world, "clear api-slow")
        world.flag(False)
        wait_until("the flag's effect", lambda: stands_still(world))
        talk(world, "clear flag-slow")
        world.flag(True)
        for line in ("inject", "inject nonsense", "inject flag-slow seconds=x",
                     "inject flag-slow pods=1", "inject flag-down now",
                     "clear flag-down", "clear", "", "finis"):
            check(talk(world, line)[1].startswith("error: "), line)
        numbers, (writes, _) = world.finish()
        check(numbers[2:] == (0, 0), str(numbers))
        check(writes > 0.5, "no outage was felt: %s" % writes)


def test_held():
    """what a slow service holds back goes on once that is cleared"""
    def begun(act):
        answers = []
        thread = threading.Thread(target=lambda: answers.append(act()),
                                  daemon=True)
        thread.start()
        thread.join(1)
        check(thread.is_alive(), "it was not slow")
        return thread, answers

    with World("--pods", "1", "--start-delay", "100") as world:
        for fault, act in (("flag-slow seconds=60", world.flag),
                           ("api-slow ms=60000",
                            lambda: world.kubectl("get", "pods"))):
            check(talk(world, "inject " + fault)[1] == "ok", fault)
            waits, answers = begun(act)
            check(talk(world, "clear " + fault.split()[0])[1] == "ok", fault)
            waits.join(30)
            check(answers and answers[0], "%s: it is held still" % fault)
        world.finish()


def test_not_cleared():
    """what cannot be cleared yet is not said to be"""
    with World("--pods", "1", "--start-delay", "100") as world:
        for fault in ("lag-null", "rds-down"):
            check(talk(world, "inject " + fault)[1] == "ok", fault)
        last = talk(world, "clear lag-null")[1]
        check(last.startswith("error: lag-null is not cleared yet: "), last)
        check(any("lag-null since" in line
                  for line in talk(world, "status")[0]), "it is still on")
        for fault in ("rds-down", "lag-null"):
            wait_until(fault + " to be cleared", lambda f=fault: talk(
                world, "clear " + f) == ([" %s cleared" % f], "ok"))
        world.finish()


def test_ends_by_itself():
    """what is over by itself is not said to be on"""
    with World("--pods", "1", "--start-delay", "100") as world:
        for fault in ("api-throttled seconds=1", "api-down seconds=1",
                      "lag-spike seconds=1", "long-transaction seconds=1",
                      "flag-down"):
            check(talk(world, "inject " + fault)[1] == "ok", fault)
        wait_until("their ends", lambda: [
            line.split()[1] for line in talk(world, "status")[0]
            if " since " in line] == ["flag-down"])
        check(talk(world, "clear api-down")[1] ==
              "error: api-down has not begun", "it is cleared anew")
        # the service is in one mood at a time, and one write was contested
        for fault in ("flag-inert", "api-conflict resource=configmaps"):
            check(talk(world, "inject " + fault)[1] == "ok", fault)
        world.kubectl("create", "configmap", "contested")
        world.kubectl("annotate", "configmap", "contested", "by=me")
        wait_until("their ends", lambda: [
            line.split()[1] for line in talk(world, "status")[0]
            if " since " in line] == ["flag-inert"])
        world.finish()


def container_states(world):
    """[(why it waits or "", restarts, ready)] of v2's read-write pods."""
    pods = json.loads(world.kubectl("get", "pods", "-l",
                                    "version=v2,writes=enabled", "-o", "json"))
    states = [pod["status"].get("containerStatuses", [{}])[0]
              for pod in pods["items"]]
    return [(state.get("state", {}).get("waiting", {}).get("reason", ""),
             state.get("restartCount"), state.get("ready"))
            for state in states]


def rewrite_v2(world, number):
    """Patches v2 as the cutover does; each number makes other pods."""
    world.kubectl("patch", "deployment", "my-app-v2", "-p", json.dumps(
        {"spec": {"template": {
            "metadata": {"labels": {"writes": "enabled"}},
            "spec": {"containers": [{"name": "app", "env": [
                {"name": "ENABLE_WRITES", "value": "true"},
                {"name": "N", "value": str(number)}]}]}}}}))


def events(world):
    return world.kubectl("get", "events", "-o", "jsonpath="
                         "{range .items[*]}{.reason}: {.message}{'\\n'}{end}")


@steady
def test_pods():
    """pods crash, lack their image, stay unready, as kubectl shows it"""
    with World("--pods", "2", "--start-delay", "100") as world:
        talk(world, "inject crash-loop")
        rewrite_v2(world, 1)
        wait_until("CrashLoopBackOff", lambda: all(
            why == "CrashLoopBackOff" and restarts >= 1 and not ready
            for why, restarts, ready in container_states(world)) and
            container_states(world))
        check("BackOff: Back-off restarting failed container app" in
              events(world), events(world))
        check("2/2" in world.kubectl("get", "deployment", "my-app-v1"),
              "v1 suffers too")
        talk(world, "clear crash-loop")

        talk(world, "inject image-pull")
        rewrite_v2(world, 2)
        wait_until("ImagePullBackOff", lambda: ("ImagePullBackOff", 0, False)
                   in container_states(world))
        for words in ("Error: ErrImagePull", "Error: ImagePullBackOff",
                      'Pulling image "myapp:2.0"'):
            check(words in events(world), words + " is no event")
        talk(world, "clear image-pull")

        talk(world, "inject pods-unready spare=1")
        rewrite_v2(world, 3)
        wait_until("one ready, one not", lambda: sorted(
            container_states(world)) == [("", 0, False), ("", 0, True)])
        check("Unhealthy: Readiness probe failed" in events(world),
              events(world))
        talk(world, "clear pods-unready")
        world.kubectl("rollout", "status", "deployment", "my-app-v2",
                      "--timeout=120s")
        numbers, (writes, reads) = world.finish()
        check(numbers[2:] == (0, 0), str(numbers))
        check((writes, reads) == (0, 0), "users felt it: %s" % writes)


def test_writers():
    """old connections and a cron job write on after the flag is off"""
    with World("--pods", "1", "--start-delay", "100") as world:
        talk(world, "inject old-connections")
        wait_until("a write of every user", lambda: world.rows("rds") > 100)
        world.flag(False)
        wait_until("a new connection's refusal", lambda: ask(
            world.vars["service_url"] + "/write",
            {"write_id": "x"})[1].get("error") == "flag-off")
        before = world.rows("rds")
        wait_until("writes over old connections",
                   lambda: world.rows("rds") > before)
        talk(world, "clear old-connections")
        wait_until("silence", lambda: stands_still(world))
        talk(world, "inject cron-writer every_ms=100")
        wait_until("the cron job's rows", lambda: world.sql(
            "rds", "SELECT COUNT(*) > 3 FROM app.orders "
            "WHERE pod = 'nightly-import'") == "1")
        world.sql("rds", "SET GLOBAL read_only = ON")
        wait_until("the fence's effect", lambda: stands_still(world))
        check(talk(world, "inject terminal-killed")[1] ==
              "error: no run is followed: whose terminal is it?", "terminal")
        world.sql("rds", "SET GLOBAL read_only = OFF")
        talk(world, "clear all")
        world.flag(True)
        numbers, _ = world.finish()
        check(numbers[2:] == (0, 0), str(numbers))


def test_pace():
    """a rollout of so long, a flag that is asked for; left alone, it ends"""
    with World("--pods", "4", "--start-delay", "100", "--rollout", "4000",
               "--flag-poll", "1000") as world:
        began = time.monotonic()
        rewrite_v2(world, 1)
        world.kubectl("rollout", "status", "deployment", "my-app-v2",
                      "--timeout=120s")
        took = time.monotonic() - began
        check(took > 3, "a rollout of 4 s took %.1f s" % took)
        world.flag(False)
        wait_until("the flag's effect", lambda: stands_still(world))
        check(talk(world, "detach 0")[1].startswith("error: "), "detach 0")
        check(talk(world, "detach 10")[1] == "ok", "detach 10")
        world.process.stdin.close()
        world.process.send_signal(signal.SIGHUP)
        check(talk(world, "status")[1] == "ok", "it has not outlived us")
        world.ended(0)


def test_last_writes():
    """users are heard out, until the pods have asked for the flag once more"""
    for wanted in (True, False):
        with World("--pods", "1", "--start-delay", "100",
                   "--flag-poll", "6000") as world:
            world.flag(False)
            wait_until("the flag's effect", lambda: stands_still(world), 30)
            world.flag(wanted)
            told, = [json.loads(line.split(": ", 1)[1])
                     for line in talk(world, "finish")[0]
                     if line.startswith(" rehearsal: ")]
            check(told["outage"]["open"] is not wanted,
                  "flag %s: %s" % (wanted, told["outage"]))


def cutover(*words, **more):
    return subprocess.run([CUTOVER, *words], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=30, **more)


DEEDS = ["flag-off", "fenced", "promoted", "v2-patched", "flipped", "flag-on"]


# As its author wrote it, and as a terminal shows it.
BRIEFING = ("%s\nso long,\nthen short.\n\n- one\n  indented\n  lines\nLast.\n"
            % " ".join(["word"] * 14))
SHOWN = ("  %s so\n  long, then short.\n\n  - one\n    indented\n    lines\n"
         "  Last.\n" % " ".join(["word"] * 14))


def deeds_file(place):
    """A scenario that tells of every deed, and waits for times and steps."""
    path = os.path.join(place, "deeds.yaml")
    with open(path, "w", encoding="utf-8") as file:
        file.write("scenario: deeds\ntitle: T\nbriefing: %s\ngood: [g]\n"
                   "par: {result: either}\nworld: {pods: 1, flag: configmap, "
                   "start_delay: 100ms}\ntimeline:\n" % json.dumps(BRIEFING))
        for deed in [*DEEDS, "flipped-back"]:
            file.write("- {at: {deed: %s}, tell: %s}\n" % (deed, deed))
        for at in ("time: 0s", "gate: 1", "confirmed: 2a", "action: fence",
                   "done: 3"):
            file.write("- {at: {%s}, tell: '%s'}\n" % (at, at))
    return path


def test_last_deed():
    """what was done just before the end is told, and begun by hand, too"""
    with tempfile.TemporaryDirectory(prefix="cw") as place:
        with World("--scenario", deeds_file(place)) as world:
            for _ in range(2):      # between two answers it has looked around
                talk(world, "status")
            world.sql("rds", "SET GLOBAL read_only = ON")
            check(talk(world, "inject api-slow ms=7")[1] == "ok", "api-slow")
            lines, last = talk(world, "finish")
            check(last == "ok" and any('"fenced"' in line for line in lines),
                  str(lines))
            check(any('"the API server takes so long over a request (ms=7)"'
                      in line for line in lines), str(lines))
            world.ended(0)


def test_which():
    """which world it was is said; which of two is meant must be"""
    with tempfile.TemporaryDirectory(prefix="cw") as place:
        os.chmod(place, 0o711)

        def inject(*words):
            return cutover("rehearse", "--inject", *words,
                           env=dict(os.environ, TMPDIR=place))

        with World("--pods", "1", place=place) as one:
            done = inject("flag-down")
            check(done.stdout == "rehearsal: %s (no scenario, no run)\n"
                  "flag-down begun\n" % one.dir, done.stdout + done.stderr)
            with World("--pods", "1", "--scenario", deeds_file(place),
                       place=place) as two:
                done = inject("clear", "all")
                check(done.returncode == 2 and not done.stdout, done.stdout)
                check("say which one, as in 'cutover rehearse --inject /"
                      in done.stderr, done.stderr)
                for line in (one.dir + " (no scenario, no run)",
                             two.dir + " (scenario deeds, no run)"):
                    check("\n  %s\n" % line in done.stderr, done.stderr)
                check(status_code(one) == 503, "it was cleared")
                done = inject(one.dir, "clear", "all")
                check(done.stdout.startswith("rehearsal: %s (" % one.dir) and
                      done.stdout.endswith("\nflag-down cleared\n"),
                      done.stdout + done.stderr)
                two.finish()
            one.finish()


def told(run):
    note, = [note["rehearsal"] for note in run.events("note")
             if "rehearsal" in note]
    return [scene["text"] for scene in note["scenes"]]


def test_deeds():
    """deeds, times and steps are seen; the only world is found by itself"""
    with tempfile.TemporaryDirectory(prefix="cw") as place:
        os.chmod(place, 0o711)
        more = {"TMPDIR": place}
        with Run("rehearse", deeds_file(place), "--plain", env=more) as run:
            run.pass_gates(until="5a")
            check("\n\n%s\n" % SHOWN in run.text, run.text[:1000])
            done = cutover("rehearse", "--inject", "status",
                           env=dict(os.environ, TMPDIR=place))
            check("users: writes fail" in done.stdout, done.stdout)
            check(re.match(r"rehearsal: %s/cutover-world-\S+ "
                           r"\(scenario deeds, run /\S+\)\n" % place,
                           done.stdout), done.stdout)
            run.send("rollback")
            run.wait(r"^SURE\?")
            run.send("rollback")
            check(run.finish() == 4, run.text[-2000:])
            seen = told(run)
        # each witness tells its own in order; the way back does two things in
        # less time than between two looks
        for witness in (("flag-off", "flipped", "flag-on"),
                        ("v2-patched", "flipped", "flipped-back"),
                        ("fenced", "promoted")):
            check([text for text in seen if text in witness] == [*witness],
                  "%s: %s" % (witness, seen))
        for at in ("time: 0s", "gate: 1", "confirmed: 2a", "action: fence",
                   "done: 3"):
            check(at in seen, "%s is not in %s" % (at, seen))


def test_words():
    """scenarios are listed; what is wrong with one, or with a word, is said"""
    listed = cutover("rehearse", "--list")
    check(listed.returncode == 0, listed.stderr)
    files = sorted(name[:-5] for name in os.listdir(SCENARIOS))
    names = re.findall(r"^(\S+)", listed.stdout, re.M)
    check(names == files, "%s, but %s" % (names, files))
    check(len(re.findall(r"^ +par: \w", listed.stdout, re.M)) == len(files),
          listed.stdout)
    faults = cutover("rehearse", "--inject", "list")
    check(faults.returncode == 0, faults.stderr)
    check(re.search(r"^flag-slow seconds=N +the flag", faults.stdout, re.M),
          faults.stdout)
    with tempfile.TemporaryDirectory() as place:
        path = os.path.join(place, "bad.yaml")
        with open(path, "w", encoding="utf-8") as file:
            file.write("scenario: bad\ntitle: 1\nbriefing: b\ngood: [g]\n"
                       "par: {result: won}\ntimeline:\n"
                       "- {at: {gate: 7}, fault: flag-dwon}\n")
        for words in (("check", path), ("rehearse", path, "--plain")):
            done = cutover(*words)
            check(done.returncode == 2, "%s: %s" % (words, done.returncode))
            for place_of in (":5:15: ", ":7:15: ", ":7:26: "):
                check(path + place_of in done.stderr, done.stderr)
        empty = dict(os.environ, TMPDIR=place)
        for words, status, text in (
                (("nosuch",), 2, "no scenario 'nosuch'"),
                (("flag-dwon",), 2, "did you mean 'flag-down'?"),
                (("smooth", "extra"), 2, "unexpected 'extra'"),
                (("--seed", "x"), 2, "--seed is a number"),
                (("--inject",), 2, "--inject wants a fault"),
                (("--inject", place + "/none", "list"), 1,
                 "no practice world lives there")):
            done = cutover("rehearse", *words, "--plain", env=empty)
            if words[0] == "--inject":
                done = cutover("rehearse", *words, env=empty)
            check(done.returncode == status and text in done.stderr,
                  "%s: %s %s" % (words, done.returncode, done.stderr))


if __name__ == "__main__":
    for program, found in (("a mysql client", MYSQL), ("kubectl", KUBECTL)):
        if not found:
            print("SKIP: no " + program)
            sys.exit(77)
    main([test_words, test_which, test_deeds, test_last_deed, test_flag,
          test_held, test_not_cleared, test_ends_by_itself, test_pods,
          test_writers, test_pace, test_last_writes])
