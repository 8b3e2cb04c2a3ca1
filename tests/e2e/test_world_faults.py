#!/usr/bin/env python3
"""What goes wrong with the databases and the API of a practice world, begun
and cleared by hand: it is real, it ends, and nothing is lost by it."""
import base64
import errno
import json
import os
import re
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request

from test_instructor import talk
from test_world import KUBECTL, MYSQL, World
from walk import check, main, wait_until


def begin(world, fault):
    lines, last = talk(world, "inject " + fault)
    check(last == "ok", "%s: %s" % (fault, last))
    return lines


def end(world, fault):
    check(talk(world, "clear " + fault)[1] == "ok", "clear " + fault)


def replica(world):
    """aurora's replica status, by name."""
    text = subprocess.run(
        [MYSQL, "--defaults-file=" + world.vars["mysql_file"],
         "--defaults-group-suffix=aurora", "-E", "-e", "SHOW REPLICA STATUS"],
        capture_output=True, text=True, timeout=30, check=True).stdout
    return {name.replace("Replica_", "Slave_").replace("_Source", "_Master"):
            value for name, value in
            re.findall(r"^ *(\w+): ?(.*)$", text, re.M)}


def caught_up(world, rows):
    return world.rows("aurora") >= rows


def lag_spike(world):
    begin(world, "lag-spike seconds=600")
    before = world.rows("aurora")
    wait_until("missing orders",
               lambda: world.rows("rds") > world.rows("aurora") + 50)
    check(world.rows("aurora") <= before + 20, "the applier goes on")
    status = replica(world)
    check((status["Slave_IO_Running"], status["Slave_SQL_Running"]) ==
          ("Yes", "Yes"), str(status))
    end(world, "lag-spike")
    rows = world.rows("rds")
    wait_until("aurora to catch up", lambda: caught_up(world, rows))
    begin(world, "lag-spike seconds=1")
    rows = world.rows("rds") + 1
    wait_until("its own end", lambda: caught_up(world, rows))


def replication_stopped(world):
    begin(world, "replication-stopped thread=sql")
    status = wait_until("a stopped applier", lambda: next(
        (s for s in [replica(world)] if s["Slave_SQL_Running"] == "No"), None))
    # MySQL's coordinator names the worker, MariaDB the table
    check(status["Last_SQL_Errno"] in ("1032", "3030") and
          re.search("sentinel|Worker", status["Last_SQL_Error"]), str(status))
    check(status["Seconds_Behind_Master"] == "NULL", str(status))
    end(world, "replication-stopped")
    rows = world.rows("rds")
    wait_until("the applier", lambda: caught_up(world, rows))
    for group in ("rds", "aurora"):
        check(world.sql(group, "SELECT COUNT(*) FROM app.sentinel") == "0",
              "a row is left on " + group)
    for fault, numbers in (("replication-stopped thread=io", ("1045",)),
                           ("lag-null", ("4151", "3118"))):
        begin(world, fault)
        # NULL once the applier has done all that had come
        wait_until(fault, lambda n=numbers: [
            s for s in [replica(world)] if s["Last_IO_Errno"] in n and
            s["Seconds_Behind_Master"] == "NULL"])
        end(world, fault.split()[0])
        rows = world.rows("rds")
        wait_until("the link", lambda r=rows: caught_up(world, r))


def long_transaction(world):
    begin(world, "long-transaction")
    transactions = ("SELECT trx_mysql_thread_id FROM "
                    "information_schema.innodb_trx WHERE trx_rows_modified > 0 "
                    "AND trx_started < NOW() - INTERVAL 1 SECOND")
    def found():
        time.sleep(0.15)        # read more often, InnoDB shows what it was
        return world.sql("rds", transactions)
    wait_until("an open transaction", found)
    end(world, "long-transaction")
    wait_until("its end", lambda: not found())
    check(world.sql("rds", "SELECT COUNT(*) FROM app.orders WHERE pod = "
                    "'monthly-close'") == "0", "it was committed")


def selector(world):
    return json.loads(world.kubectl("get", "service", world.vars["service"],
                                    "-o", "json", "--show-managed-fields"))


def gitops_revert(world):
    begin(world, "gitops-revert seconds=0")
    service = selector(world)
    check("argocd.argoproj.io/tracking-id" in
          service["metadata"]["annotations"], str(service))
    flip = ("patch", "service", world.vars["service"], "-p",
            '{"spec": {"selector": {"version": "v2", "writes": "enabled"}}}')
    for _ in range(2):          # each time
        world.kubectl(*flip)
        wait_until("the revert", lambda: selector(world)["spec"]["selector"] ==
                   {"app": "myapp", "version": "v1"})
    owners = [entry["manager"]
              for entry in selector(world)["metadata"]["managedFields"]
              if "f:selector" in entry["fieldsV1"].get("f:spec", {})]
    check("argocd-controller" in owners, str(owners))
    end(world, "gitops-revert")


