#!/usr/bin/env python3
"""Every recorded exchange with a real API server, made with the practice one.

Each request of tests/kube-samples is sent as it was, over TLS, but for what is
another here: tokens, and the names that servers make up. The answer must have
the same status, headers, reason and message, and be built alike: the same
members of the same types, at any depth. What a request takes for granted (an
expired version, a rollout under a watch) is brought about first. The few
members that differ are named below, each with why.
"""
import glob
import http.client
import json
import os
import re
import shutil
import ssl
import subprocess
import sys
import tempfile
import threading

from patience import Failure, wait_until

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.environ.get("CUTOVER_SOURCE") or os.path.join(HERE, "..", "..")
BUILD = os.environ.get("CUTOVER_BUILD") or os.path.join(HERE, "..", "..")
SERVER = os.path.join(BUILD, "tests", "unit", "cluster_server")
SAMPLES = os.path.join(SOURCE, "tests", "kube-samples")
LIMIT = 30              # seconds that anything may take
# Instead of a sample's own timeoutSeconds: long enough for a rollout, and for
# what is there already.
MOVING, QUIET = "20", "2"
POD = "my-app-v1-599cb96567-5gtk7"
SLICE = "my-app-service-6k6vc"
UID = "37f63605-b963-488b-a876-f53a9d6c2cc6"    # of my-app-v2
DEPLOYMENTS = "/apis/apps/v1/namespaces/shop/deployments/"
SERVICE = "/api/v1/namespaces/shop/services/my-app-service"
MERGE = "application/merge-patch+json"
USERS = {"admin": "practice-admin-token", "reader": "practice-reader",
         "deployer": "practice-deployer", "nobody": "practice-nobody"}
# Answers that are lists of what a server offers: each of our items must be
# built as theirs, but we offer fewer.
FEWER = {"discovery-apis-aggregated", "ssrr-reader", "readyz-verbose",
         "list-events"}
# Members that a real server's answer has and ours has not, or the other way
# round, by pattern of the path.
DIFFERENT = [
    # A scheduler's events have other members than a kubelet's; ours are all of
    # the older kind.
    (r"list-events: metadata\.(continue|remainingItemCount)", "more events"),
    (r"list-events: items\.\[\]\.(action|count|(first|last)Timestamp|"
     r"source\.component|eventTime)", "events"),
]


def expect(condition, *what):
    if not condition:
        raise Failure(" ".join(str(part) for part in what))


def read_request(name):
    """(method, path, headers, body) of a sample."""
    with open(os.path.join(SAMPLES, name + ".request"), "rb") as file:
        head, body = file.read().split(b"\r\n\r\n", 1)
    lines = head.decode().split("\r\n")
    method, path, _ = lines[0].split(" ")
    headers = dict(line.split(": ", 1) for line in lines[1:])
    return method, path, headers, body


def unchunk(data):
    out = b""
    while data:
        size, data = data.split(b"\r\n", 1)
        count = int(size, 16)
        out, data = out + data[:count], data[count + 2:]
        if not count:
            break
    return out


def read_response(name):
    """(status, {header: value}, body) of a sample."""
    with open(os.path.join(SAMPLES, name + ".response"), "rb") as file:
        head, body = file.read().split(b"\r\n\r\n", 1)
    lines = head.decode().split("\r\n")
    headers = {k.lower(): v for k, v in
               (line.split(": ", 1) for line in lines[1:])}
    if headers.get("transfer-encoding") == "chunked":
        body = unchunk(body)
    return int(lines[0].split(" ")[1]), headers, body


