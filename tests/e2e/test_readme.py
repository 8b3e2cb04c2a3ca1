"""The README is true: every command and example in it is run, or is what the
build's own entry points run. A command that this test does not know fails."""
import os
import re
import shutil
import subprocess
import tempfile

from walk import BUILD, CUTOVER, SOURCE, Run, check, main

with open(os.path.join(SOURCE, "README.md"), encoding="utf-8") as readme:
    TEXT = readme.read()


def blocks(language):
    """The fenced blocks of that language, their indentation taken off."""
    found = re.findall(r"^( *)```%s\n(.*?)^ *```" % language, TEXT,
                       re.M | re.S)
    return [re.sub(r"^" + indent, "", body, flags=re.M)
            for indent, body in found]


def commands():
    return [line for body in blocks("sh") for line in body.splitlines()
            if line.strip() and not line.startswith("#")]


def shell(command, home):
    environment = dict(os.environ, XDG_STATE_HOME=home, LC_ALL="C.UTF-8")
    return subprocess.run(
        ["sh", "-c", command.replace("src/cutover", CUTOVER)], cwd=SOURCE,
        env=environment, stdin=subprocess.DEVNULL, capture_output=True,
        text=True, timeout=120)


# What is told of a run that was recorded, and the status of one that parked.
RECORDED = {"src/cutover watch": 5, "src/cutover runs": 0,
            "src/cutover transcript --verify": 0}


def test_every_command_is_known():
    """every command of the README is run by a test"""
    known = [
        r"\./bootstrap && src/cutover rehearse",        # test_terminal.py
        r"\./bootstrap && make check",                  # .ci/run
        r"src/cutover rehearse --world --world-dir \S+",
        r"src/cutover run aurora-cutover --vars \S+",
        r"kubectl --kubeconfig \S+ get pods --watch",
        r"kubectl --kubeconfig \S+ logs .*",
        r"mysql --defaults-file=\S+ .*",
        r"src/cutover check runbooks/aurora-cutover.yaml",
        r"src/cutover rehearse --list",
        r"src/cutover rehearse --inject .*",
        r"src/cutover rehearse flag-down",              # test_scenarios.py
        *RECORDED,
    ]
    for command in commands():
        check(any(re.fullmatch(k, command) for k in known),
              "not run by any test: %s" % command)
    with open(os.path.join(SOURCE, ".ci", "run"), encoding="utf-8") as script:
        ci = script.read()
    check(re.search(r"/bootstrap\b", ci) and re.search(r"\bmake .*check\b", ci),
          ".ci/run does not run it")


def test_list():
    """the scenarios are listed, the one that is named among them"""
    with tempfile.TemporaryDirectory() as home:
        done = shell("src/cutover rehearse --list", home)
        check(done.returncode == 0, done.stderr)
        for command in commands():
            named = re.fullmatch(r"src/cutover rehearse ([a-z][\w-]*)", command)
            check(not named or re.search(
                "^%s " % named.group(1), done.stdout, re.M), command)


def test_check():
    """the check of step 4 finds nothing"""
    command, = [c for c in commands() if "cutover check" in c]
    with tempfile.TemporaryDirectory() as home:
        done = shell(command, home)
        check(done.returncode == 0, done.stderr)


def test_flag():
    """the flag of step 4 fits into the runbook"""
    flag, = [b for b in blocks("yaml") if "token_header" in b]
    with open(os.path.join(SOURCE, "runbooks", "aurora-cutover.yaml"),
              encoding="utf-8") as file:
        text, count = re.subn(
            r"(?<=\n)( *)http:\n(\1 +.*\n)+", lambda found: "%shttp:\n%s" % (
                found.group(1), re.sub("^", "    ", flag, flags=re.M)[:-4]),
            file.read())
    check(count == 1, text)
    with tempfile.TemporaryDirectory() as home:
        path = os.path.join(home, "own.yaml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        done = shell("src/cutover check " + path, home)
        check(done.returncode == 0, done.stdout + done.stderr)


def test_variables():
    """the variables of step 3 are all that the runbooks of each phase want"""
    body, = [b for b in blocks("yaml") if "mysql_file" in b]
    with tempfile.TemporaryDirectory() as home:
        path = os.path.join(home, "prod.yaml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(body)
        for runbook in ("deploy-v2", "aurora-cutover",
                        "aurora-cutover-prewarmed", "cleanup-v1"):
            # everything is given: what is missing now is the option file
            done = shell("src/cutover run %s --plain --vars %s"
                         % (runbook, path), home)
            check(done.returncode == 2, done.stdout + done.stderr)
            check("has no value" not in done.stderr, done.stderr)
            check("cutover.cnf" in done.stderr, done.stderr)


def test_world():
    """the world alone: run, kubectl and mysql on it, as written"""
    world, = [c for c in commands() if "--world" in c]
    directory = re.search(r"--world-dir (\S+)", world).group(1)
    with tempfile.TemporaryDirectory(prefix="cutover-e2e-") as place:
        os.chmod(place, 0o711)          # the databases' user passes through
        own = os.path.join(place, "practice")
        with Run("rehearse", "--world", "--world-dir", own) as run:
            run.wait(r"^world: ready " + re.escape(own))
            for command in commands():
                if directory not in command or "--world" in command:
                    continue
                command = command.replace(directory, own)
                if command.startswith("kubectl"):
                    if not shutil.which("kubectl"):
                        continue
                    command = command.replace(" --watch", "")
                if "cutover run" in command:
                    command += " --plain"       # no terminal here
                done = shell(command, run.home)
                parks = "cutover run" in command
                check(done.returncode == (5 if parks else 0),
                      "%s: %s\n%s%s" % (command, done.returncode, done.stdout,
                                        done.stderr))
                if command.startswith("kubectl"):
                    check("my-app-v1" in done.stdout, done.stdout)
                if command.startswith("mysql"):
                    check("bin" in done.stdout, done.stdout)
            for command in commands():
                if "--inject" in command:
                    done = shell(command.replace("--inject", "--inject " + own),
                                 run.home)
                    check(done.returncode == 0 and done.stdout,
                          "%s: %s" % (command, done.stderr))
            for command, status in RECORDED.items():
                check(command in commands(), "the README lacks " + command)
                done = shell(command, run.home)
                check(done.returncode == status and done.stdout,
                      "%s: %s\n%s%s" % (command, done.returncode, done.stdout,
                                        done.stderr))
            run.process.terminate()
            check(run.finish() == 0, run.text[-2000:])


if __name__ == "__main__":
    check(os.path.isdir(BUILD), "no build")
    main([test_every_command_is_known, test_list, test_check, test_flag,
          test_variables, test_world])
