#!/usr/bin/env python3
"""The logs of pods at the practice cluster: lines, bounds, streams, and what a
node says where there is none."""
import json
import sys
import time

from patience import wait_until
from test_cluster_trouble import say
from test_cluster_watch import PODS, Cluster, Failure, expect


def pods(c, selector="version=v2"):
    """The names of those that run."""
    def running():
        found = c.call("GET", PODS + "?labelSelector=" + selector)[1]["items"]
        ready = [pod["metadata"]["name"] for pod in found
                 if any(s["ready"] for s in
                        pod["status"].get("containerStatuses", []))]
        return len(ready) == len(found) > 0 and ready
    return wait_until("pods", running)


def log(c, pod, query=""):
    """(status, the lines or what the Status says)"""
    status, body = c.call("GET", "%s/%s/log?%s" % (PODS, pod, query))
    if status == 200:
        return status, body.decode().splitlines()
    return status, body["message"]


class Follower:
    def __init__(self, c, pod, query=""):
        self.connection = c.connect()
        self.response = c.send(self.connection, "GET",
                               "%s/%s/log?follow=true&%s" % (PODS, pod, query),
                               None, {})
        expect(self.response.status == 200, self.response.status)
        expect(self.response.headers["Content-Type"] == "text/plain",
               self.response.headers)

    def line(self):
        return self.response.readline().decode().rstrip("\n")

    def close(self):
        self.connection.close()


def exits(c, pod):
    """Its application ends by itself; returns once it runs again."""
    before = restarts(c, pod)
    c.server.stdin.write("exit %s 3\n" % pod)
    c.server.stdin.flush()
    wait_until("a restart", lambda: restarts(c, pod) > before)


def restarts(c, pod):
    status = c.call("GET", PODS + "/" + pod)[1]["status"]
    return status["containerStatuses"][0]["restartCount"]


def case_bounds(c):
    """all of it, its end, the newest, the first bytes, with the time"""
    pod = pods(c)[0]
    for number in range(5):
        say(c, "say %s line %d" % (pod, number))
    status, lines = log(c, pod)
    expect(status == 200 and lines == [pod + " starts", pod + " is ready"] +
           ["line %d" % n for n in range(5)], lines)
    expect(log(c, pod, "tailLines=2")[1] == ["line 3", "line 4"])
    expect(log(c, pod, "tailLines=0")[1] == [])
    expect(log(c, pod, "container=app&tailLines=1")[1] == ["line 4"])
    expect(log(c, pod, "limitBytes=7")[1] == [(pod + " starts")[:7]])
    stamped = log(c, pod, "timestamps=true&tailLines=1")[1][0]
    stamp, text = stamped.split(" ", 1)
    expect(text == "line 4" and stamp.endswith("Z") and
           len(stamp) == len("2026-11-24T12:00:00.123456789Z"), stamped)
    time.sleep(2.1)         # the stamps count whole seconds here

    def only_new():
        say(c, "say %s new" % pod)
        lines = log(c, pod, "sinceSeconds=1")[1]
        return lines and set(lines) == {"new"}
    wait_until("new lines alone", only_new)
    newest = log(c, pod, "timestamps=true&tailLines=1")[1][0].split()[0]
    expect(set(log(c, pod, "sinceTime=" + newest)[1]) == {"new"})
    expect(log(c, pod, "sinceTime=2000-01-01T00:00:00Z&tailLines=1")[1] ==
           ["new"])


def case_many_lines(c):
    """the oldest are left out, and nothing else is"""
    pod = pods(c)[1]
    for number in range(1200):
        c.server.stdin.write("say %s %d\n" % (pod, number))
    c.server.stdin.flush()
    for _ in range(1200):
        c.server.stdout.readline()
    lines = log(c, pod)[1]
    expect(lines == [str(n) for n in range(200, 1200)], lines[:3], len(lines))


