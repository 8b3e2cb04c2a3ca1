"""One cutover in a practice world of its own, by script or by the tool, and
what its users saw of it."""
import json
import os
import shutil
import socket
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "e2e"))

from faults import MYSQL, World                               # noqa: E402
from walk import SOURCE, Run, check, ledger, outage, wait_until  # noqa: E402
import split                                                  # noqa: E402

WARM = 200              # users' writes before the cutover begins
SCRIPT_LIMIT = 1900     # seconds


def ask(world_dir, line):
    """A line to the world's control socket; the lines of its answer."""
    with socket.socket(socket.AF_UNIX) as link:
        link.settimeout(150)
        link.connect(os.path.join(world_dir, "control"))
        link.sendall((line + "\n").encode())
        answer = ""
        while not answer.endswith("ok\n"):
            chunk = link.recv(65536).decode()
            check(chunk and "error: " not in answer + chunk, answer + chunk)
            answer += chunk
    return [text[1:] for text in answer.splitlines()[:-1]]


def figures(lines, about):
    """What the world says at its end, as numbers."""
    text = "\n".join(lines) + "\n"
    _, _, lost, duplicated = ledger(text)
    writes, reads = outage(text)
    return {"writes": 1000 * writes, "reads": 1000 * reads,
            "errors": about["errors"]["writes"] + about["errors"]["reads"],
            "lost": lost, "duplicated": duplicated}


def rows(world, group):
    return int(world.sql(group, "SELECT COUNT(*) FROM app.orders"))


def environment(world):
    names = {"NAMESPACE": "namespace", "KUBECONFIG": "kubeconfig",
             "MYSQL_FILE": "mysql_file", "FLAG_URL": "flag_url",
             "FLAG_TOKEN_FILE": "flag_token_file",
             "SERVICE_URL": "service_url"}
    values = {name: world.vars[key] for name, key in names.items()}
    return {**os.environ, **values, "MYSQL": MYSQL, "TOKEN": "bench",
            "HOME": world.place, "no_proxy": "*"}


def scripted(how, pods):
    """The script, in a world of so many pods of each version."""
    with World("--pods", str(pods)) as world:
        before = rows(world, "rds")
        wait_until("users' writes",
                   lambda: rows(world, "rds") > before + WARM)
        done = subprocess.run(
            [os.path.join(HERE, "scripted.sh"), how], env=environment(world),
            stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=SCRIPT_LIMIT)
        check(done.returncode == 0, "scripted.sh: " + done.stderr)
        # users of pods that still restart count too
        world.kubectl("rollout", "status", "deployment", "my-app-v2",
                      "--timeout=50s")
        lines = ask(world.dir, "finish")
        about, = [json.loads(line.partition(": ")[2]) for line in lines
                  if line.startswith("rehearsal: ")]
        return figures(lines, about)


def by_tool(runbook, pods):
    """The tool's autopilot, with the split of its outage."""
    with Run("rehearse", "--autopilot", "--runbook", runbook, "--pods",
             str(pods)) as run:
        check(run.finish(SCRIPT_LIMIT) == 0, run.text[-2000:])
        journal = run.journal()
        note = [record for record in journal
                if record.get("text") == "ledger of the rehearsal"][-1]
        numbers = figures(note["ledger"], note["rehearsal"])
        with open(os.path.join(SOURCE, "runbooks", runbook + ".yaml"),
                  encoding="utf-8") as file:
            numbers["split"] = split.split(journal, file.read(),
                                           numbers["writes"])
        return numbers


WAYS = (
    ("a", "script, waits for the rollout", lambda n: scripted("wait", n)),
    ("b", "script, does not wait", lambda n: scripted("no-wait", n)),
    ("c", "aurora-cutover", lambda n: by_tool("aurora-cutover", n)),
    ("d", "aurora-cutover-prewarmed",
     lambda n: by_tool("aurora-cutover-prewarmed", n)),
)


def missing_tools():
    return [tool for tool in ("kubectl", "curl", "bash", "mariadb-install-db")
            if not shutil.which(tool)] + ([] if MYSQL else ["mysql"])
