"""A practice world beside a live run, and what can be done to it.

`World` is `cutover rehearse --world`; `Live` is `cutover run` beside it: the
live path. The rest breaks things as they break in reality: through the same
doors (mysql, kubectl, signals, files) that people and machines have.
"""
import base64
import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import urllib.request

from walk import (GATES, Run, check, children_of, freeze, ledger,
                  wait_until)

MYSQL = shutil.which("mariadb") or shutil.which("mysql")
KUBECTL = shutil.which("kubectl")
# Straight to loopback, whatever proxy the environment names.
HTTP = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def command_line(pid):
    with open("/proc/%d/cmdline" % pid, "rb") as file:
        return file.read().decode().split("\0")


class World(Run):
    """The practice world alone, ready."""

    def __init__(self, *options):
        self.place = tempfile.mkdtemp(prefix="cf", dir="/tmp")
        os.chmod(self.place, 0o711)     # the databases' user must pass
        self.dir = os.path.join(self.place, "w")
        super().__init__("rehearse", "--world", "--world-dir", self.dir,
                         *options)
        try:
            self.wait("^world: ready ", 90)
        except BaseException:
            self.close()
            raise
        self.vars_file = os.path.join(self.dir, "vars.yaml")
        self.vars = {}
        with open(self.vars_file, encoding="utf-8") as file:
            for line in file:
                name, _, value = line.rstrip("\n").partition(": ")
                self.vars[name] = value.strip("'")

    def close(self):
        super().close()
        shutil.rmtree(self.place, ignore_errors=True)

    def finish_whole(self, acknowledged_at_least=1):
        """Ends the world: nothing that was acknowledged may be lost."""
        self.process.terminate()
        check(self.finish(60) == 0, "the world's status:\n" + self.text)
        acknowledged, present, lost, duplicated = ledger(self.text)
        check((lost, duplicated) == (0, 0),
              "lost %d, duplicated %d" % (lost, duplicated))
        check(acknowledged == present >= acknowledged_at_least,
              "acknowledged %d, present %d" % (acknowledged, present))

    # ---- processes ----

    def database_pid(self, name):
        """The server process of rds or aurora."""
        world, = children_of(self.process.pid)
        for pid in children_of(world):
            if "--report-host=" + name in command_line(pid):
                return pid
        raise LookupError(name)

    @contextlib.contextmanager
    def frozen(self, name):
        """That database stops answering, for as long as this lasts."""
        pid = self.database_pid(name)
        freeze(pid)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)

    # ---- databases ----

    def mysql(self, group, *options):
        return [MYSQL, "--defaults-file=" + self.vars["mysql_file"],
                "--defaults-group-suffix=" + group, *options]

    def app_password(self, group):
        secret = "my-app-v1" if group == "rds" else "my-app-v2"
        return base64.b64decode(self.kubectl(
            "get", "secret", secret, "-o",
            "jsonpath={.data.db-password}")).decode()

    def sql(self, group, statement):
        done = subprocess.run(self.mysql(group, "-N", "-e", statement),
                              capture_output=True, text=True, timeout=30)
        check(done.returncode == 0, done.stderr)
        return done.stdout.strip()

    def console(self, group):
        """A client of the application's user, for a session of statements."""
        path = os.path.join(self.place, "app-%s.cnf" % group)
        with open(self.vars["mysql_file"], encoding="utf-8") as file:
            section = file.read().split("[client%s]\n" % group)[1]
        section = section.split("[")[0].replace("user=cutover", "user=app")
        with open(path + ".new", "w", encoding="utf-8") as file:
            file.write("[client]\n" + re.sub(
                "(?m)^password=.*$", "password=" + self.app_password(group),
                section))
        os.rename(file.name, path)      # an earlier one may just be read
        return Console([MYSQL, "--defaults-file=" + path, "-N",
                        "--unbuffered", "--force", "app"])

    # ---- cluster and flag ----

    def kubectl(self, *words):
        done = subprocess.run(
            [KUBECTL, "--kubeconfig", self.vars["kubeconfig"], "-n",
             self.vars["namespace"], *words], capture_output=True, text=True,
            timeout=60, env=dict(os.environ, HOME=self.place))
        check(done.returncode == 0, done.stderr)
        return done.stdout.strip()

    def select(self, version):
        """What a second operator or a GitOps controller would do."""
        self.kubectl("patch", "service", self.vars["service"], "-p",
                     json.dumps({"spec": {"selector": {"version": version}}}))

    def flag_is_on(self):
        with open(os.path.join(self.dir, "flag-token"),
                  encoding="utf-8") as file:
            token = file.read()
        request = urllib.request.Request(
            self.vars["flag_url"], headers={"Authorization":
                                            "Bearer " + token})
        with HTTP.open(request, timeout=10) as answer:
            return json.load(answer)["enabled"]

    def secrets(self):
        """Everything in this world that must never be seen."""
        with open(self.vars["mysql_file"], encoding="utf-8") as file:
            found = re.findall(r"^password=(.*)$", file.read(), re.M)
        with open(self.vars["flag_token_file"], encoding="utf-8") as file:
            found.append(file.read().strip())
        with open(self.vars["kubeconfig"], encoding="utf-8") as file:
            for user in json.load(file)["users"]:
                key = user["user"].get("client-key-data")
                if key:
                    found += [key, base64.b64decode(key).decode()
                              .splitlines()[1]]
                found.append(user["user"].get("token", key))
        return found


