#!/usr/bin/env python3
"""What can be wrong with the practice cluster's API, as a client meets it."""
import http.client
import socket
import sys
import threading
import time

from patience import Patience, wait_until
from test_cluster_watch import LIMIT, MAPS, Cluster, Failure, Watch, expect

SERVICE = "/api/v1/namespaces/shop/services/my-app-service"
DEPLOYMENT = "/apis/apps/v1/namespaces/shop/deployments/my-app-v2"
REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
RULES = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews"


def say(c, line):
    c.server.stdin.write(line + "\n")
    c.server.stdin.flush()
    expect(c.server.stdout.readline() == "done\n", line)


def patch(c, path, body):
    return c.call("PATCH", path, body,
                  Content_Type="application/merge-patch+json")


def settled(c):
    """The Deployment, once its controller has nothing more to say of it."""
    patience, seen = Patience(LIMIT), None
    while True:
        found = c.call("GET", DEPLOYMENT)[1]
        if found == seen and found["status"].get("availableReplicas") == 4:
            return found
        expect(not patience.is_over(), "it never settles", found)
        seen = found
        time.sleep(0.1)


def case_throttled(c):
    """429 in the words of priority and fairness; streams and health go on"""
    watch = Watch(c, MAPS + "?watch=1&resourceVersion=" + c.version())
    c.make("before")
    expect(watch.next()["type"] == "ADDED")
    say(c, "throttle 7")
    connection = c.connect()
    response = c.send(connection, "GET", SERVICE, None, {})
    expect(response.status == 429 and
           response.headers["Retry-After"] == "7" and
           response.headers["Content-Type"] == "text/plain; charset=utf-8",
           response.status, response.headers)
    expect(response.read() == b"Too many requests, please try again later.\n")
    expect(c.call("GET", "/readyz")[0] == 200, "health")
    expect(patch(c, SERVICE, {})[0] == 429, "a write")
    say(c, "throttle 0")
    c.remove("before")
    expect(watch.next()["type"] == "DELETED", "the stream has ended")
    watch.close()
    connection.close()


def case_forbidden(c):
    """403 as RBAC answers, for the administrator too, and reviews agree"""
    def allowed(verb, resource):
        return c.call("POST", REVIEWS, {"spec": {"resourceAttributes": {
            "namespace": "shop", "verb": verb, "resource": resource}}})[1][
                "status"]
    selector = {"spec": {"selector": {"version": "v2"}}}
    expect(allowed("patch", "services")["allowed"] is True)
    say(c, "forbid patch services")
    status, text = patch(c, SERVICE, selector)
    expect(status == 403 and text["reason"] == "Forbidden" and
           text["details"] == {"name": "my-app-service", "kind": "services"},
           status, text)
    message = text["message"]
    expect(message.startswith('services "my-app-service" is forbidden: User '
                              '"') and
           message.endswith('" cannot patch resource "services" in API group '
                            '"" in the namespace "shop"'), message)
    expect(patch(c, SERVICE + "?dryRun=All", selector)[0] == 403, "dry-run")
    expect(allowed("patch", "services") == {"allowed": False})
    expect(allowed("get", "services")["allowed"] is True)
    expect(allowed("*", "*")["allowed"] is False)
    expect(allowed("patch", "pods")["allowed"] is True)
    rules = c.call("POST", RULES, {"spec": {"namespace": "shop"}})[1][
        "status"]["resourceRules"]

    def listed(resource):
        return {verb for rule in rules for verb in rule["verbs"]
                if resource in rule["resources"]}
    for resource in "*", "services", "services/status":
        expect(not listed(resource) & {"*", "patch"}, resource, rules)
    expect(listed("services") == {"create", "delete", "deletecollection",
                                  "get", "list", "update", "watch"}, rules)
    for resource in "pods", "deployments/scale", "endpointslices":
        expect(listed(resource) == {"*"}, resource, rules)
    expect(listed("users") == {"impersonate"}, rules)
    expect(c.call("GET", SERVICE)[1]["spec"]["selector"]["version"] == "v1")
    say(c, "allow")
    expect(patch(c, SERVICE, {})[0] == 200)
    expect({"*"} in [{*rule["resources"]} for rule in c.call(
        "POST", RULES, {"spec": {"namespace": "shop"}})[1]["status"][
            "resourceRules"]], "the list")


