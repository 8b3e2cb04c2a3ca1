#!/usr/bin/env python3
"""The practice world: real databases, cluster, pods, flag, users, ledger.

Each test starts cutover-world itself and looks at it as an operator would,
with mysql, kubectl and HTTP, then at what is left when it is gone.
"""
import base64
import json
import os
import pwd
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

from walk import (BUILD, Failure, check, children_of, ledger, lives, main,
                  outage, steady, wait_until)

WORLD = os.path.join(BUILD, "src", "rehearsal", "cutover-world")
MYSQL = shutil.which("mariadb") or shutil.which("mysql")
KUBECTL = shutil.which("kubectl")
START_LIMIT = 60
# Straight to loopback, whatever proxy the environment names.
HTTP = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class World:
    """One process of cutover-world, until it is ready."""

    def __init__(self, *options, control=True, place=None, user=None,
                 program=WORLD):
        self.place = place or tempfile.mkdtemp(prefix="cw")
        self.mine = place is None
        if self.mine:
            os.chmod(self.place, 0o711)  # the databases' user must pass
        if user is not None and self.mine:
            os.chown(self.place, user, -1)
        environment = dict(os.environ, TMPDIR=self.place)
        if user is not None:
            environment["HOME"] = "/nonexistent"
            environment.pop("XDG_CACHE_HOME", None)
        self.process = subprocess.Popen(
            [program, *(["--control"] if control else []), *options],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, env=environment, cwd="/", text=True,
            **({} if user is None else
               {"user": user, "extra_groups": []}))
        self.lines = []
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        self.dir = self.wait(r"^world: ready (.*)$", START_LIMIT).group(1)
        self.vars = {}
        with open(os.path.join(self.dir, "vars.yaml"),
                  encoding="utf-8") as file:
            for line in file:
                name, _, value = line.rstrip("\n").partition(": ")
                self.vars[name] = value.strip("'")

    def _read(self):
        for line in self.process.stdout:
            self.lines.append(line)

    @property
    def text(self):
        return "".join(self.lines)

    def wait(self, pattern, seconds=30):
        def found():
            if self.process.poll() is not None:
                self.reader.join(5)
            match = re.search(pattern, self.text, re.M)
            if not match and self.process.poll() is not None:
                raise Failure("it ended with %s:\n%s"
                              % (self.process.returncode, self.text))
            return match
        try:
            return wait_until(repr(pattern), found, seconds)
        except Failure as failure:
            raise Failure("%s\n%s" % (failure, self.text)) from None

    def finish(self):
        """`finish`, to the end; the ledger's and the outage's numbers."""
        self.process.stdin.write("finish\n")
        self.process.stdin.flush()
        self.wait(r"^world: finished$", 30)
        self.ended(0)
        return ledger(self.text), outage(self.text)

    def ended(self, expected):
        """It ends by itself, with that status, and leaves nothing."""
        status = self.process.wait(30)
        self.reader.join(5)
        check(status == expected, "exit status %s:\n%s" % (status, self.text))
        check(not os.path.exists(self.dir), self.dir + " is still there")

    def sql(self, group, statement):
        done = subprocess.run(
            [MYSQL, "--defaults-file=" + self.vars["mysql_file"],
             "--defaults-group-suffix=" + group, "-N", "-e", statement],
            capture_output=True, text=True, timeout=30, check=False)
        check(done.returncode == 0, done.stderr)
        return done.stdout.strip()

    def kubectl(self, *words):
        done = subprocess.run(
            [KUBECTL, "--kubeconfig", self.vars["kubeconfig"], "--context",
             self.vars["context"], "-n", self.vars["namespace"], *words],
            capture_output=True, text=True, timeout=60, check=False,
            env=dict(os.environ, HOME=self.place))
        check(done.returncode == 0, done.stderr)
        return done.stdout.strip()

    def flag(self, enabled=None):
        """Sets the flag, or reads it."""
        with open(self.vars["flag_token_file"], encoding="utf-8") as file:
            token = file.read()
        request = urllib.request.Request(
            self.vars["flag_url"],
            headers={"Authorization": "Bearer " + token})
        if enabled is not None:
            request.data = json.dumps({"enabled": enabled}).encode()
            request.method = "PATCH"
        with HTTP.open(request, timeout=10) as answer:
            return json.load(answer)

    def rows(self, group):
        return int(self.sql(group, "SELECT COUNT(*) FROM app.orders"))

    def close(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process.stdin.close()
        self.reader.join(5)
        if self.mine:
            shutil.rmtree(self.place, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def ask(url, body=None):
    """(status, answer, headers) of a request to the application."""
    data = None if body is None else json.dumps(body).encode()
    try:
        with HTTP.open(urllib.request.Request(url, data), timeout=10) as got:
            return got.status, json.load(got), got.headers
    except urllib.error.HTTPError as refusal:
        return refusal.code, json.load(refusal), refusal.headers


def pod_url(world, version):
    """Where a pod of that version listens."""
    ips = world.kubectl("get", "pods", "-l", "version=" + version, "-o",
                        "jsonpath={.items[*].status.podIP}").split()
    return "http://%s:8080" % ips[0]


def stands_still(world):
    """Whether writes are refused, and rds takes no transaction for a while:
    several looks, since users may stand still in between."""
    looks = set()
    for _ in range(4):
        if ask(world.vars["service_url"] + "/write",
               {"write_id": "x"})[0] != 503:
            return False
        looks.add(world.sql("rds", "SELECT @@gtid_binlog_pos"))
        time.sleep(0.2)
    return len(looks) == 1


@steady
def test_alive():
    """mysql, kubectl and users work on it; nothing is lost"""
    with World() as world:
        check(set(world.vars) == {
            "namespace", "service", "v1_deployment", "v2_deployment",
            "container", "mysql_file", "kubeconfig", "context", "flag_url",
            "flag_token_file", "service_url", "v2_manifest"},
            "vars.yaml has %s" % sorted(world.vars))
        for name in ("mysql_file", "kubeconfig", "flag_token_file"):
            mode = stat.S_IMODE(os.stat(world.vars[name]).st_mode)
            check(mode == 0o600, "%s has mode %o" % (name, mode))
        for group, read_only in (("rds", "0"), ("aurora", "1")):
            check(world.sql(group, "SELECT @@read_only") == read_only,
                  group + " has another read_only")
            check("TLS_" in world.sql(group, "SHOW STATUS LIKE 'Ssl_cipher'"),
                  group + " is not encrypted")
        first = world.rows("rds")
        wait_until("200 writes", lambda: world.rows("rds") >= first + 200)
        wait_until("writes on aurora",
                   lambda: world.rows("aurora") >= first + 200)
        ready = world.kubectl("get", "deployments", "-o", "jsonpath="
                              "{.items[*].status.readyReplicas}")
        check(ready == "4 4", "ready replicas: " + ready)
        pods = len(world.kubectl("get", "pods", "-o", "name").split())
        check(pods == 8, "%d pods" % pods)
        (acknowledged, present, lost, duplicated), (writes, reads) = \
            world.finish()
        check(acknowledged >= 200 and present == acknowledged,
              "%d acknowledged, %d present" % (acknowledged, present))
        check((lost, duplicated) == (0, 0), "lost or duplicated")
        check((writes, reads) == (0, 0), "outage %s, %s" % (writes, reads))


@steady
def test_rules():
    """pods obey flag, ENABLE_WRITES and read_only; the outage is measured"""
    with World() as world:
        check(world.flag()["enabled"] is True, "the flag is off at first")
        service, v2 = world.vars["service_url"], pod_url(world, "v2")
        status, answer, headers = ask(v2 + "/write", {"write_id": "x"})
        check((status, answer["error"]) == (503, "read-only-mode"),
              "v2 answers %s %s" % (status, answer))
        check(headers["X-Version"] == "v2", "X-Version is missing")
        check(ask(v2 + "/sentinel", {"token": "x"})[0] == 503,
              "v2's smoke test passes while it is read-only")
        check(ask(v2 + "/read")[0] == 200, "v2 does not read")
        off = time.monotonic()
        check(world.flag(False) == {"key": "database-writes-enabled",
                                    "enabled": False}, "PATCH's answer")
        wait_until("no writes on rds", lambda: stands_still(world))
        status, answer, _ = ask(service + "/write", {"write_id": "x"})
        check((status, answer["error"]) == (503, "flag-off"),
              "v1 answers %s %s" % (status, answer))
        for _ in range(2):
            check(ask(service + "/sentinel", {"token": "t"})[0] == 200,
                  "the smoke test's door is shut by the flag")
        world.sql("rds", "SET GLOBAL read_only = ON")
        world.flag(True)
        wait_until("a refusal by the database", lambda: ask(
            service + "/write", {"write_id": "x"})[1].get("error") ==
            "read-only")
        before = world.rows("rds")
        world.sql("rds", "SET GLOBAL read_only = OFF")
        wait_until("writes again", lambda: world.rows("rds") > before)
        lasted = time.monotonic() - off
        numbers, (writes, reads) = world.finish()
        check(numbers[2:] == (0, 0), "lost or duplicated: %s" % (numbers,))
        check(0.5 < writes <= lasted + 2, "an outage of %s s within %.1f s"
              % (writes, lasted))
        check(reads == 0, "reads failed for %s s" % reads)


def test_planted():
    """a lost and a doubled row are found"""
    with World("--pods", "2") as world:
        wait_until("writes", lambda: world.rows("rds") > 100)
        world.flag(False)
        wait_until("no writes on rds", lambda: stands_still(world))
        password = base64.b64decode(world.kubectl(
            "get", "secret", "my-app-v1", "-o",
            "jsonpath={.data.db-password}")).decode()
        port = world.sql("rds", "SELECT @@port")
        done = subprocess.run(
            [MYSQL, "--no-defaults", "-h127.0.0.1", "-P" + port, "-uapp",
             "app", "-e", "DELETE FROM orders WHERE id = 7;"
             "INSERT INTO orders (write_id, pod) "
             "SELECT write_id, 'planted' FROM orders WHERE id IN (3, 5)"],
            env=dict(os.environ, MYSQL_PWD=password), capture_output=True,
            text=True, timeout=30, check=False)
        check(done.returncode == 0, done.stderr)
        (acknowledged, present, lost, duplicated), _ = world.finish()
        check((lost, duplicated) == (1, 2),
              "lost %d, duplicated %d" % (lost, duplicated))
        check(present == acknowledged - 1, "present %d of %d"
              % (present, acknowledged))


@steady
def test_restart():
    """pods that are replaced leave their users unharmed"""
    with World("--start-delay", "300") as world:
        before = set(world.kubectl("get", "pods", "-l", "version=v1", "-o",
                                   "name").split())
        world.kubectl("rollout", "restart", "deployment", "my-app-v1")
        world.kubectl("rollout", "status", "deployment", "my-app-v1",
                      "--timeout=60s")

        def replaced():
            now = set(world.kubectl("get", "pods", "-l", "version=v1", "-o",
                                    "name").split())
            return len(now) == 4 and not now & before
        wait_until("other pods", replaced)
        numbers, (writes, reads) = world.finish()
        check(numbers[2:] == (0, 0), "lost or duplicated: %s" % (numbers,))
        check(writes < 0.5 and reads < 0.5,
              "outage %s s, %s s" % (writes, reads))


def test_starts():
    """it starts as before v2, and as after a cutover"""
    with World("--start", "bare", "--pods", "1") as world:
        names = world.kubectl("get", "deployments", "-o", "name")
        check(names == "deployment.apps/my-app-v1", names)
        world.kubectl("create", "--validate=false", "-f",
                      world.vars["v2_manifest"])
        world.kubectl("rollout", "status", "deployment", "my-app-v2",
                      "--timeout=60s")
    with World("--start", "after", "--pods", "1") as world:
        check(world.sql("rds", "SELECT @@read_only") == "1", "rds is open")
        check(world.sql("aurora", "SHOW SLAVE STATUS") == "", "a replica")
        first = world.rows("aurora")
        wait_until("writes on aurora", lambda: world.rows("aurora") > first)
        numbers, _ = world.finish()
        check(numbers[0] > 0 and numbers[2:] == (0, 0), str(numbers))


def test_configmap():
    """the flag as a ConfigMap is obeyed; a named directory goes at the end"""
    with tempfile.TemporaryDirectory(prefix="cw") as place:
        os.chmod(place, 0o711)
        path = os.path.join(place, "world")
        with World("--flag", "configmap", "--pods", "1", "--dir",
                   path) as world:
            check(world.dir == path, world.dir)
            check(world.vars["flag_kind"] == "configmap", "flag_kind")
            for value, still in (("false", True), ("true", False)):
                world.kubectl("patch", "configmap", "app-flags", "-p",
                              '{"data":{"database-writes-enabled":"%s"}}'
                              % value)
                wait_until("the flag's effect",
                           lambda s=still: stands_still(world) == s)
            numbers, _ = world.finish()
            check(numbers[2:] == (0, 0), str(numbers))


def test_killed():
    """after kill -9 no database lives, and the next start cleans up"""
    with tempfile.TemporaryDirectory(prefix="cw") as place:
        os.chmod(place, 0o711)
        with World("--pods", "1", place=place) as world:
            servers = children_of(world.process.pid)
            check(len(servers) == 2, "children: %s" % servers)
            world.process.kill()
            world.process.wait()
            wait_until("the databases' end",
                       lambda: not any(lives(pid) for pid in servers))
            check(os.path.exists(world.dir), "nothing is left to clean")
        with World("--pods", "1", place=place) as second:
            check(not os.path.exists(world.dir), "the leftover is there")
            second.process.stdin.close()
            second.ended(0)
        check(os.listdir(place) == [], "left: %s" % os.listdir(place))


def test_signals():
    """SIGTERM by hand prints the ledger; two worlds at once do no harm"""
    with World("--pods", "1", control=False) as one:
        with World("--pods", "1") as two:
            check(one.vars["service_url"] != two.vars["service_url"],
                  "both have " + one.vars["service_url"])
            two.process.send_signal(signal.SIGHUP)
            two.ended(0)
            check("ledger:" not in two.text, "it counted:\n" + two.text)
        wait_until("writes", lambda: one.rows("rds") > 100)
        one.process.terminate()
        one.ended(0)
        check(ledger(one.text)[2:] == (0, 0), one.text)


def test_unprivileged():
    """it runs as somebody who is not root"""
    user = pwd.getpwnam("nobody").pw_uid
    with tempfile.TemporaryDirectory(prefix="cw") as place:
        # The build tree may lie where nobody may go: root's home.
        os.chmod(place, 0o711)
        program = shutil.copy(WORLD, place)
        with World("--pods", "1", user=user, program=program) as world:
            servers = children_of(world.process.pid)
            owners = {os.stat("/proc/%d" % pid).st_uid for pid in servers}
            check(owners == {user}, "the databases run as %s" % owners)
            wait_until("writes", lambda: world.rows("rds") > 10)
            numbers, _ = world.finish()
            check(numbers[0] > 0 and numbers[2:] == (0, 0), str(numbers))


if __name__ == "__main__":
    for program, found in (("a mysql client", MYSQL), ("kubectl", KUBECTL),
                           ("mariadb-install-db",
                            shutil.which("mariadb-install-db"))):
        if not found:
            print("SKIP: no " + program)
            sys.exit(77)
    TESTS = [test_alive, test_rules, test_planted, test_restart, test_starts,
             test_configmap, test_killed, test_signals]
    if os.geteuid() == 0:
        TESTS.append(test_unprivileged)
    main(TESTS)
