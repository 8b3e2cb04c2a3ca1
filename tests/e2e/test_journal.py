#!/usr/bin/env python3
"""The journal under stress, on the real tool: disks that are full, read-only
or fail to sync; a journal that somebody deletes, changes or damages.

What cannot be recorded is not done: each case looks at the world itself, at
what the operator is told to do, and at the record in the end.
"""
import contextlib
import errno
import os
import re
import resource
import shutil
import signal
import subprocess
import tempfile

import terminal
from faults import KUBECTL, MYSQL, Live, World
from walk import (CUTOVER, GATES, SOURCE, Failure, Resumed, Run, check, main,
                  wait_until)

CC = os.environ.get("CC", "").split() or ["cc"]
WORDS = {label: word for label, _, word in GATES}


def spaced(words):
    """A pattern for words that may be wrapped anywhere."""
    return words.replace(" ", r"\s+")


def state(world):
    """All that a cutover changes, as the world itself has it."""
    return (world.flag_is_on(),
            world.kubectl("get", "service", world.vars["service"], "-o",
                          "jsonpath={.metadata.resourceVersion}"),
            world.kubectl("get", "deployment", "my-app-v2", "-o",
                          "jsonpath={.metadata.generation}"),
            world.sql("rds", "SELECT @@read_only"),
            world.sql("aurora", "SELECT @@read_only"),
            bool(world.sql("aurora", "SHOW SLAVE STATUS")))


def verified(run, *which):
    """How many records the chain proves."""
    done = run.command("transcript", *which, "--verify")
    check(done.returncode == 0, done.stdout + done.stderr)
    return int(re.match(r"verified: (\d+) records?, head [0-9a-f]{64}\n",
                        done.stdout).group(1))


def cannot(run, world, word, reason, which=(), left=0):
    """That word is said and cannot be recorded: nothing is sent, and it is
    said why. Up to so many records may be left that do not count yet. Whether
    the word was taken is not known: a guard's news may have come before it."""
    before, records = state(world), verified(run, *which)
    run.send(word)
    run.wait("^PROBLEM: ")
    run.wait(spaced(reason))
    run.send("note now")
    run.wait(spaced("the journal cannot be written; nothing can be decided "
                    "until it can"))
    check(state(world) == before, "an effect without a record")
    check(records <= verified(run, *which) <= records + left,
          "a record that was not synced")


def goes_on(run, label):
    """The disk is mended: that gate is confirmed by what was said, or now."""
    def confirmed():
        return re.search("^CONFIRMED %s " % label, run.text, re.M)
    for _ in range(10):
        with contextlib.suppress(Failure):
            return wait_until("gate %s to be confirmed" % label, confirmed, 5)
        run.send(WORDS[label])
    return check(False, "gate %s was not confirmed:\n%s"
                 % (label, run.text[-3000:]))


class FailingDisk:
    """What failing_disk.c answers to the program's calls, from now on."""

    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix="cutover-e2e-")
        shim = os.path.join(self.dir, "failing_disk.so")
        subprocess.run([*CC, "-shared", "-fPIC", "-o", shim, os.path.join(
            SOURCE, "tests", "e2e", "failing_disk.c")], check=True)
        # a library before the sanitizers' own is what they warn of
        self.env = {"LD_PRELOAD": shim, "FAILING_DISK": self.dir,
                    "ASAN_OPTIONS": "verify_asan_link_order=0:" +
                    os.environ.get("ASAN_OPTIONS", "")}

    @contextlib.contextmanager
    def fails(self, **calls):
        for call, error in calls.items():
            with open(os.path.join(self.dir, call + ".new"), "w",
                      encoding="ascii") as file:
                file.write(str(error))
            os.rename(file.name, os.path.join(self.dir, call))
        try:
            yield
        finally:
            for call in calls:
                os.unlink(os.path.join(self.dir, call))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.dir)


