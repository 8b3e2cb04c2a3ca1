#!/usr/bin/env python3
"""`cutover runs` and `cutover transcript`, as commands, on handwritten runs.

Every run lies in a private state directory; what a command prints, and its
exit status, is all that is looked at.
"""
import fcntl
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

    def test_runs_are_a_table_of_80_columns(self):
        self.add(RUN, "completed")
        self.add(RUN + "-2", "rolled-back")
        held = self.add("20261124-000000-aurora-cutover-reversible", "failed")
        self.add("20261125-000000-" + "long" * 20, "failed")
        damaged = self.add("20261126-000000-x", "completed")
        with open(damaged, "r+b") as file:
            file.seek(500)
            file.write(b"#")
        with open(held, "r+b") as file:
            fcntl.fcntl(file, F_OFD_SETLK,
                        struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, 0, 0, 0))
            with open(os.path.join(os.path.dirname(held), "lock"), "w",
                      encoding="ascii") as lock:
                lock.write('{"pid":4711,"host":"bastion","since":"x"}')
            done = self.cutover("runs")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        lines = done.stdout.splitlines()
        self.assertTrue(all(len(line) <= 80 for line in lines), done.stdout)
        self.assertEqual(lines[0].split(), ["RUN", "RESULT", "OUTAGE"])
        self.assertEqual(lines[1].split(), ["20261126-000000-x", "DAMAGED"])
        self.assertRegex(lines[3], "parked at 2a +-$")
        self.assertRegex(lines[5], r"running \(4711, bastion\) +-$")
        self.assertRegex(lines[7], RUN + r"-2 +rolled-back +2:07.001$")
        self.assertIn("rehearsal, relief@bastion", lines[8])
        self.assertRegex(lines[9], RUN + r" +completed +12.431 s$")
        self.assertEqual(lines[10], "  aurora-cutover, 2026-11-23 14:03:20 UTC,"
                         " live, oncall@bastion")

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
        self.assertIn("whole: 50 records, last sha256 ", done.stdout)
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

    def test_usage(self):
        for arguments in (["transcript", "--what"], ["transcript", "a", "b"],
                          ["runs", "x"], ["runs", "--x"],
                          ["transcript", "nothing"]):
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
