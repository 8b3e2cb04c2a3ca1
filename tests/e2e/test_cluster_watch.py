#!/usr/bin/env python3
"""Watches and the corners of HTTP at the practice cluster, byte by byte.

What kubectl never shows: positions, bookmarks, time limits, the events of a
selector, broken requests. Needs Python's own ssl and http alone.
"""
import base64
import http.client
import json
import os
import shutil
import ssl
import subprocess
import sys
import tempfile

from patience import Failure

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.environ.get("CUTOVER_BUILD") or os.path.join(HERE, "..", "..")
SERVER = os.path.join(BUILD, "tests", "unit", "cluster_server")
LIMIT = 30
PODS = "/api/v1/namespaces/shop/pods"
MAPS = "/api/v1/namespaces/shop/configmaps"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"


def expect(condition, *what):
    if not condition:
        raise Failure(" ".join(str(part) for part in what))


class Watch:
    """An open watch; iterating gives its events until it ends."""

    def __init__(self, cluster, path, **headers):
        self.connection = cluster.connect()
        self.response = cluster.send(self.connection, "GET", path, None,
                                     headers)
        expect(self.response.status == 200, self.response.status)

    def next(self):
        line = self.response.readline()
        return json.loads(line) if line else None

    def rest(self):
        events = []
        while True:
            event = self.next()
            if event is None:
                return events
            events.append(event)

    def close(self):
        self.connection.close()


class Cluster:
    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix="cutover-watch-")
        self.server = subprocess.Popen(
            [SERVER, self.dir], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, encoding="utf-8")
        line = self.server.stdout.readline().split()
        expect(line and line[0] == "ready", "the server said", line)
        with open(line[1], encoding="utf-8") as file:
            config = json.load(file)
        cluster = config["clusters"][0]["cluster"]
        self.port = int(cluster["server"].rsplit(":", 1)[1])
        ca = os.path.join(self.dir, "ca.pem")
        with open(ca, "wb") as file:
            file.write(base64.b64decode(
                cluster["certificate-authority-data"]))
        self.context = ssl.create_default_context(cafile=ca)
        self.token = config["users"][1]["user"]["token"]

    def close(self):
        self.server.stdin.close()
        status = self.server.wait(timeout=LIMIT)
        shutil.rmtree(self.dir)
        expect(status == 0, "the server ended with status", status)

    def connect(self):
        return http.client.HTTPSConnection("127.0.0.1", self.port,
                                           timeout=LIMIT,
                                           context=self.context)

    def send(self, connection, method, path, body, headers):
        sent = {"Authorization": "Bearer " + self.token,
                "User-Agent": "tester/1"}
        sent.update(headers)
        connection.request(method, path, body, sent)
        return connection.getresponse()

    def call(self, method, path, body=None, **headers):
        """(status, JSON or text)"""
        connection = self.connect()
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
        response = self.send(connection, method, path, body,
                             {k.replace("_", "-"): v
                              for k, v in headers.items()})
        text = response.read()
        connection.close()
        try:
            return response.status, json.loads(text)
        except ValueError:
            return response.status, text

    def version(self):
        return self.call("GET", MAPS)[1]["metadata"]["resourceVersion"]

    def make(self, name, **labels):
        status, made = self.call("POST", MAPS, {
            "metadata": {"name": name, "labels": labels}, "data": {}})
        expect(status == 201, status, made)
        return made

    def relabel(self, name, **labels):
        status, made = self.call(
            "PATCH", MAPS + "/" + name, {"metadata": {"labels": labels}},
            Content_Type="application/merge-patch+json")
        expect(status == 200, status, made)

    def remove(self, name):
        expect(self.call("DELETE", MAPS + "/" + name)[0] == 200)


def case_headers_come_at_once(c):
    watch = Watch(c, MAPS + "?watch=1&resourceVersion=" + c.version())
    c.make("first")
    event = watch.next()
    expect(event["type"] == "ADDED" and
           event["object"]["metadata"]["name"] == "first", event)
    expect(event["object"]["kind"] == "ConfigMap", event)
    c.remove("first")
    expect(watch.next()["type"] == "DELETED")
    watch.close()


def case_selected_events(c):
    watch = Watch(c, MAPS + "?watch=1&labelSelector=color%3Dred"
                  "&resourceVersion=" + c.version())
    c.make("paint", color="blue")
    c.relabel("paint", color="red")
    c.relabel("paint", shade="dark")
    c.relabel("paint", color="blue")
    c.remove("paint")
    c.make("end", color="red")
    types, metas = [], []
    while not types or types[-1][1] != "end":
        event = watch.next()
        metas.append(event["object"]["metadata"])
        types.append((event["type"], metas[-1]["name"]))
    expect(types == [("ADDED", "paint"), ("MODIFIED", "paint"),
                     ("DELETED", "paint"), ("ADDED", "end")], types)
    expect(metas[2]["labels"] == {"color": "red", "shade": "dark"} and
           int(metas[2]["resourceVersion"]) >
           int(metas[1]["resourceVersion"]), "left as it was:", metas[2])
    c.remove("end")
    watch.close()