FAILURES = [
    ("1", {"write": errno.ENOSPC}, "No space left on device"),
    ("2a", {"write": errno.EROFS}, "Read-only file system"),
    ("2b", {"sync": errno.EIO}, "cannot be synced to disk: Input/output error"),
    ("3", {"sync": errno.EIO, "cut": errno.EIO}, "half a record is left"),
]


def test_failing_disk():
    """write, sync and cut fail at a gate each: nothing sent; mended: it goes on"""
    with World() as world, FailingDisk() as disk, \
            Live(world, env=disk.env) as run:
        watch = None
        for label, calls, reason in FAILURES:
            run.gate(label)
            watch = watch or Run("watch", env={"XDG_STATE_HOME": run.home})
            with disk.fails(**calls):
                # what cannot even be cut off stays until it can: the
                # confirmation and the intent, written together
                cannot(run, world, WORDS[label], reason,
                       left=2 if "cut" in calls else 0)
                check(re.search(spaced("make room or mend the disk, and the "
                                       "run goes on by itself"), run.text),
                      "it does not say what to do")
            goes_on(run, label)
        run.gate("4")
        run.go_on("4")
        run.completes()
        check(watch.finish(20) == 0, watch.text[-1000:])
        check(verified(run) == len(run.journal()), "the record")
        sent = run.events("action.intended")
        check(len(sent) == len(run.events("action.done")), "done twice, or not")
        world.finish_whole()


def sees_red(run):
    """Does the status say that the Service selects others?"""
    before = run.at
    run.send("status")
    run.wait("^GATE 1 ")
    return re.search(r"^GUARD \d NO: my-app-service .*selects",
                     run.text[before:run.at], re.M)


FORGOTTEN = spaced("^PROBLEM: what was confirmed could not be recorded in time "
                   "and is forgotten: a guard is not green any")


def forgets(world, disk, run):
    """Confirms what cannot be recorded, then turns a guard red. Was that word
    taken, and forgotten?"""
    with disk.fails(sync=errno.EIO):
        cannot(run, world, "go", "cannot be synced")
        world.select("v2")
        # the screen shows what is seen, whatever can be recorded
        wait_until("the guard to be seen red", lambda: sees_red(run))
    run.wait("^GUARD NO: my-app-service .*selects")
    with contextlib.suppress(Failure):
        return wait_until("it to be forgotten", lambda: re.search(
            FORGOTTEN, run.text, re.M), 10)
    return None


def test_forgotten():
    """meanwhile a guard turns red: what was confirmed is forgotten, not sent"""
    with World() as world, FailingDisk() as disk, \
            Live(world, env=disk.env) as run:
        run.gate("1")
        for _ in range(5):
            forgotten = forgets(world, disk, run)
            check(world.flag_is_on(), "it was sent all the same")
            check(not run.events("gate.confirmed"),
                  "it was recorded all the same")
            world.select("v1")
            run.wait("^GUARD ok: my-app-service selects")
            run.gate("1")
            if forgotten:
                break
        check(forgotten, "nothing was forgotten:\n" + run.text[-3000:])
        run.go_on("1")
        run.completes()
        world.finish_whole()


@contextlib.contextmanager
def expired(world, disk):
    """A run beside the Lease of one that died, once that has expired."""
    short = ("--set", "lease=6s")
    with Live(world, *short) as dead:
        dead.gate("1")
        dead.process.kill()
        dead.finish()
        with Live(world, *short, env=disk.env) as run:
            run.wait(r"^LEASE \S+:\s+EXPIRED")
            yield run


def test_taken_over():
    """a take-over that cannot be recorded is none, and none comes later"""
    with World() as world, FailingDisk() as disk, \
            expired(world, disk) as run:
        with disk.fails(sync=errno.EIO):
            run.send("takeover")
            run.wait(spaced("the journal cannot be written; nothing is "
                            "taken over before it can"))
        run.send("note it is mended")
        wait_until("the note", lambda: [
            r for r in run.events("note") if r["text"] == "it is mended"])
        check(not [r for r in run.events("note")
                   if r.get("lease", {}).get("taken")],
              "recorded, and not done")
        run.send("takeover")
        run.wait(r"^LEASE \S+\s+is\s+ours")
        run.parks()
        world.finish_whole()


