#!/usr/bin/env python3
"""`cutover runs` and `cutover transcript`, as commands, on handwritten runs.

Every run lies in a private state directory; what a command prints, and its
exit status, is all that is looked at.
"""
import fcntl
import hashlib
import os
import shutil
import stat
import struct
import subprocess
import sys
import tempfile
import unittest

SOURCE = os.environ.get("CUTOVER_SOURCE", os.getcwd())
PROGRAM = os.path.join(os.environ.get("CUTOVER_BUILD", os.getcwd()),
                       "src/cutover")
F_OFD_SETLK = 37
RUN = "20261123-140320-aurora-cutover"


class Commands(unittest.TestCase):
    def setUp(self):
        self.state = tempfile.mkdtemp(prefix="cutover-transcript.")
        self.addCleanup(shutil.rmtree, self.state)

    def add(self, run, journal):
        """Puts a handwritten run there; the path of its journal."""
        folder = os.path.join(self.state, "cutover", run)
        os.makedirs(folder)
        return shutil.copyfile(
            os.path.join(SOURCE, "tests/journals", journal, "journal.jsonl"),
            os.path.join(folder, "journal.jsonl"))

    def cutover(self, *arguments, locale="C.UTF-8"):
        env = dict(os.environ, XDG_STATE_HOME=self.state, LC_ALL=locale)
        return subprocess.run([PROGRAM, *arguments], env=env, text=True,
                              capture_output=True, timeout=30,
                              encoding="utf-8")

    def golden(self, name):
        path = os.path.join(SOURCE, "tests/golden", "transcript-" + name)
        with open(path, encoding="utf-8") as file:
            return file.read()

    def test_no_runs_yet(self):
        done = self.cutover("runs")
        self.assertEqual(done.returncode, 0)
        self.assertIn("No runs yet", done.stdout)
        done = self.cutover("transcript")
        self.assertEqual(done.returncode, 2)
        self.assertIn("no runs yet", done.stderr)

    def keep(self, journal, lines=None):
        """What a run began with is kept beside its journal, of which the
        first lines are left."""
        for name in ("runbook.yaml", "vars.yaml"):
            with open(os.path.join(os.path.dirname(journal), name), "w",
                      encoding="ascii"):
                pass
        with open(journal, "r+b") as file:
            content = file.readlines()
            file.truncate(sum(map(len, content[:lines])))

    def hold(self, journal):
        """A process holds that run, and says so."""
        file = open(journal, "r+b")
        self.addCleanup(file.close)
        fcntl.fcntl(file, F_OFD_SETLK,
                    struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, 0, 0, 0))
        with open(os.path.join(os.path.dirname(journal), "lock"), "w",
                  encoding="ascii") as lock:
            lock.write('{"pid":4711,"host":"bastion","since":"x"}')

    def runs(self):
        """The lines of `cutover runs`, of which each fits."""
        done = self.cutover("runs")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        lines = done.stdout.splitlines()
        self.assertTrue(all(len(line) <= 80 for line in lines), done.stdout)
        return lines

    def test_runs_are_a_table_of_80_columns(self):
        self.add(RUN, "completed")
        self.add(RUN + "-2", "rolled-back")
        self.add("20261125-000000-" + "long" * 20, "completed")
        damaged = self.add("20261126-000000-x", "completed")
        with open(damaged, "r+b") as file:
            file.seek(500)
            file.write(b"#")
        lines = self.runs()
        self.assertEqual(lines[0].split(), ["RUN", "RESULT", "OUTAGE"])
        self.assertEqual(lines[1].split(), ["20261126-000000-x", "DAMAGED"])
        self.assertRegex(lines[2], r"^  journal\.jsonl:\d: ")
        self.assertRegex(lines[5], RUN + r"-2 +rolled-back +2:07.001$")
        self.assertIn("rehearsal, relief@bastion, score 80", lines[6])
        self.assertRegex(lines[7], RUN + r" +completed +12.431 s$")
        self.assertEqual(lines[8], "  aurora-cutover, 2026-11-23 14:03:20 UTC,"
                         " live, oncall@bastion")
        # nothing is left to be done about any of them
        self.assertEqual(len(lines), 9)

    def test_a_run_that_has_not_ended_says_how_to_go_on(self):
        live, broken, parked, _, held, undoing = (
            self.add("2026112%d-000000-x" % day, journal) for day, journal in
            ((9, "completed"), (8, "completed"), (7, "failed"), (6, "failed"),
             (5, "failed"), (4, "rolled-back")))
        self.keep(live, 15)
        self.hold(live)
        self.keep(broken, 15)
        self.keep(parked)
        self.keep(held)
        self.hold(held)
        self.keep(undoing, 30)
        lines = self.runs()
        blocks = ["\n".join(lines[at:at + 3]) for at in range(1, 19, 3)]
        driven = r"\n  driven by process 4711 on bastion since x$"
        for block, pattern in zip(blocks, (
                r"live at 2a +-\n.*" + driven,
                r"broken off at 2a +-\n.*\n  can be resumed; its process ended",
                r"parked at 2a +-\n.*\n  can be resumed; parked: \w",
                r"parked at 2a +-\n.*\n  cannot be resumed: runbook.yaml or ",
                r"parked at 2a +-\n.*" + driven,
                r"broken off, undoing \w+ +\S+.*\n.*\n  cannot be resumed: its "
                r"practice world is gone$")):
            self.assertRegex(block, pattern)
        self.assertIn("'cutover resume RUN'", lines[-1])
        self.assertIn("'cutover watch RUN'", lines[-1])

    def test_transcript_of_the_latest_and_of_a_named_run(self):
        self.add(RUN, "completed")
        self.add("20261124-000000-x", "failed")
        self.assertEqual(self.cutover("transcript").stdout,
                         self.golden("failed.txt"))
        self.assertEqual(self.cutover("transcript", "20261123").stdout,
                         self.golden("completed.txt"))
        path = os.path.join(self.state, "cutover", RUN)
        self.assertEqual(self.cutover("transcript", path).stdout,
                         self.golden("completed.txt"))

    def test_without_utf8_only_ascii(self):
        self.add(RUN, "failed")
        self.assertEqual(self.cutover("transcript", locale="C").stdout,
                         self.golden("failed.ascii.txt"))

    def test_formats(self):
        self.add(RUN, "failed")
        for name, tail in (("markdown", "md"), ("html", "html"),
                           ("json", "json"), ("text", "txt")):
            done = self.cutover("transcript", "--format", name)
            self.assertEqual(done.stdout, self.golden("failed." + tail))
        done = self.cutover("transcript", "--format", "pdf")
        self.assertEqual(done.returncode, 2)
        self.assertIn("markdown", done.stderr)

    def test_output_replaces_a_file_for_its_owner_only(self):
        self.add(RUN, "completed")
        path = os.path.join(self.state, "out.txt")
        with open(path, "w", encoding="ascii") as file:
            file.write("old")
        done = self.cutover("transcript", "--output", path)
        self.assertEqual((done.returncode, done.stdout), (0, ""))
        with open(path, encoding="utf-8") as file:
            self.assertEqual(file.read(), self.golden("completed.txt"))
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        self.assertEqual(sorted(os.listdir(self.state)), ["cutover", "out.txt"])
        done = self.cutover("transcript", "--output", "/nowhere/out")
        self.assertEqual(done.returncode, 1)

    def test_verify(self):
        path = self.add(RUN, "completed")
        done = self.cutover("transcript", "--verify")
        self.assertEqual(done.returncode, 0)
        with open(path, "rb") as file:
            head = hashlib.sha256(file.readlines()[-1].rstrip(b"\n"))
        self.assertEqual(done.stdout, "verified: 50 records, head %s\n"
                         % head.hexdigest())
        with open(path, "r+b") as file:
            content = file.read()
            at = content.index(b"65000")
            file.seek(at)
            file.write(b"64999")
        line = content[:at].count(b"\n") + 1
        for options in ([], ["--verify"]):
            done = self.cutover("transcript", *options)
            self.assertEqual((done.returncode, done.stdout), (1, ""))
            self.assertIn(f"{path}:{line + 1}: the chain is broken",
                          done.stderr)

    def test_torn_line_is_left_out_and_said(self):
        path = self.add(RUN, "completed")
        with open(path, "ab") as file:
            file.write(b'{"seq":51,"at":"20')
        done = self.cutover("transcript")
        self.assertEqual(done.returncode, 0)
        self.assertEqual(done.stdout, self.golden("completed.txt"))
        self.assertIn("torn: 18 bytes", done.stderr)
        done = self.cutover("transcript", "--verify")
        self.assertEqual(done.returncode, 0)
        self.assertTrue(done.stdout.startswith("verified: 50 records, head "))
        self.assertIn("torn: 18 bytes", done.stderr)

    def test_usage(self):
        for arguments in (["transcript", "--what"], ["transcript", "a", "b"],
                          ["runs", "x"], ["runs", "--x"],
                          ["transcript", "nothing"],
                          ["transcript", "--verify", "--format", "json"],
                          ["transcript", "--output", "x", "--verify"]):
            done = self.cutover(*arguments)
            self.assertEqual((done.returncode, done.stdout), (2, ""))
            self.assertTrue(done.stderr.startswith("cutover: "), arguments)
        for name in ("runs", "transcript"):
            done = self.cutover(name, "--help")
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertIn("usage: cutover " + name, done.stdout)
            self.assertTrue(all(len(line) <= 80
                                for line in done.stdout.splitlines()))

    @unittest.skipUnless(os.path.exists("/dev/full"), "no /dev/full")
    def test_full_output_is_an_error(self):
        self.add(RUN, "completed")
        with open("/dev/full", "w", encoding="ascii") as full:
            done = subprocess.run([PROGRAM, "transcript"], stdout=full,
                                  env=dict(os.environ,
                                           XDG_STATE_HOME=self.state),
                                  stderr=subprocess.PIPE, timeout=30,
                                  check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"No space left", done.stderr)


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")
    unittest.main()
