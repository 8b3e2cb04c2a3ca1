#!/usr/bin/env python3
"""The debrief at a rehearsal's end: printed, on record, and compared."""
import json
import os
import re
import subprocess
import tempfile

from walk import CUTOVER, SOURCE, Run, check, main

SCORE = re.compile(r"^score +(\d+) of 100$", re.M)
NONE = "earlier     no rehearsal of this kind"
ONE = "earlier     one rehearsal of this kind; it scored 100"


def part(text):
    """The debrief in what a rehearsal printed, between run and last lines."""
    match = re.search(r"^DEBRIEF\n-+\n(.*)^ledger: .*\n^outage: .*\n"
                      r"^result: \S+\n\Z", text, re.M | re.S)
    check(match, "no debrief before the last lines:\n" + text[-3000:])
    wide = [line for line in match.group(1).splitlines() if len(line) > 80]
    check(not wide, "wider than 80 columns: %r" % wide[:1])
    return match.group(1)


def score(text):
    match = SCORE.search(text)
    check(match, "no score:\n" + text)
    return int(match.group(1))


def transcript(run, name, form):
    done = run.command("transcript", name, "--format", form)
    check(done.returncode == 0, "%s: %s" % (form, done.stderr))
    return done.stdout


def check_records(run, first, second):
    """Both runs' records say what was true when they ended."""
    for name, earlier in ((first, NONE), (second, ONE)):
        text = transcript(run, name, "text")
        check(score(text) == 100 and earlier in text,
              "the record of %s:\n%s" % (name, text[-4000:]))
        check(re.search(r"^notes +0$", text, re.M),
              "the comparison counts as somebody's note")
        check(run.command("transcript", name, "--verify").returncode == 0,
              "the chain of %s is broken" % name)
    for form, heading in (("markdown", "## DEBRIEF"),
                          ("html", "<h2>DEBRIEF</h2>")):
        check(heading in transcript(run, second, form), form)
    told = json.loads(transcript(run, second, "json"))["debrief"]
    check(told["score"] == 100 and told["earlier"]["rehearsals"] == 1,
          str(told))
    check(all(c["verdict"] in ("full", "not judged")
              for c in told["criteria"]), str(told["criteria"]))
    check([g["label"] for g in told["gates"]] ==
          ["1", "2a", "2b", "3", "4", "5a", "5b"], str(told["gates"]))


def names(run):
    lines = run.command("runs").stdout.splitlines()
    return [line.split()[0] for line in lines if re.match(r"\d{8}-", line)]


def patient(folder):
    """'smooth', with a par that a busy machine keeps, too."""
    with open(os.path.join(SOURCE, "runbooks", "rehearsal", "smooth.yaml"),
              encoding="utf-8") as file:
        text, found = re.subn(r"(?m)^(par: .*outage: )\d+s", r"\g<1>50s",
                              file.read())
    check(found == 1, "smooth has no par of its outage")
    path = os.path.join(folder, "patient.yaml")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def test_debrief():
    """the autopilot gets full score; a second rehearsal is compared with it"""
    with tempfile.TemporaryDirectory() as folder:
        debriefed(patient(folder))


def debriefed(scenario):
    with Run("rehearse", scenario, "--autopilot") as first:
        home = {"XDG_STATE_HOME": first.home}
        check(first.finish(150) == 0, first.text[-3000:])
        check(score(part(first.text)) == 100 and NONE in first.text,
              part(first.text))
        with Run("rehearse", scenario, "--autopilot", env=home) as second:
            check(second.finish(150) == 0, second.text[-3000:])
            told = part(second.text)
            check(score(told) == 100 and ONE in told, told)
            check(re.search(r"^pace +[\d.:]+ s (ahead of|behind) the one "
                            r"before$", told, re.M),
                  told)
            check(re.search(r"^2b  Promote Aurora( +[\d.]+ s){4} +"
                            r"(best|ahead|even|behind)$", told, re.M), told)
        latest, oldest = names(first)
        check_records(first, oldest, latest)
        listed = first.command("runs").stdout
        check(listed.count("rehearsal, ") == listed.count(", score 100") == 2,
              listed)
        check_person(scenario, home)


def check_person(scenario, home):
    """A person, who goes back: another kind of rehearsal than the autopilot's,
    and as long as it takes is the person's own time."""
    with Run("rehearse", scenario, "--plain", env=home) as run:
        run.pass_gates(until="2a")
        run.send("rollback")
        run.wait(r"^SURE\?")
        run.send("rollback")
        check(run.finish() == 4, run.text[-3000:])
        told = part(run.text)
        check(NONE in told, told)
        check(re.search(r"^window +[\d.]+ s: gates [\d.]+ s \(yours [\d.]+ "
                        r"s\),\s+acts and checks [\d.]+ s,\s+the\s+way\s+back "
                        r"[\d.]+ s$", told, re.M), told)
        check(re.search(r"^2a  Fence RDS, final sync +([\d.]+) s +[\d.]+ s "
                        r"+\1 s$", told, re.M), told)


def test_rules():
    """the README judges as the help does, and the help as the program"""
    told = subprocess.run([CUTOVER, "rehearse", "--help"], text=True,
                          capture_output=True, timeout=30, check=True).stdout
    told = told[told.index("HOW A REHEARSAL IS JUDGED"):]
    with open(os.path.join(SOURCE, "README.md"), encoding="utf-8") as file:
        rows = re.findall(r"^\| ([a-z ]+) \| (\d+) \| (.*) \|$", file.read(),
                          re.M)
    check(" ".join(told.split()).endswith(
        "- " + " ".join("%s %s. %s" % row for row in rows)),
          "%s\nand in the README: %s" % (told, rows))
    check(sum(int(row[1]) for row in rows) == 100, str(rows))


if __name__ == "__main__":
    main([test_rules, test_debrief])