def test_left_on_screen():
    """on the screen: it says why; p leaves all as it is, the terminal given back"""
    home = tempfile.mkdtemp(prefix="cutover-e2e-")
    with World() as world, FailingDisk() as disk, terminal.Terminal(
            [CUTOVER, "run", "aurora-cutover", "--vars", world.vars_file],
            columns=120, rows=40,
            env={**disk.env, "XDG_STATE_HOME": home}) as screen:
        screen.wait_for("The gate is open: y to go on")
        with disk.fails(sync=errno.EIO):
            for _ in range(10):         # the gate may shut for a moment
                screen.wait_for("The gate is open: y to go on|"
                                "the journal cannot be written")
                screen.press("y")
                with contextlib.suppress(Failure):
                    screen.wait_for("the journal cannot be written: make room",
                                    5)
                    break
            # or a guard's news came before it
            screen.wait_for("^CONFIRMED, waits for the journal: goes on by "
                            "itself; p withdraws it|"
                            "^The journal cannot be written: nothing is done")
            screen.press("p")
            screen.wait_for("Park: end here")
            screen.press("y")
            screen.wait_for("Any key leaves")
            check(world.flag_is_on(), "an effect without a record")
            screen.press("q")
            check(screen.finish() == (5, None), screen.text())
            check(screen.restored() == "", screen.restored())
        world.finish_whole()
    shutil.rmtree(home)


