#!/usr/bin/env python3
"""What kubectl says of the practice cluster, command by command.

Each tests/golden/kubectl/*.txt is a session: commands, and under each what it
says, with what differs each time levelled (ages, names, addresses). Where an
old kubectl and a current one say the same, the session has it once; where not,
each line tells whose it is. All sessions run at once, each with each kubectl,
in namespaces of their own in one cluster.

The kubectls are Debian's, stable and unstable, which tests/kubectl-root
fetches; if it can't, the one that is installed is held against what both say.
--write writes the sessions anew, from both kubectls: read the difference.
"""
import concurrent.futures
import difflib
import glob
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.environ.get("CUTOVER_SOURCE") or os.path.join(HERE, "..", "..")
BUILD = os.environ.get("CUTOVER_BUILD") or os.path.join(HERE, "..", "..")
SERVER = os.path.join(BUILD, "tests", "unit", "cluster_server")
SESSIONS = os.path.join(SOURCE, "tests", "golden", "kubectl")
LIMIT = 100             # seconds that one command may take
FETCH_LIMIT = 90        # seconds that fetching the kubectls may take
PROMPT = "$ kubectl "
LETTERS = "[bcdfghjklmnpqrstvwxz2456789]"

# What differs each time, in this order.
LEVELS = [(re.compile(pattern, re.M), word) for pattern, word in (
    (r"\x1b\[[0-9;]*m", ""),
    (r"^  managedFields:\n(  [- ].*\n)*", ""),     # an old one shows them
    (r"^Waiting for deployment .*\n", ""),
    (r"^Warning: (spec\.template|would violate).*\n", ""),
    (r"-%s{7,10}-%s{5}\b" % (LETTERS, LETTERS), "-HASH-POD"),
    (r"(web|other)-%s{7,10}\b" % LETTERS, r"\1-HASH"),
    (r"pod-template-hash=%s{7,10}" % LETTERS, "pod-template-hash=HASH"),
    (r"\b(web|other|exposed)-%s{5}\b" % LETTERS, r"\1-SLICE"),
    (r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "UID"),
    (r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "TIME"),
    (r"\b\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d [+-]\d{4}", "TIME"),
    (r"127\.65\.[0-9]+\.[0-9]+", "ADDRESS"),
    (r"127\.0\.0\.1:\d+", "SERVER"),
    (r"10\.96\.\d+\.\d+", "CLUSTER-IP"),
    (r"practice-\d\b", "NODE"),
    (r"(resourceVersion\"?: ?)\"\d+\"", r'\1"N"'),
    (r"(?<=\s)(\d+[smh])+(?=\s|$)", "AGE"),
    (r"(ADDRESS:8080,?)+", "ADDRESSES"),
    (r"(/tmp/|/var/)[\w./-]*?(LIVE|MERGED)-\d+", r"\2"),
    (r"(?<=\S) {2,}", "  "),
    (r"[ \t]+$", ""),
)]


class Failure(Exception):
    """A session that cannot go on."""


def cache():
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(
        os.environ.get("HOME") or "/nonexistent", ".cache")
    return os.environ.get("CUTOVER_KUBECTLS") or os.path.join(
        base, "cutover", "kubectls")


def kubectls():
    """{"old": path, "new": path}, or {"any": path} of the installed one."""
    where = cache()
    try:
        done = subprocess.run(
            [os.path.join(SOURCE, "tests", "kubectl-root"), where],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, encoding="utf-8", timeout=FETCH_LIMIT,
            check=False)
        said = done.stdout
    except subprocess.TimeoutExpired:
        said = "fetching took too long"
    found = {name: path for name, path in
             (("old", os.path.join(where, "stable", "kubectl")),
              ("new", os.path.join(where, "unstable", "kubectl")))
             if os.access(path, os.X_OK)}
    # A stable Debian's kubectl need not be old for ever.
    if "old" in found and minor(found["old"]) > 24:
        found["any"] = found.pop("old")
    if "new" not in found:
        print("SKIP: no current kubectl:", said.strip().replace("\n", "; "))
        installed = shutil.which("kubectl")
        if not found and installed:
            found["any"] = installed
    return found


def minor(kubectl):
    text = subprocess.run([kubectl, "version", "--client", "-o", "json"],
                          stdout=subprocess.PIPE, encoding="utf-8",
                          timeout=LIMIT, check=True).stdout
    return int(re.sub(r"\D", "", json.loads(text)["clientVersion"]["minor"]))


# --- sessions ------------------------------------------------------------