def case_conflict(c):
    """somebody's change just before ours: 409, once; and who it was"""
    before = settled(c)["metadata"]
    say(c, "conflict deployments 1")
    body = {"metadata": {"resourceVersion": before["resourceVersion"],
                         "labels": {"a": "b"}}}
    expect(patch(c, DEPLOYMENT + "?dryRun=All", body)[0] == 200, "a dry run")
    expect(patch(c, SERVICE, {})[0] == 200, "another resource")
    status, text = patch(c, DEPLOYMENT, body)
    expect(status == 409 and text["message"] ==
           'Operation cannot be fulfilled on deployments.apps "my-app-v2": '
           "the object has been modified; please apply your changes to the "
           "latest version and try again", status, text)
    after = settled(c)["metadata"]
    expect("a" not in after.get("labels", {}) and
           after["resourceVersion"] != before["resourceVersion"] and
           after["generation"] == before["generation"], after)
    expect("kubectl-annotate" in [entry["manager"] for entry in
                                  after["managedFields"]], after)
    body["metadata"]["resourceVersion"] = after["resourceVersion"]
    expect(patch(c, DEPLOYMENT, body)[0] == 200, "it happened again")


def case_slow(c):
    """each request waits, none for another; an end of it is one at once"""
    say(c, "slow 3000")
    times = []

    def ask():
        begun = time.monotonic()
        expect(c.call("GET", SERVICE)[0] == 200)
        times.append(time.monotonic() - begun)
    threads = [threading.Thread(target=ask) for _ in range(8)]
    begun = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LIMIT)
    whole = time.monotonic() - begun
    expect(len(times) == 8 and min(times) >= 3, times)
    expect(whole < 8 * 3, "they queued up: %.1f s" % whole)
    expect(patch(c, SERVICE, {})[0] == 200, "a body")
    say(c, "slow 0")


def case_restart(c):
    """refused, watches broken; then the same port, and a 410 for old watches"""
    old = c.version()
    watch = Watch(c, MAPS + "?watch=1&resourceVersion=" + old)
    pods = c.call("GET", "/api/v1/namespaces/shop/pods")[1]["items"]
    expect(pods, "no pods")
    say(c, "slow 60000")
    ends = []
    held = threading.Thread(target=held_back, args=(c, ends))
    held.start()                # it must not hold the restart up
    say(c, "down")
    try:
        rest = watch.rest()
        expect(not [e for e in rest if e["type"] != "BOOKMARK"], rest)
    except (OSError, http.client.HTTPException):
        pass                    # broken off is as good
    watch.close()
    try:
        socket.create_connection(("127.0.0.1", c.port), LIMIT).close()
        raise Failure("it still listens")
    except ConnectionRefusedError:
        pass
    held.join(2 * LIMIT)
    expect(ends and ends[0] != "given up", ends)
    say(c, "slow 0")
    say(c, "down")              # it is
    say(c, "up")
    say(c, "up")
    new = c.version()
    c.make("afterwards")
    again = Watch(c, MAPS + "?watch=1&resourceVersion=" + new)
    expect(again.next()["object"]["metadata"]["name"] == "afterwards")
    again.close()
    c.remove("afterwards")
    say(c, "down")
    say(c, "up")
    stale = Watch(c, MAPS + "?watch=1&resourceVersion=" + new)
    event = stale.next()
    expect(event["type"] == "ERROR" and event["object"]["code"] == 410, event)
    stale.close()
    status, text = c.call("GET", MAPS + "?resourceVersionMatch=Exact&"
                          "resourceVersion=" + old)
    expect(status == 410, status, text)


def held_back(c, ends):
    """A request whose end comes before it is given up."""
    try:
        c.call("GET", SERVICE)
        ends.append("answered")
    except TimeoutError:
        ends.append("given up")
    except (OSError, http.client.HTTPException):
        ends.append("broken")


def case_rollout_goes_on(c):
    """what a restart interrupted goes on after it"""
    def ready():
        return c.call("GET", DEPLOYMENT)[1]["status"].get("readyReplicas", 0)
    wait_until("pods", lambda: ready() >= 4, LIMIT)
    expect(patch(c, DEPLOYMENT, {"spec": {"replicas": 6}})[0] == 200)
    say(c, "down")
    say(c, "up")
    wait_until("the rollout to go on", lambda: ready() >= 6, LIMIT)


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
    say(cluster, "slow 60000")
    ends = []
    last = threading.Thread(target=held_back, args=(cluster, ends))
    last.start()                # what is held back does not hold the end up
    cluster.close()
    last.join(2 * LIMIT)
    expect(ends and ends[0] != "given up", ends)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
