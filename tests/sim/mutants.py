#!/usr/bin/env python3
"""Breaks the program on purpose, and demands that the simulation notices.

Each mutant is one change of one source file: it must be found there exactly
once (else this table has gone stale), compiles with the project's own flags,
is linked into the simulator in place of the real file, and must break a promise
within a bounded number of seeds. The program as it is must break none of them.
A crash is no answer: what must speak is a property.
"""
import concurrent.futures
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.environ.get("CUTOVER_SOURCE") or os.path.join(HERE, "../..")
BUILD = os.environ.get("CUTOVER_BUILD") or SOURCE
SEEDS = 5000            # in which a mutant must be caught
SANE_SEEDS = 300        # in which the program itself must pass
LIMIT_S = 300           # for one mutant; nothing here takes that long

# file, text, what it becomes, and the promises of which one must be named
MUTANTS = [
    ("engine/decide.c", "\tif (decide_shut(c))\n", "\tif (0)\n",
     "a shut gate is confirmed", "2, "),
    ("engine/outcomes.c", "if (!go.only_wait && decide_shut(c))", "if (0)",
     "another try asks no guard", "2, "),
    ("engine/decide.c", "if (word && (!c->input->text",
     "if (0 && (!c->input->text", "any word opens a gate", "7, "),
    ("engine/decide.c", "if (deed->guards.items[index].hard)", "if (0)",
     "a hard guard is overridden", "3, "),
    ("engine/decide.c", "strlen(c->input->text) < DECIDE_REASON_LEAST)", "0)",
     "an override needs no reason", "3, "),
    ("journal/piece.c",
     "\t\treturn piece_say_late(piece, err);\n", "\t\treturn 0;\n",
     "it acts before the journal is on disk", "6, |11, |journal|liveness"),
    ("journal/disk.c",
     "\tstatus = file_write_fd(disk->fd, disk->path, bytes, len, err);\n"
     "\tif (!status)\n\t\tstatus = disk_sync(disk, err);\n"
     "\tif (!status)\n",
     "\tif (!file_write_fd(disk->fd, disk->path, bytes, len, NULL))\n"
     "\t\tdisk_sync(disk, NULL);\n\tif (!status)\n",
     "it acts though the journal cannot be written",
     "6, |11, |journal|liveness"),
    ("journal/disk.c",
     "\tif (!status)\n\t\tstatus = disk_sync(disk, err);\n"
     "\tif (!status)\n\t\tdisk_note_time(disk);\n",
     "\tif (!status)\n\t\tdisk_note_time(disk);\n",
     "a record is not synced", "6, |liveness"),
    ("journal/journal.c", "(now > at ? now - at : 0)", "0",
     "the time between two processes is not counted", "6, "),
    ("journal/journal.c", "journal->disk.dirty = scan->torn > 0;", "",
     "a torn line is not cut off", "6, |liveness|journal"),
    ("conduct/twowriters.c", "status = shut_judge(c, action, err);",
     "status = shut_judge ? 0 : 0;", "nothing forbids two writers", "4, "),
    ("engine/query.c", "steps[count++] = runbook->rollback[i];",
     "steps[count++] = runbook->rollback[runbook->rollback_count - 1 - i];",
     "the way back runs backwards", "5, |4, "),
    ("conduct/survey.c", " - c->engine.own_transactions;", ";",
     "its own transactions count as users'", "5, "),
    ("engine/outcomes.c",
     "return engine->phase == ENGINE_STUCK && !engine->stuck_on_check &&",
     "return 0 &&", "what must happen once is sent again", "6, "),
    ("engine/fold_run.c",
     "\t\tengine->unknown = engine->tried = true;",
     "\t\tengine->tried = true;",
     "what was in flight at a death counts as failed", "6, "),
    ("conduct/carry.c", "[PERFORM_UNKNOWN] = INPUT_LOST",
     "[PERFORM_UNKNOWN] = INPUT_DONE", "a lost answer counts as done", "6, "),
    ("engine/arming.c",
     "if (now->state == VERDICT_GREEN || c->engine->guards[i].overridden)",
     "if (1)", "an armed gate does not look at its guards", "2, "),
    ("engine/fold_run.c",
     "\t\treturn fold_refuse(record, err);\n\tfold_disarm(engine);\n"
     "\tif (engine->phase == ENGINE_PARKED)",
     "\t\treturn fold_refuse(record, err);\n"
     "\tif (engine->phase == ENGINE_PARKED)",
     "a resumption leaves gates armed", "1, "),
    ("conduct/beat.c", "if (!c->begun && !c->resumes)", "if (!c->begun)",
     "a run that was left goes on by itself", "6, |liveness|journal"),
    ("observe/facts.c", "now_ms - stamp->at_ms <= stamp->fresh_ms", "true",
     "a fact never gets stale", "2, "),
    ("observe/condition.c", "stamp->at_ms >= c->not_before_ms", "true",
     "a fact from before the act will do", "2, |6, |5, |ledger"),
    ("conduct/carry.c", "status = conduct_lease_check(c->lease, err);",
     "status = 0;", "an effect is sent without asking the Lease",
     "one driver"),
    ("conduct/carry.c", "int status = carry_is_allowed(c, err);",
     "int status = 0;", "what was decided is sent, however late",
     "one driver|4, "),
    ("kube/lease_claim.c",
     "now_ms - claim->held_ms < lease_claim_good_ms(claim)", "true",
     "a Lease that is not renewed is held for ever", "one driver"),
    ("engine/verdicts.c", "else if (waited > checks->items[i].within_ms)",
     "else if (0)", "a check waits for ever", "11, |liveness"),
]

