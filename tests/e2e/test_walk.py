"""Whole cutovers in the practice world: autopilot, plain, and the ends of it."""
import glob
import os
import re
import socket
import tempfile

from walk import (GATES, PIPE_LEAST, Resumed, Run, check, ledger, main, outage,
                  result, wait_until)


def check_transcript(run):
    text = run.command("transcript").stdout
    for label, _, _ in GATES:
        check(re.search(r"\b%s\b" % label, text), "step %s is missing" % label)
    wide = [line for line in text.splitlines() if len(line) > 80]
    check(not wide, "wider than 80 columns: %r" % wide[:1])
    for wanted in ("mysql.rds_stop_replication", "/apis/apps/v1/namespaces/shop/",
                   "ledger: acknowledged", "read_only"):
        check(wanted in re.sub(r"\s+", "", text) or wanted in text,
              "the transcript lacks %r" % wanted)


def test_autopilot():
    """autopilot completes, nothing lost, transcript whole"""
    with Run("rehearse", "--autopilot") as run:
        check(run.finish(150) == 0, "exit status:\n" + run.text[-2000:])
        check(result(run.text) == "completed", "result")
        acknowledged, present, lost, duplicated = ledger(run.text)
        check(acknowledged > 100, "only %d writes" % acknowledged)
        check(present == acknowledged, "present %d" % present)
        check((lost, duplicated) == (0, 0), "lost, duplicated")
        check(outage(run.text)[0] > 0, "no outage was measured")
        check(run.text.rstrip().splitlines()[-1].startswith("result:"),
              "the result is not the last line")
        check_transcript(run)
        check("completed" in run.command("runs").stdout, "runs")


def test_plain():
    """plain walks seven gates by answers, notes in the record"""
    with Run("rehearse", "--plain") as run:
        for label, step, word in GATES:
            run.gate(label)
            if label == "2a":
                run.send("note called the team")
                wait_until("the note", lambda: run.events("note"))
            run.send(word)
        check(run.finish() == 0, run.text[-2000:])
        confirmed = [r["step"] for r in run.events("gate.confirmed")]
        check(confirmed == [g[1] for g in GATES], str(confirmed))
        for record in run.events("gate.confirmed"):
            check(all(g["state"] == "green" for g in record["guards"]),
                  "a guard was not green: %s" % record)
        check(ledger(run.text)[2:] == (0, 0), "lost or duplicated")
        check("called the team" in run.command("transcript").stdout, "note")


def test_nobody_reads():
    """a full pipe halts nothing; what was said comes whole once it is read"""
    with Run("rehearse", "--autopilot", deaf=True) as run:
        wait_until("the run's end", lambda: glob.glob(os.path.join(
            run.home, "*", "*", "journal.jsonl")) and
                   run.events("run.closed"), 150)
        run.listen()
        check(run.finish() == 0, run.text[-2000:])
        check(len(run.text) > 2 * PIPE_LEAST, "there was not enough to say")
        said = [run.text.find(word) for word in (
            "GATE 1", "GATE 2b", "GATE 5b", "\nledger: ", "\nresult: ")]
        check(said == sorted(said) and said[0] >= 0, str(said))
        check(ledger(run.text)[2:] == (0, 0), "lost or duplicated")


def test_wrong_word_and_early_keys():
    """a wrong word and early answers do nothing; what is parked is gone on with"""
    with Run("rehearse", "--plain") as run:
        run.send("go")                  # long before any gate is there
        run.gate("1")
        check(not run.events("gate.confirmed"), "an early key confirmed")
        run.send("go")
        run.gate("2a")
        run.send("go")
        run.gate("2b")
        run.send("go")
        run.wait("^NO: ")
        run.send("Promote")
        run.wait("^NO: ")
        check(len(run.events("gate.confirmed")) == 2, "a wrong word confirmed")
        run.process.stdin.close()
        check(run.finish() == 5, "end of input parks: exit 5")
        check(run.events("run.parked")[0]["reason"] == "end of input",
              "reason")
        run.wait("The practice world lives on for an hour")
        name = os.path.basename(run.run_dir())
        again = Resumed(run)
        again.gate("2b")
        check("can be resumed" not in run.command("runs").stdout,
              "it is being driven")
        again.send("park")
        check(again.finish() == 5, again.text[-2000:])
        check("can be resumed; parked" in run.command("runs").stdout,
              run.command("runs").stdout)
        again = Resumed(run, name)
        again.gate("2b")
        again.send("rollback")
        again.wait(r"^SURE\?")
        again.send("rollback")
        check(again.finish() == 4, again.text[-2000:])
        check(ledger(again.text)[2:] == (0, 0), "lost or duplicated")