def hpa_shrunk(world):
    begin(world, "hpa-shrunk pods=0")
    ready = ("get", "deployment", world.vars["v2_deployment"], "-o",
             "jsonpath={.spec.replicas} {.status.readyReplicas}")
    wait_until("fewer pods", lambda: world.kubectl(*ready).strip() == "0")
    end(world, "hpa-shrunk")
    wait_until("all pods", lambda: world.kubectl(*ready) == "1 1")


def pods(world):
    """What the API answers to a list of pods: a status and a text; 0 if it
    does not answer."""
    with open(world.vars["kubeconfig"], encoding="utf-8") as file:
        config = json.load(file)
    server = config["clusters"][0]["cluster"]
    context = ssl.create_default_context(cadata=base64.b64decode(
        server["certificate-authority-data"]).decode())
    request = urllib.request.Request(
        server["server"] + "/api/v1/namespaces/shop/pods", headers={
            "Authorization": "Bearer " + config["users"][1]["user"]["token"]})
    try:
        with urllib.request.build_opener(
                urllib.request.ProxyHandler({}),
                urllib.request.HTTPSHandler(context=context)).open(
                    request, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.read().decode()
    except urllib.error.URLError as reason:
        return 0, str(reason)


def api(world):
    begin(world, "api-down seconds=600")
    check("refused" in pods(world)[1], "the API is up")
    end(world, "api-down")
    check(pods(world)[0] == 200, "the API is down")
    begin(world, "api-throttled seconds=600")
    check(pods(world)[0] == 429, "the API is not throttled")
    end(world, "api-throttled")
    for fault in ("api-down", "api-throttled"):
        begin(world, fault + " seconds=1")
        wait_until("its own end", lambda: pods(world)[0] == 200)
    begin(world, "api-forbidden verb=list resource=pods")
    status, text = pods(world)
    check(status == 403 and 'cannot list resource \\"pods\\"' in text, text)
    end(world, "api-forbidden")
    begin(world, "api-slow ms=1")
    begin(world, "api-conflict count=3")
    check(pods(world)[0] == 200, "slow")
    for fault in ("api-slow ms=0", "api-conflict count=x", "api-forbidden verb="
                  + "v" * 100, "lag-spike seconds=-1", "api-down seconds=x",
                  "replication-stopped thread=both", "promotion-fails at=once"):
        check(talk(world, "inject " + fault)[1].startswith("error: "), fault)
    end(world, "api-slow")


def call(world, procedure):
    """What the client says that called it; "" if it went well."""
    done = subprocess.run(
        [MYSQL, "--defaults-file=" + world.vars["mysql_file"],
         "--defaults-group-suffix=aurora", "-e", "CALL mysql." + procedure],
        capture_output=True, text=True, timeout=30, check=False)
    return done.stderr if done.returncode else ""


def promotion(world):
    reset = world.sql("aurora", "SELECT ROUTINE_NAME FROM "
                      "information_schema.ROUTINES WHERE ROUTINE_NAME LIKE "
                      "'rds\\_reset\\_external\\_%' ORDER BY 1 LIMIT 1")
    begin(world, "promotion-fails")
    check("RDS Read Replica" in call(world, "rds_stop_replication"), "stop")
    check(replica(world)["Slave_SQL_Running"] == "Yes", "it has stopped")
    begin(world, "promotion-fails at=reset")        # no longer the other
    check("RDS Read Replica" in call(world, reset), "reset")
    end(world, "promotion-fails")
    check(call(world, "rds_stop_replication") == "", "not mended")
    check(replica(world)["Slave_SQL_Running"] == "No", "it goes on")
    begin(world, "promotion-answer-lost")
    check(call(world, reset) != "", "the answer came")
    check(replica(world) == {}, "it was not done")
    wait_until("the true procedure", lambda: call(world, reset) == "")
    check("practice" not in world.sql("aurora", "SELECT GROUP_CONCAT("
                                      "ROUTINE_NAME) FROM "
                                      "information_schema.ROUTINES"), "left")


def answers(world, group):
    return subprocess.run(
        [MYSQL, "--defaults-file=" + world.vars["mysql_file"],
         "--defaults-group-suffix=" + group, "-e", "SELECT 1"],
        capture_output=True, timeout=30, check=False).returncode == 0


def is_taken(port):
    with socket.socket() as other:
        try:
            other.bind(("127.0.0.1", port))
        except OSError as err:
            return err.errno == errno.EADDRINUSE
    return False


def failover(world):
    ports = {group: int(world.sql(group, "SELECT @@port"))
             for group in ("aurora", "rds")}
    begin(world, "aurora-failover")
    for group in ("aurora", "rds"):
        if group == "rds":
            begin(world, "rds-down")
        check(not answers(world, group), group + " is up")
        # nobody else gets it in the meantime
        check(is_taken(ports[group]), group + " has lost its port")
    end(world, "rds-down")
    end(world, "aurora-failover")
    for group in ("rds", "aurora"):     # clear does not wait for ever
        wait_until(group, lambda g=group: answers(world, g))
    for group, read_only in (("rds", "0"), ("aurora", "1")):
        check(world.sql(group, "SELECT @@read_only") == read_only,
              group + " has another read_only")
    rows = world.rows("rds")
    wait_until("writes on rds", lambda: world.rows("rds") > rows)


def written(world):
    """How many transactions of its own aurora has."""
    if "MariaDB" in world.sql("aurora", "SELECT @@version"):
        own = re.search(r"2-2-(\d+)", world.sql(
            "aurora", "SELECT @@gtid_binlog_state"))
        return int(own.group(1)) if own else 0
    own = world.sql("aurora", "SELECT @@server_uuid")
    ranges = re.search(own + r":([\d:-]*)", world.sql(
        "aurora", "SELECT @@GLOBAL.gtid_executed"))
    return int(re.findall(r"\d+", ranges.group(1))[-1]) if ranges else 0


def test_faults():
    """lag, stops, locks, reverts, the API's bad days, a lost answer, a crash"""
    kind = os.environ.get("TEST_WORLD_DATABASE")
    with World("--pods", "1", "--start-delay", "50",
               *(["--database", kind] if kind else [])) as world:
        for step in (lag_spike, replication_stopped, long_transaction,
                     gitops_revert, hpa_shrunk, api, promotion, failover):
            step(world)
            print("# " + step.__name__, flush=True)
        before = written(world)
        begin(world, "errant-transaction")
        check(written(world) == before + 1, "no errant transaction")
        # what still goes on must not hold the ledger up
        begin(world, "long-transaction")
        begin(world, "api-slow ms=60000")
        begin(world, "rds-down")
        numbers, _ = world.finish()
        check(numbers[2:] == (0, 0), str(numbers))
        check(numbers[0] == numbers[1] > 0, str(numbers))


def test_logs():
    """what the application and a node say of themselves: kubectl logs"""
    def logs(pod, *more):
        return world.kubectl("logs", pod, *more)

    def v2_pod(state):
        pods = json.loads(world.kubectl("get", "pods", "-l", "version=v2",
                                        "-o", "json"))["items"]
        for pod in pods:
            for one in pod["status"].get("containerStatuses", []):
                if one["state"].get("waiting", {}).get("reason") == state:
                    return pod["metadata"]["name"]
        return None

    with World("--pods", "1") as world:
        v1 = "deployment/my-app-v1"
        said = logs(v1)
        for line in ("app v1 starting: database 127.0.0.1:", "listening on 127.",
                     "database-writes-enabled is true", "ready"):
            check(line in said, said)
        world.flag(False)
        for line in ("database-writes-enabled is false: writes are refused",
                     "a write was refused: flag-off ("):
            wait_until(line, lambda text=line: text in logs(v1))
        world.flag(True)
        world.sql("rds", "SET GLOBAL read_only = ON")
        wait_until("the database's word", lambda: "read-only" in
                   logs(v1, "--tail=1"))
        world.sql("rds", "SET GLOBAL read_only = OFF")
        begin(world, "crash-loop")
        world.kubectl("set", "env", "deployment/my-app-v2",
                      "ENABLE_WRITES=true")
        pod = wait_until("a crash", lambda: v2_pod("CrashLoopBackOff"))
        check("FATAL the write path did not come up" in logs(pod, "-p"),
              logs(pod))
        end(world, "crash-loop")
        secret = world.kubectl("get", "secret", "my-app-v2", "-o",
                               "jsonpath={.data.db-password}")
        check(base64.b64decode(secret).decode() not in logs(pod), "a secret")
        world.kubectl("delete", "secret", "my-app-v2")
        world.kubectl("set", "env", "deployment/my-app-v2", "OTHER=1")
        pod = wait_until("no secret",
                         lambda: v2_pod("CreateContainerConfigError"))
        check('Error: secret "my-app-v2" not found' in
              world.kubectl("describe", "pod", pod), "the event")


if __name__ == "__main__":
    if not KUBECTL or not MYSQL:
        print("SKIP: kubectl or a mysql client is not there")
        sys.exit(77)
    main([test_faults, test_logs])
