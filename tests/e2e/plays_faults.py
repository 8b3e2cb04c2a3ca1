"""Operators for the scenarios of databases, API server and GitOps: each does
what its file calls good. test_scenarios.py walks them."""
import json
import re
import shutil
import subprocess

from walk import check, wait_until

KUBECTL = shutil.which("kubectl")


def wait_begun(run, fault):
    wait_until("the begin of " + fault,
               lambda: fault + " since" in run.instructor("status"))


def patient(run):
    """Waits for each gate, and for what a step waits for."""
    run.walk()


def long_transaction(run):
    run.walk(until="1")
    wait_begun(run, "long-transaction")
    run.send("go")
    run.shuts("2a", r"NO: rds: 1 open write transaction \(app@")
    run.send("override 2 the monthly close; finance agrees that it is cut off")
    run.walk(since="2a")


def promotion_fails(run):
    run.walk(until="2b")
    run.send("promote")
    run.wait(r"This\s+instance\s+is\s+a\s+RDS\s+Read\s+Replica")
    run.wait(r"^STUCK\. Type")
    run.roll_back()


def promotion_answer_lost(run):
    run.walk(until="2b")
    run.send("promote")
    run.wait(r"^UNKNOWN, it may have happened")
    run.wait(r"^LOOKED, it has happened: aurora is no replica any more")
    run.wait(r"^STUCK 2b .*: the answer to request \d of 3\s+was")
    run.wait(r"^NOT SENT YET, \"retry\" sends only the rest:")
    run.wait(r"^STUCK\. Type")
    run.retry()
    run.walk(since="3")


def selector_reverted(run):
    """The flip is made again by hand, once nobody undoes it any more."""
    run.walk(until="4")
    check(re.search(r"version=v1\s+\(kept\s+so\s+by\s+Argo\s+CD\)", run.text),
          "the gates do not tell who keeps the Service")
    run.send("flip")
    run.shuts("5a", r"NO: my-app-service \(selector set by\s+"
              r"argocd-controller\)")
    run.wait_cleared("gitops-revert")
    subprocess.run(
        [KUBECTL, "--kubeconfig", run.variable("kubeconfig"), "-n",
         run.variable("namespace"), "patch", "service",
         run.variable("service"), "-p", json.dumps({"spec": {"selector": {
             "version": "v2", "writes": "enabled"}}})],
        check=True, timeout=30, stdout=subprocess.DEVNULL)
    run.walk(since="5a")


def stuck_until(label, word, fault):
    """Confirms that gate while the fault lasts; retries once it is over."""
    def play(run):
        labels = ["1", "2a", "2b", "3", "4", "5a", "5b"]
        run.walk(until=label)
        wait_begun(run, fault)
        run.send(word)
        run.wait(r"^STUCK %s " % label)
        run.wait_cleared(fault)
        run.retry()
        run.walk(since=labels[labels.index(label) + 1])
    return play


def api_conflict(run):
    run.walk(until="3")
    wait_begun(run, "api-conflict")
    run.send("go")
    run.wait(r"the\s+object\s+has\s+been\s+modified")
    run.wait(r"^STUCK\. Type")
    run.retry()
    run.walk(since="4")


def errant_transaction(run):
    run.walk(until="1")
    run.send("go")
    run.wait(r"NO: transactions on aurora that rds lacks: 1")
    run.roll_back()


def aurora_failover(run):
    """Its writer is lost and found before gate 3 is open, or after."""
    run.walk(until="2b")
    run.send("promote")
    wait_until("aurora to be lost and found", lambda: re.search(
        r"^BLIND: aurora was(?s:.*)^SEEN again: aurora", run.text, re.M))
    run.send("status")      # says the gate's state once more
    run.walk(since="3")


PLAYS = {
    "lag-spike": patient,
    "replication-stopped": patient,
    "lag-null": patient,
    "long-transaction": long_transaction,
    "promotion-fails": promotion_fails,
    "promotion-answer-lost": promotion_answer_lost,
    "selector-reverted": selector_reverted,
    "api-restarting": stuck_until("3", "go", "api-down"),
    "api-throttled": stuck_until("4", "flip", "api-throttled"),
    "api-forbidden": stuck_until("4", "flip", "api-forbidden"),
    "api-conflict": api_conflict,
    "errant-transaction": errant_transaction,
    "aurora-failover": aurora_failover,
}