class Server:
    """A practice cluster filled as the real one was."""

    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix="cutover-samples-")
        self.process = subprocess.Popen(
            [SERVER, self.dir], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, encoding="utf-8")
        line = self.process.stdout.readline().split()
        expect(line and line[0] == "ready", "the server said", line)
        with open(line[1], encoding="utf-8") as file:
            config = json.load(file)
        url = config["clusters"][0]["cluster"]["server"]
        self.port = int(url.rsplit(":", 1)[1])
        self.tokens = {user["name"]: user["user"].get("token")
                       for user in config["users"]}
        self.tls = ssl.create_default_context()
        self.tls.check_hostname = False
        self.tls.verify_mode = ssl.CERT_NONE
        self.wait_ready()
        self.admin("PATCH", SERVICE, {"metadata": {"annotations": {
            "x": "1"}}}, MERGE)
        self.names = {POD: self.first("/api/v1/namespaces/shop/pods"),
                      SLICE: self.first("/apis/discovery.k8s.io/v1/namespaces/"
                                        "shop/endpointslices"),
                      UID: self.admin("GET", DEPLOYMENTS + "my-app-v2")[
                          "metadata"]["uid"]}

    def close(self):
        self.process.stdin.close()
        status = self.process.wait(timeout=LIMIT)
        shutil.rmtree(self.dir)
        expect(status == 0, "the server ended with status", status)

    def send(self, method, path, headers, body=b""):
        link = http.client.HTTPSConnection("127.0.0.1", self.port,
                                           context=self.tls, timeout=LIMIT)
        link.request(method, path, body=body, headers=headers)
        answer = link.getresponse()
        got = (answer.status, {k.lower(): v for k, v in answer.getheaders()},
               answer.read())
        link.close()
        return got

    def admin(self, method, path, body=None, kind="application/json"):
        headers = {"Authorization": "Bearer " +
                   self.tokens["practice-admin-token"], "Content-Type": kind}
        status, _, text = self.send(
            method, path, headers, json.dumps(body).encode() if body else b"")
        expect(status < 300, method, path, "said", status, text)
        return json.loads(text)

    def first(self, path):
        return self.admin("GET", path)["items"][0]["metadata"]["name"]

    def wait_ready(self):
        """All pods run: the watch ends as soon as the last one does."""
        for name in "my-app-v1", "my-app-v2":
            path = "/apis/apps/v1/namespaces/shop/deployments/" + name
            for _ in range(500):
                status = self.admin("GET", path)["status"]
                if (status.get("readyReplicas") == 4 and
                        not status.get("terminatingReplicas")):
                    break
                threading.Event().wait(0.02)
            else:
                raise Failure(name + " did not get ready")

    def replay(self, name, seconds):
        """Sends a sample's request as it would be sent here."""
        method, path, headers, body = read_request(name)
        for theirs, ours in self.names.items():
            path = path.replace(theirs, ours)
            body = body.replace(theirs.encode(), ours.encode())
        path = re.sub(r"timeoutSeconds=\d+", "timeoutSeconds=" +
                      seconds, path)
        match = re.match(r"Bearer (\w+)-REDACTED",
                         headers.get("Authorization", ""))
        if match:
            headers["Authorization"] = "Bearer " + self.tokens[
                USERS[match.group(1)]]
        headers.pop("Content-Length", None)
        return method, path, headers, body


# --- comparing -----------------------------------------------------------

def shape(value, path="", found=None):
    """{path: types} of all members; fieldsV1 and maps of names are leaves."""
    found = {} if found is None else found
    kind = type(value).__name__
    if isinstance(value, float):
        kind = "int"
    found.setdefault(path, set()).add(kind)
    leaf = path.rsplit(".", 1)[-1]
    if isinstance(value, dict) and leaf not in ("fieldsV1", "labels",
                                                "annotations"):
        for key, child in value.items():
            shape(child, path + "." + key if path else key, found)
    elif isinstance(value, list):
        for child in value:
            shape(child, path + ".[]", found)
    return found


def compare_shapes(name, ours, theirs):
    mine, other = shape(ours), shape(theirs)
    excused = [re.compile(pattern) for pattern, _ in DIFFERENT]
    wrong = []
    for path in sorted(set(mine) | set(other)):
        if mine.get(path) == other.get(path):
            continue
        if name in FEWER and path not in mine:
            continue
        if not any(e.fullmatch(name + ": " + path) for e in excused):
            wrong.append("%s: %s here, %s there" % (
                path or "(all)", mine.get(path, "absent"),
                other.get(path, "absent")))
    expect(not wrong, "is built otherwise:\n  " + "\n  ".join(wrong))


LEVELS = [
    (re.compile(r"token-(reader|nobody)"), r"practice-\1"),
    (re.compile(r"realkube"), "practice"),
    (re.compile(r"kubectl-client-side-apply"), "practice-world"),
    (re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "UID"),
    (re.compile(r"(current: |too old resource version: )[\d ()]+"), r"\1N"),
    (re.compile(r"(my-app-v\d)-[a-z0-9]+-[a-z0-9]{5}"), r"\1-POD"),
    (re.compile(r"hollow-|practice-\d"), "node-"),
    # A 422 of a patch quotes the whole object in the server's own order.
    (re.compile(r'Invalid value: "\{.*\}": '), "Invalid value: OBJECT: "),
]


def level(text):
    for pattern, word in LEVELS:
        text = pattern.sub(word, text)
    return text


def compare_status(ours, theirs):
    """A Status: equal but for what is somebody's own."""
    if theirs.get("kind") != "Status":
        return
    for status in ours, theirs:
        meta = status.get("metadata", {})
        if "continue" in meta:
            meta["continue"] = "TOKEN"
    ours, theirs = (level(json.dumps(s, sort_keys=True).replace('\\"', "'"))
                    for s in (ours, theirs))
    pattern = re.compile(r"Invalid value: '\{.*?\}': (?=json|strict)")
    ours, theirs = (pattern.sub("Invalid value: OBJECT: ", s)
                    for s in (ours, theirs))
    expect(ours == theirs, "says\n  %s\nnot\n  %s" % (ours, theirs))


def parse(headers, body):
    if "json" not in headers["content-type"]:
        return {"lines": body.decode().splitlines()}
    lines = body.decode().strip()
    if "\n{" in lines:
        return {"events": [json.loads(line) for line in lines.split("\n")]}
    value = json.loads(lines)
    return {"events": [value]} if set(value) == {"type", "object"} else value