def test_size_limit():
    """a file-size limit (ulimit -f): nothing sent; lifted: it goes on"""
    with World() as world, Live(world) as run:
        run.gate("1")
        size = os.path.getsize(os.path.join(run.run_dir(), "journal.jsonl"))
        resource.prlimit(run.process.pid, resource.RLIMIT_FSIZE,
                         (size + 20, resource.RLIM_INFINITY))
        cannot(run, world, "go", "File too large")
        resource.prlimit(run.process.pid, resource.RLIMIT_FSIZE,
                         (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        goes_on(run, "1")
        run.gate("2a")
        run.go_on("2a")
        run.completes()
        world.finish_whole()


# ---- real file systems: they take root ----------------------------------------

def mounted(place, *arguments):
    return os.geteuid() == 0 and subprocess.run(
        ["mount", *arguments, place], capture_output=True).returncode == 0


def test_disk_full():
    """the journal's disk is full: nothing is sent; room: it goes on"""
    place = tempfile.mkdtemp(prefix="cf", dir="/tmp")
    if not mounted(place, "-t", "tmpfs", "-o", "size=256k", "tmpfs"):
        os.rmdir(place)
        print("SKIP: the journal's disk is full: no small file system "
              "can be mounted here")
        return
    try:
        disk_full(place)
    finally:
        subprocess.run(["umount", "-l", place], check=True)
        os.rmdir(place)


def disk_full(place):
    run_dir, weight = os.path.join(place, "run"), os.path.join(place, "weight")
    with World() as world, Live(world, "--run-dir", run_dir) as run:
        run.run_dir = lambda: run_dir
        run.gate("1")
        with open(weight, "wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError:
                pass
        # the journal's last page may have room for a little more
        for _ in range(6):
            run.send("note " + "x" * 900)
        run.wait("^PROBLEM: the journal cannot")
        run.send("go")
        run.wait("^NO: the journal cannot")
        check(world.flag_is_on(), "an action without a record")
        check(not run.events("action.intended"), "it was sent")
        os.unlink(weight)
        run.wait("^NOTE: xxx")
        run.send("status")
        run.wait("^GUARD 1 ok")
        run.go_on("1")
        check(run.finish() == 0, run.text[-3000:])
        check(verified(run, run_dir) > 50, "the record")
        world.finish_whole()


def test_turned_read_only():
    """the file system turns read-only: left by Ctrl-C, mended, resumed"""
    place = tempfile.mkdtemp(prefix="cf", dir="/tmp")
    image, disk = os.path.join(place, "image"), os.path.join(place, "disk")
    os.mkdir(disk)
    mkfs = shutil.which("mkfs.ext4", path=os.environ["PATH"] + ":/usr/sbin:/sbin")
    with open(image, "wb") as file:
        file.truncate(16 << 20)
    try:
        if not mkfs or subprocess.run([mkfs, "-q", image]).returncode or \
                not mounted(disk, "-o", "loop,errors=remount-ro", image):
            print("SKIP: the file system turns read-only: no ext4 can be "
                  "mounted here")
            return
        read_only(image, disk, os.path.dirname(mkfs))
    finally:
        subprocess.run(["umount", "-l", disk], stderr=subprocess.DEVNULL)
        shutil.rmtree(place)


def read_only(image, disk, tools):
    run_dir = os.path.join(disk, "run")
    with World() as world, Live(world, "--run-dir", run_dir) as run:
        run.run_dir = lambda: run_dir
        run.pass_gates(until="2a")
        device = os.path.basename(subprocess.run(
            ["findmnt", "-no", "SOURCE", disk], check=True, text=True,
            capture_output=True).stdout.strip())
        # what the kernel does when it meets damage
        with contextlib.suppress(OSError), open(
                "/sys/fs/ext4/%s/trigger_fs_error" % device, "w",
                encoding="ascii") as file:
            file.write("1")
        cannot(run, world, "go", "Read-only file system", [run_dir])
        run.process.send_signal(signal.SIGINT)
        check(run.finish() == 5, run.text[-1000:])
        check(re.search(spaced("left without a record of it; 'cutover resume'"),
                        run.text), run.text[-1000:])
        records = verified(run, run_dir)
        done = run.command("resume", run_dir, "--plain")
        check(done.returncode == 1 and "Read-only" in done.stderr, done.stderr)
        subprocess.run(["umount", disk], check=True)
        fixed = subprocess.run([os.path.join(tools, "fsck.ext4"), "-fy", image],
                               capture_output=True).returncode
        check(fixed in (0, 1), "fsck: %d" % fixed)
        check(mounted(disk, "-o", "loop", image), "it cannot be mounted again")
        check(verified(run, run_dir) == records, "records were lost")
        with Resumed(run, run_dir) as again:
            again.gate("2a")
            Live.go_on(again, "2a")
            check(again.finish() == 0, again.text[-2000:])
        check(verified(run, run_dir) > records, "the record")
        world.finish_whole()


# ---- somebody meddles with a run that goes on -----------------------------------

def test_deleted():
    """deleted: nothing sent; brought back as it says, parked, resumed, whole"""
    with World() as world, Live(world) as run:
        run.pass_gates(until="2a")
        path = os.path.join(run.run_dir(), "journal.jsonl")
        before, sent = state(world), len(run.events("action.intended"))
        os.unlink(path)
        run.send("go")
        run.wait("^PROBLEM: ")
        run.wait(spaced("was deleted while the run goes on; bring it back with:"))
        copy = run.wait(spaced(r"cp (/proc/\d+/fd/\d+)")).group(1)
        run.wait(spaced("then park the run and resume it"))
        check(state(world) == before, "an effect without a record")
        subprocess.run(["cp", copy, path], check=True)
        run.parks()
        check(len(run.events("action.intended")) == sent, "sent")
        with Resumed(run) as again:
            again.gate("2a")
            Live.go_on(again, "2a")
            check(again.finish() == 0, again.text[-2000:])
        run.is_whole()
        world.finish_whole()


def test_changed():
    """a line added, a byte changed: nothing sent; put back: it goes on"""
    with World() as world, Live(world) as run:
        run.gate("1")
        path = os.path.join(run.run_dir(), "journal.jsonl")
        size = os.path.getsize(path)
        with open(path, "ab") as file:
            file.write(b"{}\n")
        run.send("go")
        run.wait("^PROBLEM: ")
        run.wait(spaced("was changed by somebody else; put it back as it was"))
        check(world.flag_is_on(), "an effect without a record")
        check(run.command("transcript", "--verify").returncode == 1, "verify")
        os.truncate(path, size)
        goes_on(run, "1")
        run.gate("2a")
        before = state(world)
        with open(path, "r+b") as file:
            file.seek(8)
            kept = file.read(1)
            file.seek(8)
            file.write(b"7")
            file.flush()
            run.send("go")
            run.wait("^PROBLEM: ")
            run.wait(spaced("was changed by somebody else"))
            check(state(world) == before, "an effect without a record")
            file.seek(8)
            file.write(kept)
        goes_on(run, "2a")
        run.gate("2b")
        run.go_on("2b")
        run.completes()
        world.finish_whole()


# ---- damage: refused, by whoever reads it ----------------------------------------

def flipped(lines, _):
    at = lines[4].index(b'"text":"') + 9
    lines[4] = lines[4][:at] + b"~" + lines[4][at + 1:]
    return ":6: the chain is broken"


def broken(lines, _):
    lines[4] = b"#" + lines[4][1:]
    return ":5: damaged: not JSON at column 1"


def removed(lines, _):
    del lines[4]
    return ":5: seq 6 where 5 is due"


def swapped(lines, _):
    lines[4], lines[5] = lines[5], lines[4]
    return ":5: seq 6 where 5 is due"


def appended(lines, other):
    count = len(lines)
    lines += other
    return ":%d: seq 1 where %d is due" % (count + 1, count + 1)


def spliced(lines, other):
    lines[9:] = other[9:]
    return ":10: the chain is broken"


def test_damaged():
    """flipped, removed, swapped, joined: refused by all, line and reason named"""
    with open(os.path.join(SOURCE, "tests/journals/completed/journal.jsonl"),
              "rb") as file:
        other = file.readlines()
    with World() as world, Live(world) as run:
        run.pass_gates(until="2a")
        run.parks()
        path = os.path.join(run.run_dir(), "journal.jsonl")
        with open(path, "rb") as file:
            whole = file.readlines()
        for damage in (flipped, broken, removed, swapped, appended, spliced):
            lines = list(whole)
            wanted = "journal.jsonl" + damage(lines, other)
            with open(path, "wb") as file:
                file.write(b"".join(lines))
            for command in (["resume", "--plain"], ["transcript"],
                            ["transcript", "--verify"], ["watch"]):
                command.insert(1, os.path.basename(run.run_dir()))
                done = run.command(*command)
                check(done.returncode == 1 and wanted in done.stderr,
                      "%s: %s: %s, not %s" % (damage.__name__, command,
                                              done.stderr, wanted))
            listed = run.command("runs").stdout
            check("DAMAGED" in listed and wanted[:40] in listed, listed)
            with open(path, "rb") as file:
                check(file.readlines() == lines, "a damaged journal is written")
        torn(run, path, whole)
        world.finish_whole()


def torn(run, path, whole):
    """Half a line at the end is no damage: it never counted."""
    with open(path, "wb") as file:
        file.write(b"".join(whole) + whole[-1][:30])
    check(verified(run) == len(whole), "torn is damage")
    check("torn: 30 bytes" in run.command("transcript").stderr, "no notice")
    check(run.command("watch").returncode == 5, "watch")
    with Resumed(run, go_on=False) as again:
        again.wait(spaced(r"last line was torn and has been cut off \(30 bytes"))
        again.confirm()
        again.gate("2a")
        again.send("park")
        check(again.finish() == 5, again.text[-1000:])
    check(verified(run) > len(whole), "the record")


if __name__ == "__main__":
    for tool, name in ((MYSQL, "mysql client"), (KUBECTL, "kubectl"),
                       (shutil.which(CC[0]), "C compiler")):
        if not tool:
            print("SKIP: no " + name)
            raise SystemExit(77)
    main([test_failing_disk, test_forgotten, test_taken_over,
          test_left_on_screen, test_size_limit, test_disk_full,
          test_turned_read_only, test_deleted, test_changed, test_damaged])