PRINT = """
include Makefile
print-mutants:
\t@echo 'compile=$(CC) $(DEFS) $(DEFAULT_INCLUDES) $(AM_CPPFLAGS) \
$(CPPFLAGS) $(AM_CFLAGS) $(CFLAGS)'
\t@echo 'link=$(CC) $(AM_CFLAGS) $(CFLAGS) $(AM_LDFLAGS) $(LDFLAGS)'
\t@echo 'objects=$(tests_sim_sim_OBJECTS)'
\t@echo 'libraries=$(tests_sim_sim_LDADD) $(LIBS)'
"""


def recipe():
    """How this build compiles and links, as make knows it."""
    done = subprocess.run(["make", "-s", "-f", "-", "print-mutants"],
                          cwd=BUILD, input=PRINT, stdout=subprocess.PIPE,
                          check=True, encoding="utf-8")
    return dict(line.split("=", 1) for line in done.stdout.splitlines()
                if "=" in line)


def shell(command):
    return subprocess.run(["/bin/sh", "-c", command], cwd=BUILD,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          encoding="utf-8", timeout=LIMIT_S)


def mutate(name, text, becomes):
    """The source with the change; None unless the text is there just once."""
    with open(os.path.join(SOURCE, "src", name), encoding="utf-8") as file:
        source = file.read()
    if source.count(text) != 1:
        return None
    return source.replace(text, becomes)


def build(how, folder, name, source):
    path = os.path.join(folder, os.path.basename(name))
    with open(path, "w", encoding="utf-8") as file:
        file.write(source)
    done = shell(f"{how['compile']} -w -c -o {path}.o {path} && "
                 f"{how['link']} -o {folder}/sim {how['objects']} {path}.o "
                 f"{how['libraries']}")
    return done.stdout if done.returncode else None


def judge(output, promises):
    """What is wrong with a mutant's end; None if a property spoke."""
    named = re.findall(r"^FAIL: seed \d+: promise ([^:]*)", output, re.M)
    if not named:
        return f"not caught in {SEEDS} seeds"
    if not any(re.match(promises, one + " ") for one in named):
        return f"caught as promise {named[0]}, not {promises}"
    return None


def attempt(how, mutant):
    """What is wrong; None if the mutant was caught."""
    name, text, becomes, _, promises = mutant
    source = mutate(name, text, becomes)
    if source is None:
        return "its text is not there exactly once: bring this table up to date"
    with tempfile.TemporaryDirectory() as folder:
        problem = build(how, folder, name, source)
        if problem:
            return "does not build: " + problem
        ran = shell(f"TMPDIR={folder} {folder}/sim --jobs 1 --first "
                    f"--seeds {SEEDS}")
    return judge(ran.stdout, promises)


def main():
    how = recipe()
    sane = shell(f"tests/sim/sim --jobs 1 --seeds {SANE_SEEDS}")
    bad = sane.returncode != 0
    print(f"{'FAIL' if bad else 'PASS'}: unchanged, it breaks nothing")
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        results = pool.map(lambda mutant: attempt(how, mutant), MUTANTS)
        for mutant, problem in zip(MUTANTS, results):
            bad = bad or bool(problem)
            print(f"{'FAIL' if problem else 'PASS'}: {mutant[0]}: {mutant[3]}"
                  f"{': ' + problem if problem else ''}", flush=True)
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