def case_followed(c):
    """a stream of what is said from now on, until the container exits"""
    pod = pods(c)[2]
    stream = Follower(c, pod, "tailLines=0")
    for number in range(3):
        say(c, "say %s here %d" % (pod, number))
        expect(stream.line() == "here %d" % number)
    exits(c, pod)
    expect(stream.line() == "", "the stream goes on")
    stream.close()
    # the first run is the previous one now; of the second one this
    wait_until("its start", lambda: log(c, pod)[1] ==
               [pod + " starts", pod + " is ready"])
    expect(log(c, pod, "previous=true")[1] ==
           [pod + " starts", pod + " is ready", "here 0", "here 1", "here 2"])
    stream = Follower(c, pod)
    expect(stream.line() == pod + " starts")
    expect(c.call("DELETE", PODS + "/" + pod)[0] == 200)
    while stream.line():
        pass
    stream.close()
    wait_until("its end", lambda: log(c, pod)[0] == 404)


def case_down(c):
    """an API server that restarts breaks streams off and keeps the logs"""
    pod = pods(c)[0]
    stream = Follower(c, pod, "tailLines=0")
    say(c, "down")
    try:
        expect(stream.line() == "", "the stream goes on")
    except OSError:
        pass
    stream.close()
    say(c, "say %s in the dark" % pod)
    say(c, "up")
    expect(log(c, pod, "tailLines=1") == (200, ["in the dark"]))
    stream = Follower(c, pod, "tailLines=1")
    expect(stream.line() == "in the dark")
    stream.close()


def case_refused(c):
    """400, 403, 404, 405, 422 in the words of the API server and of a node"""
    pod = pods(c)[0]
    for query, code, message in (
            ("container=nope", 400, "container nope is not valid for pod " +
             pod),
            ("previous=true", 400, 'previous terminated container "app" in '
             'pod "%s" not found' % pod),
            ("tailLines=x", 400, 'strconv.ParseInt: parsing "x": invalid '
             "syntax"),
            ("tailLines=-1", 422, 'PodLogOptions "%s" is invalid: tailLines: '
             "Invalid value: -1: must be greater than or equal to 0" % pod),
            ("sinceSeconds=0", 422, 'PodLogOptions "%s" is invalid: '
             "sinceSeconds: Invalid value: 0: must be greater than 0" % pod)):
        expect(log(c, pod, query) == (code, message), log(c, pod, query))
    cause, = c.call("GET", "%s/%s/log?tailLines=-1" % (PODS, pod))[1][
        "details"]["causes"]
    expect(cause == {"reason": "FieldValueInvalid", "field": "tailLines",
                     "message": "Invalid value: -1: must be greater than or "
                     "equal to 0"}, cause)
    expect(log(c, "nobody") == (404, 'pods "nobody" not found'))
    path = "%s/%s/log" % (PODS, pod)
    for method in ("DELETE", "PUT", "PATCH"):
        expect(c.call(method, path, {})[0] == 405, method)
    say(c, "forbid get pods")
    status, message = log(c, pod)
    say(c, "allow")
    expect(status == 403 and message.startswith(
        'pods "%s" is forbidden: User ' % pod), message)


def case_waiting(c):
    """a container that can't be made: its state, its event, no log"""
    made = {"metadata": {"name": "secretless"}, "spec": {"containers": [
        {"name": "app", "image": "secret:1"}]}}
    expect(c.call("POST", PODS, made)[0] == 201)

    def waiting():
        status = c.call("GET", PODS + "/secretless")[1]["status"]
        return status.get("containerStatuses", [{}])[0].get("state") == {
            "waiting": {"reason": "CreateContainerConfigError",
                        "message": 'secret "password" not found'}}
    wait_until("CreateContainerConfigError", waiting)
    expect(log(c, "secretless") == (400, 'container "app" in pod "secretless" '
           "is waiting to start: CreateContainerConfigError"))
    events = c.call("GET", "/api/v1/namespaces/shop/events?fieldSelector="
                    "involvedObject.name=secretless")[1]["items"]
    expect(('Failed', 'Error: secret "password" not found') in
           [(e["reason"], e["message"]) for e in events], json.dumps(events))
    expect(c.call("DELETE", PODS + "/secretless")[0] == 200)


def main():
    status = 0
    cases = [case_bounds, case_many_lines, case_followed, case_down,
             case_refused, case_waiting]
    for case in cases:
        c = Cluster()
        try:
            case(c)
            print("PASS: " + case.__doc__)
        except (Failure, OSError) as err:
            print("FAIL: %s: %s" % (case.__doc__, err))
            status = 1
        finally:
            c.close()
    return status


if __name__ == "__main__":
    sys.exit(main())