def case_deleted_together(c):
    """A collection that is deleted is answered with what was in it."""
    c.make("a", group="one")
    c.make("b", group="one")
    status, gone = c.call("DELETE", MAPS + "?labelSelector=group%3Done")
    expect(status == 200 and gone["kind"] == "ConfigMapList" and
           [m["metadata"]["name"] for m in gone["items"]] == ["a", "b"], gone)
    expect([m["metadata"]["name"] for m in c.call("GET", MAPS)[1]["items"]] ==
           ["flags"])


def case_finalizers(c):
    """A deleted pod stays, ended, until its last finalizer has gone."""
    status, made = c.call("POST", PODS, {
        "metadata": {"name": "held", "finalizers": ["example.com/held"]},
        "spec": {"terminationGracePeriodSeconds": 1, "containers": [
            {"name": "app", "image": "a/b:1"}]}})
    expect(status == 201, made)
    watch = Watch(c, PODS + "?watch=1&fieldSelector=metadata.name%3Dheld")
    event = watch.next()
    while not any(s["type"] == "Ready" and s["status"] == "True"
                  for s in event["object"]["status"].get("conditions", [])):
        event = watch.next()
    c.call("DELETE", PODS + "/held")
    while event["object"]["status"]["phase"] == "Running":
        event = watch.next()
        expect(event["type"] == "MODIFIED", event)
    expect("deletionTimestamp" in event["object"]["metadata"], event)
    expect(c.call("GET", PODS + "/held")[0] == 200)
    c.call("PATCH", PODS + "/held", {"metadata": {"finalizers": None}},
           Content_Type="application/merge-patch+json")
    while event["type"] != "DELETED":
        event = watch.next()
    watch.close()


def case_time_limit(c):
    events = Watch(c, MAPS + "?watch=1&timeoutSeconds=1&"
                   "allowWatchBookmarks=true&resourceVersion=" +
                   c.version()).rest()
    expect([e["type"] for e in events] == ["BOOKMARK"], events)
    expect(int(events[0]["object"]["metadata"]["resourceVersion"]) > 1000)
    expect(events[0]["object"]["kind"] == "ConfigMap", events)
    events = Watch(c, MAPS + "?watch=1&timeoutSeconds=1").rest()
    expect([e["type"] for e in events] == ["ADDED"], events)


def case_too_old(c):
    events = Watch(c, PODS + "?watch=1&resourceVersion=1").rest()
    expect(len(events) == 1 and events[0]["type"] == "ERROR", events)
    status = events[0]["object"]
    expect(status["code"] == 410 and status["reason"] == "Expired" and
           status["message"].startswith("too old resource version: 1 ("),
           status)


def case_initial_events(c):
    events = Watch(c, PODS + "?watch=1&sendInitialEvents=true&"
                   "resourceVersionMatch=NotOlderThan&"
                   "allowWatchBookmarks=true&timeoutSeconds=1").rest()
    kinds = [e["type"] for e in events]
    expect(kinds[:8] == ["ADDED"] * 8, kinds)
    mark = next(e for e in events if e["type"] == "BOOKMARK")
    expect(mark["object"]["metadata"]["annotations"] ==
           {"k8s.io/initial-events-end": "true"}, mark)


def case_tables(c):
    watch = Watch(c, MAPS + "?watch=1&resourceVersion=" + c.version(),
                  Accept=TABLE)
    c.make("one")
    c.make("two")
    first, second = watch.next()["object"], watch.next()["object"]
    expect(first["kind"] == "Table" and first["columnDefinitions"][0][
        "name"] == "Name", first)
    expect(second["columnDefinitions"] is None, second)
    expect(second["rows"][0]["cells"][:2] == ["two", 0], second)
    watch.close()
    c.remove("one")
    c.remove("two")


def case_many_watches(c):
    version = c.version()
    watches = [Watch(c, MAPS + "?watch=1&resourceVersion=" + version)
               for _ in range(40)]
    for gone in watches[::2]:
        gone.close()
    c.make("news")
    for watch in watches[1::2]:
        expect(watch.next()["object"]["metadata"]["name"] == "news")
    c.remove("news")
    for watch in watches[1::2]:
        expect(watch.next()["type"] == "DELETED")
        watch.close()


