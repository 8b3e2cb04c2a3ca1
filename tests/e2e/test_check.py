#!/usr/bin/env python3
"""cutover check, as its user runs it: what it prints, where, and its status."""
import os
import subprocess
import sys
import tempfile

SOURCE = os.environ.get("CUTOVER_SOURCE") or os.path.join(
    os.path.dirname(os.path.abspath(__file__)), "..", "..")
BUILD = os.environ.get("CUTOVER_BUILD") or SOURCE
CUTOVER = os.path.join(BUILD, "src", "cutover")
EXAMPLES = os.path.join(SOURCE, "tests", "runbooks")
SHIPPED = {"aurora-cutover": "7 steps, 7 gates",
           "aurora-cutover-prewarmed": "7 steps, 7 gates",
           "deploy-v2": "2 steps, 2 gates",
           "cleanup-v1": "2 steps, 2 gates"}


def check(*arguments, **environment):
    return run("check", *arguments, **environment)


def run(*arguments, **environment):
    """(exit status, standard output, standard error)."""
    environment = {**os.environ, "LC_ALL": "C", **environment}
    environment.pop("LANGUAGE", None)
    done = subprocess.run([CUTOVER, *arguments], timeout=30,
                          env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


def shipped_runbooks_are_without_problems():
    for name, size in SHIPPED.items():
        status, out, err = check(name)
        assert (status, err) == (0, ""), (name, status, err)
        assert out.endswith(f"/{name}.yaml: no problems found ({size})\n"), out


def every_problem_has_its_place():
    path = os.path.join(EXAMPLES, "keys.yaml")
    with open(os.path.join(EXAMPLES, "keys.expected"), encoding="utf-8") as file:
        expected = "".join(f"{path}:{line}" for line in file)
    assert check(path) == (2, "", expected)


def values_may_be_missing_without_vars_only():
    with tempfile.TemporaryDirectory() as folder:
        values = os.path.join(folder, "vars.yaml")
        with open(values, "w", encoding="utf-8") as file:
            file.write("namespace: shop\nmysql_file: my.cnf\n"
                       "v2_replicas: 4\nv2_manifst: v2.yaml\n")
        status, out, err = check("deploy-v2", "--vars", values)
        assert (status, out) == (2, ""), (status, out)
        lines = err.splitlines()
        assert len(lines) == 2, err
        assert "'v2_manifest' has no value: file with v2's Deployment" \
            in "".join(lines), err
        assert f"{values}:4:1: no variable is named 'v2_manifst'; " \
            "did you mean 'v2_manifest'?" in lines, err
        status, _, err = check("deploy-v2", "--vars", values,
                               "--set", "v2_manifest=v2.yaml")
        assert (status, err) == (0, ""), err


def a_value_is_judged():
    status, out, err = check("aurora-cutover", "--set", "max_missing=some")
    assert (status, out) == (2, "")
    assert err == "--set: 'max_missing' wants an integer, not \"some\"\n", err


def own_runbooks_come_first():
    status, out, _ = check("good", CUTOVER_RUNBOOKS=EXAMPLES)
    assert status == 0 and out.startswith(EXAMPLES), out


def what_is_not_there_is_named():
    status, out, err = check("aurora-cutovr")
    assert (status, out) == (2, "")
    assert "did you mean 'aurora-cutover'?" in err, err
    status, _, err = check("aurora-cutover", "--vars", "/nowhere/vars.yaml")
    assert status == 2 and "/nowhere/vars.yaml" in err, err


def a_scenario_fits_where_it_is_played():
    for more, why in (
            (["cron-job", "--runbook", "cleanup-v1"],
             "cron-job: it waits for the step 'read-only', which cleanup-v1 "
             "does not have"),
            (["flag-slow", "--flag", "configmap"],
             "flag-slow: its flag-slow is a flag service's; the flag in a "
             "ConfigMap has none")):
        status, out, err = run("rehearse", *more, "--plain")
        assert status == 2 and why in " ".join(err.split()), (more, status, err)
        assert "world:" not in out + err, (out, err)


def usage():
    for arguments in ([], ["a", "b"], ["--colour", "a"], ["a", "--set"]):
        status, out, err = check(*arguments)
        assert (status, out) == (2, ""), (arguments, status, out)
        assert "cutover check --help" in err, err
    status, out, err = check("--help")
    assert (status, err) == (0, "") and "--vars FILE" in out, out


def main():
    bad = 0
    for case in (shipped_runbooks_are_without_problems,
                 every_problem_has_its_place,
                 values_may_be_missing_without_vars_only, a_value_is_judged,
                 own_runbooks_come_first, what_is_not_there_is_named,
                 a_scenario_fits_where_it_is_played, usage):
        name = case.__name__.replace("_", " ")
        try:
            case()
            print(f"PASS: {name}")
        except AssertionError as why:
            print(f"FAIL: {name}: {why}")
            bad += 1
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
