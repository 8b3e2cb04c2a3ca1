#!/usr/bin/env python3
"""The practice world on real mysqld: a whole walk, forward and back.

Only where there is a mysqld (MYSQLD names one): tests/mysql-check runs it.
"""
import os
import shutil
import subprocess
import sys

from test_rollback import UNDONE, check_undone, roll_back
from walk import Run, check, ledger, main, outage, result

MYSQL = ("--database", "mysql", "--pods", "2", "--heartbeat", "300")
SENT = ["SET GLOBAL super_read_only = ON", "CALL mysql.rds_stop_replication",
        "CALL mysql.rds_reset_external_source",
        "CALL mysql.rds_set_read_only(0)"]


def whole(run):
    """Every write that users were told is saved is there, once."""
    acknowledged, present, lost, duplicated = ledger(run.text)
    check((lost, duplicated) == (0, 0),
          "lost %d, duplicated %d" % (lost, duplicated))
    check(acknowledged == present > 0, "present %d" % present)


def statements(run, undo):
    return [r["request"] for r in run.events("action.intended")
            if r["undo"] == undo and ("mysql." in r["request"] or
                                      r["request"].startswith("SET "))]


def test_autopilot():
    """an autopilot moves the users from mysqld to mysqld, nothing lost"""
    with Run("rehearse", "--autopilot", *MYSQL) as run:
        check(run.finish(150) == 0, run.text[-3000:])
        check(result(run.text) == "completed", "result")
        check(statements(run, False) == SENT, str(statements(run, False)))
        check(not run.events("gate.overridden"), "overridden")
        check(not run.events("tripwire"), "a heartbeat was taken for a write")
        writes, reads = outage(run.text)
        check(0 < writes < 30 and reads == 0, "outage %s, %s"
              % (writes, reads))
        whole(run)


def test_rolled_back():
    """rolled back from the last gate: Aurora shut, RDS open, nothing lost"""
    with Run("rehearse", "--plain", *MYSQL) as run:
        run.pass_gates(until="5b")
        roll_back(run)
        check_undone(run, UNDONE["5b"])
        check(statements(run, True) == ["CALL mysql.rds_set_read_only(1)",
                                        "SET GLOBAL read_only = OFF"],
              str(statements(run, True)))
        check(run.events("rollback.done")[0]["lost"] == 0, "lost, by record")
        whole(run)


def test_days_later():
    """cleanup-v1 in a world as after a cutover"""
    with Run("rehearse", "--runbook", "cleanup-v1", "--autopilot",
             *MYSQL) as run:
        check(run.finish(150) == 0, run.text[-3000:])
        check(result(run.text) == "completed", "result")
        whole(run)


def is_mysql(program):
    """Whether the program is there and a MySQL server."""
    if not program:
        return False
    done = subprocess.run([program, "--no-defaults", "--version"],
                          capture_output=True, text=True, timeout=30,
                          check=False)
    return done.returncode == 0 and "MariaDB" not in done.stdout


if __name__ == "__main__":
    if not is_mysql(os.environ.get("MYSQLD") or shutil.which("mysqld")):
        print("SKIP: no mysqld of MySQL's (tests/mysql-root makes one)")
        sys.exit(77)
    main([test_autopilot, test_rolled_back, test_days_later])