def case_lists(c):
    status, page = c.call("GET", PODS + "?limit=3")
    expect(status == 200 and len(page["items"]) == 3, page["metadata"])
    expect(page["metadata"]["remainingItemCount"] == 5, page["metadata"])
    names = [p["metadata"]["name"] for p in page["items"]]
    while page["metadata"].get("continue"):
        status, page = c.call("GET", PODS + "?limit=3&continue=" +
                              page["metadata"]["continue"])
        names += [p["metadata"]["name"] for p in page["items"]]
    expect(len(set(names)) == 8 and names == sorted(names), names)
    expect(c.call("GET", PODS + "?continue=%21%21")[0] == 400)
    expect(c.call("GET", PODS + "?resourceVersion=99999999&"
                  "resourceVersionMatch=NotOlderThan")[0] == 504)
    expect(c.call("GET", PODS + "?limit=1", Accept="application/json;"
                  "as=PartialObjectMetadataList;v=v1;g=meta.k8s.io")[1][
                      "items"][0]["kind"] == "PartialObjectMetadata")


def case_generated_names(c):
    """each a name of its own, the prefix cut where a real server cuts it"""
    names = set()
    for prefix in ("made-", "made-", "m" * 80):
        status, made = c.call("POST", MAPS,
                              {"metadata": {"generateName": prefix}})
        name = made["metadata"]["name"]
        expect(status == 201 and name.startswith(prefix[:58]) and
               len(name) == len(prefix[:58]) + 5, status, made)
        names.add(name)
        c.remove(name)
    expect(len(names) == 3, names)


def case_moves(c):
    """JSON patches that move: elsewhere, and, which can't be, into themselves"""
    def move(source, path):
        return c.call("PATCH", MAPS + "/moved", [
            {"op": "move", "from": source, "path": path}],
            Content_Type="application/json-patch+json")
    c.make("moved", a="1", b="2")
    expect(move("/metadata/labels/a", "/metadata/labels/c")[1]["metadata"][
        "labels"] == {"b": "2", "c": "1"})
    for path in ("/metadata/labels/x", "/metadata/labels/b/x"):
        status, text = move("/metadata/labels", path)
        expect(status == 422, status, text)
    c.remove("moved")


def case_refusals(c):
    for want, method, path, body, headers in (
            (401, "GET", PODS, None, {"Authorization": "Bearer no"}),
            (404, "GET", "/apis/apps/v9/deployments", None, {}),
            (404, "GET", "/nowhere", None, {}),
            (404, "GET", PODS + "/x/log", None, {}),
            (405, "PUT", PODS, "{}", {}),
            (406, "GET", PODS, None, {"Accept": "text/csv"}),
            (400, "POST", MAPS, "{", {}),
            (400, "POST", MAPS, '{"kind":"Pod"}', {}),
            (404, "POST", "/api/v1/namespaces/none/configmaps",
             '{"metadata":{"name":"a"}}', {}),
            (422, "POST", MAPS, '{"metadata":{"name":"A"}}', {}),
            (422, "POST", MAPS, '{"metadata":{}}', {}),
            (413, "POST", MAPS, "x" * 4000000, {}),
            (415, "PATCH", MAPS + "/flags", "{}",
             {"Content-Type": "application/json"}),
            (400, "PATCH", MAPS + "/flags", "[",
             {"Content-Type": "application/json-patch+json"})):
        status, text = c.call(method, path, body, **headers)
        expect(status == want, method, path, "answered", status, text)
        expect(text["kind"] == "Status" and text["code"] == want, text)
    connection = c.connect()
    connection.request("GET", PODS)
    expect(connection.getresponse().status == 403, "an anonymous user")
    connection.close()


def case_health(c):
    expect(c.call("GET", "/readyz") == (200, b"ok"))
    expect(b"readyz check passed" in c.call("GET", "/readyz?verbose")[1])
    expect(c.call("GET", "/version")[1]["major"] == "1")
    expect(c.call("GET", "/apis")[1]["kind"] == "APIGroupList")
    expect(c.call("GET", "/apis/apps/v1")[1]["groupVersion"] == "apps/v1")


def case_end(c):
    """The last: an open watch must not hold the server up."""
    c.last = Watch(c, MAPS + "?watch=1&resourceVersion=" + c.version())


def main():
    cluster = Cluster()
    failed = 0
    for name, case in list(globals().items()):
        if not name.startswith("case_"):
            continue
        try:
            case(cluster)
            print("PASS:", name[5:], flush=True)
        except (Failure, OSError, KeyError, ValueError,
                http.client.HTTPException) as error:
            failed += 1
            print("FAIL:", name[5:] + ":", repr(error), flush=True)
    cluster.close()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