def test_another_world_moved_in():
    """a parked rehearsal does not go on in, or end, a later one's world"""
    with tempfile.TemporaryDirectory(prefix="cutover-e2e-") as place:
        os.chmod(place, 0o711)
        where = ("--world-dir", os.path.join(place, "w"), "--pods", "1")
        with Run("rehearse", "--plain", *where) as first:
            first.gate("1")
            first.send("park")
            check(first.finish() == 5, first.text[-2000:])
            name = os.path.basename(first.run_dir())
            with socket.socket(socket.AF_UNIX) as door:
                door.connect(os.path.join(where[1], "control"))
                door.sendall(b"finish\n")
                while door.recv(4096):
                    pass            # until that world is gone
            with Run("rehearse", "--plain", *where) as second:
                second.gate("1")
                refused = first.command("resume", name)
                check(refused.returncode == 1 and "world of this rehearsal "
                      "is gone" in refused.stderr, refused.stderr)
                check("its practice world is gone" in
                      first.command("runs").stdout, "runs")
                second.send("rollback")
                second.wait(r"^SURE\?")
                second.send("rollback")
                check(second.finish() == 4, second.text[-2000:])


def test_every_effect_was_confirmed():
    """each request in the journal was shown by a confirmation before it"""
    with Run("rehearse", "--autopilot") as run:
        check(run.finish(150) == 0, run.text[-2000:])
        shown = []
        for record in run.journal():
            if record["event"] == "gate.confirmed":
                shown = [(e["target"], e["request"])
                         for e in record["effects"]]
            if record["event"] == "action.intended":
                sent = (record["target"], record["request"])
                check(sent in shown, "not shown: %s" % (sent,))
                shown.remove(sent)


def test_flag_in_a_configmap():
    """with the flag in a ConfigMap: completed, nothing lost"""
    with Run("rehearse", "--autopilot", "--flag", "configmap") as run:
        check(run.finish(150) == 0, run.text[-2000:])
        check(ledger(run.text)[2:] == (0, 0), "lost or duplicated")
        sent = [r["request"] for r in run.events("action.intended")]
        check("/configmaps/app-flags" in sent[0], sent[0])


def test_live_path():
    """the world alone, driven by cutover run from another terminal"""
    with Run("rehearse", "--world") as world:
        directory = world.wait(r"^world: ready (\S+)").group(1)
        with Run("run", "aurora-cutover", "--plain", "--vars",
                 directory + "/vars.yaml") as run:
            run.pass_gates()
            check(run.finish() == 0, run.text[-2000:])
            opened = run.events("run.opened")[0]
            check(not opened["rehearsal"], "a live run called a rehearsal")
        world.process.terminate()
        check(world.finish() == 0, world.text[-2000:])
        check(ledger(world.text)[2:] == (0, 0), "lost or duplicated")


def test_other_phases():
    """deploy-v2 and cleanup-v1 complete in worlds of their own"""
    for name in ("deploy-v2", "cleanup-v1"):
        with Run("rehearse", "--runbook", name, "--autopilot") as run:
            check(run.finish(150) == 0, name + "\n" + run.text[-2000:])
            check(result(run.text) == "completed", name)
            check(ledger(run.text)[2:] == (0, 0), name)


if __name__ == "__main__":
    main([test_autopilot, test_plain, test_wrong_word_and_early_keys,
          test_another_world_moved_in, test_every_effect_was_confirmed,
          test_flag_in_a_configmap, test_live_path, test_other_phases])