class Console:
    """A mysql client that is told statements one by one."""

    def __init__(self, arguments):
        # its messages come with its answers: a test waits for either
        self.process = subprocess.Popen(
            arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True)

    def say(self, *statements):
        """Says them; returns what was answered, errors too."""
        self.process.stdin.write(";\n".join(statements) +
                                 ";\nSELECT 'end-of-answer';\n")
        self.process.stdin.flush()
        answer = ""
        for line in self.process.stdout:
            if line.strip() == "end-of-answer":
                return answer
            answer += line
        check(False, "the console has ended: " + answer)
        return answer

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()


class Live(Run):
    """`cutover run` in a world, in plain mode."""

    def __init__(self, world, *options, runbook="aurora-cutover", env=None):
        self.world = world
        super().__init__("run", runbook, "--vars", world.vars_file, "--plain",
                         *options, env=env)

    def go_on(self, first, before=None):
        """Confirms the gates from `first` to the end, or to `before`, which
        is left open."""
        labels = [label for label, _, _ in GATES]
        for label, _, word in GATES[labels.index(first):]:
            if label == before:
                self.gate(label)
                return
            if label != first:
                self.gate(label)
            self.send(word)

    def refused(self, word="go", why=""):
        """That word does nothing now, and it says so."""
        sent = len(self.events("action.intended"))
        confirmed = len(self.events("gate.confirmed"))
        self.say_once(word)
        self.wait("^NO: " + why)
        check(len(self.events("gate.confirmed")) == confirmed and
              len(self.events("action.intended")) == sent,
              "it was refused, and done all the same")

    def roll_back(self):
        self.send("rollback")
        self.wait(r"^SURE\?")
        self.send("rollback")

    def parks(self):
        self.send("park")
        check(self.finish() == 5, "exit status 5:\n" + self.text[-2000:])
        check(re.search(r"^run: parked; go on with: cutover resume \S*%s$"
                        % re.escape(os.path.basename(self.run_dir())),
                        self.text, re.M), self.text[-500:])

    def completes(self, status=0):
        """It ends well, its record is whole, and whatever was sent had been
        shown and confirmed before."""
        got = self.finish()
        check(got == status, "exit status %s:\n%s" % (got, self.text[-3000:]))
        self.is_whole()

    def is_whole(self):
        done = self.command("transcript", "--verify")
        check(done.returncode == 0, done.stdout + done.stderr)
        shown = []
        for record in self.journal():
            if record["event"] in ("gate.confirmed", "rollback.begun"):
                shown += [(e["target"], e["request"])
                          for e in record["effects"]]
            if record["event"] == "action.intended":
                sent = (record["target"], record["request"])
                check(sent in shown, "sent, but never shown: %s" % (sent,))
        for secret in self.world.secrets():
            check(secret not in self.text, "a secret on the screen")


def world_and_pids(run):
    """The pids of a rehearsal's world and of its two databases."""
    def found():
        worlds = children_of(run.process.pid)
        return (len(worlds) == 1 and len(children_of(worlds[0])) == 2
                and worlds)
    world, = wait_until("the world's processes", found, 60)
    return [world, *children_of(world)]