def compare_headers(ours, theirs):
    for key in ("content-type", "warning", "retry-after",
                "x-content-type-options", "cache-control", "vary"):
        expect(ours.get(key) == theirs.get(key), key, "is", ours.get(key),
               "not", theirs.get(key))
    for key in ("audit-id", "date"):
        expect(key in ours, "no", key)
    for key in ("x-kubernetes-pf-flowschema-uid", "etag"):
        expect((key in ours) == (key in theirs), key, "is", ours.get(key),
               "not", theirs.get(key))


def by_type(events):
    """One event of each kind and type of object, from all that came."""
    kinds = {}
    for event in events:
        kinds.setdefault(event["type"], []).append(event["object"])
    return kinds


def compare_watch(name, ours, theirs):
    mine, other = by_type(ours), by_type(theirs)
    expect(set(mine) == set(other), "has", sorted(mine), "not", sorted(other))
    for kind in other:
        if kind == "ERROR":
            compare_status(mine[kind][0], other[kind][0])
        try:
            compare_shapes("%s %s" % (name, kind), mine[kind], other[kind])
        except Failure as failure:
            raise Failure("%s: %s" % (kind, failure)) from None


def compare(name, got):
    status, headers, body = read_response(name)
    expect(got[0] == status, "is", got[0], "not", status, got[2][:500])
    compare_headers(got[1], headers)
    ours, theirs = parse(got[1], got[2]), parse(headers, body)
    if "events" in theirs:
        return compare_watch(name, ours.get("events", []), theirs["events"])
    compare_status(ours, theirs)
    compare_shapes(name, ours, theirs)
    return None


# --- what some requests take for granted ---------------------------------

def now(server):
    return server.admin("GET", "/api/v1/namespaces/shop/pods")["metadata"][
        "resourceVersion"]


def from_now(server, path):
    """A watch from this moment on instead of one from the sample's."""
    return re.sub(r"resourceVersion=\d\d+", "resourceVersion=" + now(server),
                  path)


def roll(server):
    server.admin("PATCH", DEPLOYMENTS + "my-app-v2", {"spec": {"template": {
        "spec": {"containers": [{"name": "app", "env": [
            {"name": "AGAIN", "value": now(server)}]}]}}}},
                 "application/strategic-merge-patch+json")


def slices(server):
    return server.admin("GET", "/apis/discovery.k8s.io/v1/namespaces/shop/"
                        "endpointslices")["items"]


def flip(server):
    for version in "v2", "v1":
        before = slices(server)
        server.admin("PATCH", SERVICE, {"spec": {"selector": {
            "version": version}}}, MERGE)
        # two at once would be no change
        wait_until("other endpoints", lambda: slices(server) != before, LIMIT)


# Watches under which something was going on when they were recorded.
MOVED = {"watch-deployments-rollout", "watch-pods-rollout", "watch-pods-table",
         "watch-endpointslices-flip"}


def run(server, name):
    if name.startswith("watch-"):
        server.wait_ready()     # nothing shall move under it
    method, path, headers, body = server.replay(name, QUIET)
    compare(name, server.send(method, path, headers, body))


def run_watches(server, names):
    """Those watches at once, while a rollout and a flip go by under them."""
    server.wait_ready()
    found = {}

    def watch(name, method, path, headers, body):
        found[name] = server.send(method, path, headers, body)

    threads = []
    for name in names:
        method, path, headers, body = server.replay(name, MOVING)
        threads.append(threading.Thread(target=watch, args=(
            name, method, from_now(server, path), headers, body)))
    for thread in threads:
        thread.start()
    roll(server)
    flip(server)
    for thread in threads:
        thread.join()
    return found


def sample_names():
    """In the order in which they were recorded."""
    with open(os.path.join(SAMPLES, "INDEX"), encoding="utf-8") as file:
        names = [line.split(":")[0] for line in file if ": " in line][1:]
    there = {os.path.basename(path)[:-len(".request")] for path in
             glob.glob(os.path.join(SAMPLES, "*.request"))}
    expect(set(names) == there, "INDEX differs:", set(names) ^ there)
    expect(len(names) >= 60, "only", len(names), "samples")
    return names


def main():
    names = sample_names()
    only = sys.argv[1:]
    names = [n for n in names if not only or n in only]
    watches = [n for n in names if n in MOVED]
    failed = 0
    server = Server()
    streams = {}
    for name in [n for n in names if n not in watches] + watches:
        try:
            if name in watches and not streams:
                streams = run_watches(server, watches)
            if name in watches:
                compare(name, streams[name])
            else:
                run(server, name)
            print("PASS:", name)
        except (Failure, KeyError, ValueError) as failure:
            failed += 1
            print("FAIL: %s %s" % (name, failure))
        sys.stdout.flush()
    server.close()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
