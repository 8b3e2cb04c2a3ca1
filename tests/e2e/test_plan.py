"""cutover plan: what a run would send and whether it would be let; it changes
nothing."""
import json
import os
import re
import subprocess
import tempfile

from faults import KUBECTL, MYSQL, Live, World
from walk import CUTOVER, SOURCE, check, main


def plan(world, *more, runbook="aurora-cutover"):
    """(exit status, what it says in one line, what it says). Where a fact had
    grown old, on a busy machine, it is asked once more."""
    for _ in range(5):
        done = subprocess.run(
            [CUTOVER, "plan", runbook, "--vars", world.vars_file, *more],
            stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=120, env=dict(os.environ, LC_ALL="C.UTF-8"))
        if not re.search(r"last\s+seen", done.stdout):
            break
    check(done.stderr == "", done.stderr)
    for secret in world.secrets():
        check(secret not in done.stdout, "a secret is shown")
    for line in done.stdout.splitlines():
        check(len(line) <= 80, "%d columns: %s" % (len(line), line))
    return (done.returncode, re.sub(r"\s+", " ", done.stdout), done.stdout)


def inject(world, *words):
    done = subprocess.run([CUTOVER, "rehearse", "--inject", world.dir, *words],
                          capture_output=True, text=True, timeout=30)
    check(done.returncode == 0, done.stderr)


def state(world):
    """All that a plan could have changed."""
    objects = json.loads(world.kubectl(
        "get", "deployments,services,configmaps,leases", "-o", "json"))
    return ([(o["kind"], o["metadata"]["name"],
              o["metadata"]["resourceVersion"]) for o in objects["items"]],
            [world.sql(name, "SELECT @@global.read_only")
             for name in ("rds", "aurora")],
            world.flag_is_on())


def test_go():
    """all is well: each request is shown and tried, GO, nothing is changed"""
    with World() as world:
        before = state(world)
        status, said, text = plan(world)
        check(status == 0 and "GO: gate 1 would open" in said, text)
        check("NO-GO" not in said, text)
        after = state(world)
        check(after == before, "%s, then %s" % (before, after))
        labels = re.findall(r"^GATE (\S+) ", text, re.M)
        check(labels == ["1", "2a", "2b", "3", "4", "5a", "5b"], str(labels))
        for words in ("SET GLOBAL read_only = ON", "has READ_ONLY ADMIN",
                      "CALL mysql.rds_stop_replication",
                      "allowed: patch deployments my-app-v2",
                      "allowed: update leases",
                      "nobody else drives this cutover",
                      '"op":"test","path":"/spec/selector/version"'):
            check(words in said or words in "".join(said.split(" ")),
                  "%s is missing:\n%s" % (words, text))
        check(said.count("tried, not done: the server takes it") == 2, text)
        world.finish_whole()


def test_what_deletes():
    """a plan with a DELETE in it deletes nothing; the right to is asked for"""
    with World() as world:
        before = state(world)
        status, said, text = plan(world, runbook="cleanup-v1")
        check(status == 3, text)
        check("allowed: delete deployments my-app-v1" in said, text)
        after = state(world)
        check(after == before, "%s, then %s" % (before, after))
        world.finish_whole()


def test_no_go():
    """the first gate would stay shut: said at the end, exit 3"""
    with World() as world:
        world.kubectl("patch", "service", "my-app-service", "-p", json.dumps(
            {"spec": {"selector": {"version": "v3"}}}))
        inject(world, "flag-down")
        status, said, text = plan(world)
        check(status == 3, "exit %d:\n%s" % (status, text))
        check("NO-GO: 2 things stand against it." in said, text)
        end = said[said.index("NO-GO"):]
        check("gate 1: flag: " in end and
              "selects app=myapp,version=v3 (wanted" in end,
              text)


def test_driven():
    """while a run drives this cutover, another would have to wait"""
    with World() as world, Live(world) as run:
        run.gate("1")
        status, said, text = plan(world)
        check(status == 3 and re.search(
            "NO-GO: 1 thing .*the run: driven by .*aurora-cutover", said), text)
        run.parks()
        status, said, text = plan(world)
        check(status == 0, text)


def test_forbidden():
    """what a role does not allow is found, at the gate and on the way back"""
    with World() as world:
        inject(world, "api-forbidden")
        status, said, text = plan(world)
        check(status == 3, "exit %d:\n%s" % (status, text))
        end = said[said.index("NO-GO: 2 things"):]
        check(re.search("gate 4: tried, not done: .*forbidden", end) and
              "the way back of step 4: not allowed: patch services" in end,
              text)


def test_rights():
    """an account without rights: which one it lacks is said"""
    with World() as world:
        with open(world.vars["mysql_file"], encoding="utf-8") as file:
            head, section = file.read().split("[aurora]\n", 1)
        poor = re.sub("^password=.*$",
                      "password=" + world.app_password("aurora"),
                      section.replace("user=cutover", "user=app"), 1, re.M)
        path = os.path.join(world.dir, "poor.cnf")
        with open(path, "w", encoding="utf-8") as file:
            os.chmod(path, 0o600)
            file.write(head + "[aurora]\n" + poor)
        status, said, text = plan(world, "--set", "mysql_file=" + path)
        check(status == 3, "exit %d:\n%s" % (status, text))
        end = said[said.index("NO-GO"):]
        for words in ("gate 2b: the account lacks READ_ONLY ADMIN",
                      "the way back of step 2b: the account lacks READ_ONLY"):
            check(words in end, text)


def test_nobody_there():
    """a database that is down: unknown is no-go, and it does not wait for ever"""
    with World() as world:
        inject(world, "rds-down")
        status, said, text = plan(world)
        check(status == 3, "exit %d:\n%s" % (status, text))
        check("NO-GO" in said and "rds has not been seen yet" in said, text)
        inject(world, "clear", "rds-down")


def test_words():
    """what is not valid is said before anything is connected to: exit 2"""
    shipped = os.path.join(SOURCE, "runbooks", "aurora-cutover.yaml")
    with tempfile.TemporaryDirectory() as place:
        bad = os.path.join(place, "bad.yaml")
        with open(bad, "w", encoding="utf-8") as file:
            file.write("runbook: x\nsteps: 7\n")
        for words, text in (((), "name one runbook"),
                            (("--fast", "x"), "'--fast' is not known"),
                            (("nosuch",), "nosuch"),
                            ((bad,), bad + ":2:8: "),
                            ((shipped,), "'namespace'")):
            done = subprocess.run([CUTOVER, "plan", *words],
                                  capture_output=True, text=True, timeout=30)
            check(done.returncode == 2 and text in done.stderr,
                  "%s: %s %s" % (words, done.returncode, done.stderr))


if __name__ == "__main__":
    if not MYSQL or not KUBECTL:
        print("SKIP: no kubectl or no mysql client")
        raise SystemExit(77)
    main([test_go, test_what_deletes, test_no_go, test_driven,
          test_forbidden, test_rights, test_nobody_there,
          test_words])