def read_session(path):
    """[(command, [(whose, line)])], whose is "both", "old" or "new"."""
    steps = []
    with open(path, encoding="utf-8") as file:
        for line in file.read().splitlines():
            if line.startswith(PROMPT):
                steps.append((line[len(PROMPT):], []))
            elif line.startswith(("old|", "new|")):
                steps[-1][1].append((line[:3], line[4:]))
            elif line.startswith("  ") or not line:
                steps[-1][1].append(("both", line[2:]))
    return steps


def expected(step, kubectl):
    """The lines that this kubectl shall say; None where that is not known."""
    if kubectl == "any" and any(whose != "both" for whose, _ in step[1]):
        return None
    return [line for whose, line in step[1] if whose in ("both", kubectl)]


def write_session(path, steps, said):
    with open(path, "w", encoding="utf-8") as file:
        for i, (command, _) in enumerate(steps):
            file.write(PROMPT + command + "\n")
            old, new = said["old"][i], said["new"][i]
            if old == new:
                file.writelines(("  " + line).rstrip() + "\n" for line in old)
            else:
                file.writelines("old|" + line + "\n" for line in old)
                file.writelines("new|" + line + "\n" for line in new)


def level(text, namespace):
    text = text.replace(namespace, "NAMESPACE")
    for pattern, word in LEVELS:
        text = pattern.sub(word, text)
    return text.splitlines()


class Runner:
    """One kubectl in one namespace."""

    def __init__(self, config, kubectl, home, namespace):
        self.kubectl = kubectl
        self.namespace = namespace
        config = json.loads(json.dumps(config))
        for context in config["contexts"]:
            context["context"]["namespace"] = namespace
        path = os.path.join(home, namespace + ".kubeconfig")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(config, file)
        os.chmod(path, 0o600)
        self.env = dict(os.environ, KUBECONFIG=path, HOME=home,
                        KUBECTL_EXTERNAL_DIFF="diff -u -N",
                        GOGC="off")     # they live too short to collect

    def run(self, command):
        words = shlex.split(command.replace("NAMESPACE", self.namespace))
        done = subprocess.run(
            [self.kubectl, *words], env=self.env, cwd=SESSIONS,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, encoding="utf-8", timeout=LIMIT,
            check=False)
        lines = level(done.stdout, self.namespace)
        return lines + (["(status %d)" % done.returncode]
                        if done.returncode else [])

    def session(self, steps):
        self.run("create namespace NAMESPACE")
        return [self.run(command) for command, _ in steps]


def compare(name, kubectl, steps, said):
    """What differs, as text; "" if nothing does."""
    wrong = []
    for step, lines in zip(steps, said):
        wanted = expected(step, kubectl)
        if wanted is None or wanted == lines:
            continue
        wrong.append(PROMPT + step[0])
        wrong += list(difflib.unified_diff(wanted, lines, "expected", kubectl,
                                           lineterm="", n=2))[2:]
    if not wrong:
        return ""
    return "FAIL: %s with the %s kubectl\n  " % (name, kubectl) + "\n  ".join(
        wrong)


def run_all(config, home, found, sessions):
    """{(session, kubectl): [lines of each command]}, all at once."""
    jobs = {}
    with concurrent.futures.ThreadPoolExecutor(max_workers=6) as pool:
        for name, steps in sessions.items():
            for which, path in found.items():
                runner = Runner(config, path, home, name + "-" + which)
                jobs[name, which] = pool.submit(runner.session, steps)
    return {key: job.result() for key, job in jobs.items()}


def main():
    found = kubectls()
    if not found:
        print("SKIP: there is no kubectl at all")
        return 77
    sessions = {os.path.basename(path)[:-len(".txt")]: read_session(path)
                for path in sorted(glob.glob(os.path.join(SESSIONS, "*.txt")))}
    write = sys.argv[1:] == ["--write"]
    home = tempfile.mkdtemp(prefix="cutover-commands-")
    server = subprocess.Popen([SERVER, home], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, encoding="utf-8")
    ready = server.stdout.readline().split()
    with open(ready[1], encoding="utf-8") as file:
        config = json.load(file)
    said = run_all(config, home, found, sessions)
    server.stdin.close()
    status = server.wait(timeout=LIMIT)
    failed = bool(status)
    if status:
        print("FAIL: the server ended with status", status)
    for (name, which), lines in said.items():
        wrong = compare(name, which, sessions[name], lines)
        print(wrong or "PASS: %s with the %s kubectl, %d commands" % (
            name, which, len(lines)))
        failed = failed or bool(wrong)
    if write:
        for name, steps in sessions.items():
            write_session(os.path.join(SESSIONS, name + ".txt"), steps,
                          {which: said[name, which] for which in found})
    shutil.rmtree(home)
    return 1 if failed and not write else 0


if __name__ == "__main__":
    sys.exit(main())
