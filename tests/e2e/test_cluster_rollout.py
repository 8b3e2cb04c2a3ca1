#!/usr/bin/env python3
"""What a Deployment's controller does beside a plain rollout: templates copied
from a replica set, pauses and changes of size in the midst of one, who has
which pods, and which endpoints a Service has of them.

A rollout is held in its midst by minReadySeconds: its pods are ready, but not
available for an hour.
"""
import sys

from patience import wait_until
from test_cluster_samples import (DEPLOYMENTS, LIMIT, MERGE, Failure, Server,
                                  expect)

SETS = "/apis/apps/v1/namespaces/shop/replicasets"
PODS = "/api/v1/namespaces/shop/pods"
SERVICES = "/api/v1/namespaces/shop/services"
ENDPOINTS = "/api/v1/namespaces/shop/endpoints"
SLICES = "/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices"
NOTE = "deployment.kubernetes.io/"
HELD = {"minReadySeconds": 3600, "progressDeadlineSeconds": 7200}


class Shop:
    """A server, and one Deployment a case."""

    def __init__(self):
        self.server = Server()

    def send(self, method, path, body=None, kind=MERGE):
        return self.server.admin(method, path, body, kind if
                                 method == "PATCH" else "application/json")

    def make(self, name, replicas, **spec):
        self.send("POST", DEPLOYMENTS.rstrip("/"), {
            "metadata": {"name": name, "annotations": {"team": "a"}},
            "spec": dict({"replicas": replicas,
                          "selector": {"matchLabels": {"app": name}},
                          "template": {
                              "metadata": {"labels": {"app": name}},
                              "spec": {"containers": [
                                  {"name": "app", "image": "a/b:1"}]}}},
                         **spec)})
        self.wait(name + " to be available", lambda: self.status(name).get(
            "availableReplicas") == replicas)

    def patch(self, name, **spec):
        return self.send("PATCH", DEPLOYMENTS + name, {"spec": spec})

    def get(self, name):
        return self.send("GET", DEPLOYMENTS + name)

    def status(self, name):
        return self.get(name)["status"]

    def progressing(self, name):
        return next((c for c in self.status(name).get("conditions", [])
                     if c["type"] == "Progressing"), {})

    def of(self, path, name):
        return [o for o in self.send("GET", path)["items"]
                if o["metadata"].get("labels", {}).get("app") == name]

    def sizes(self, name):
        """What its sets want, the newest first."""
        return [s["spec"]["replicas"] for s in sorted(
            self.of(SETS, name), reverse=True,
            key=lambda s: int(s["metadata"]["annotations"][
                NOTE + "revision"]))]

    def living(self, name):
        return {p["metadata"]["name"]: p["metadata"]["uid"]
                for p in self.of(PODS, name)
                if "deletionTimestamp" not in p["metadata"]}

    def wait(self, what, condition):
        return wait_until(what, condition, LIMIT)

    def hold(self, name):
        """A rollout that stands at 3 new pods of 10, and 10 old ones."""
        self.make(name, 10)
        self.patch(name, template={"spec": {"terminationGracePeriodSeconds":
                                            1}},
                   strategy={"rollingUpdate": {"maxSurge": 3,
                                               "maxUnavailable": 0}}, **HELD)
        self.wait("a rollout in its midst", lambda: self.sizes(name) ==
                  [3, 10] and self.status(name).get("readyReplicas") == 13)


def case_template_of_a_set(s):
    """A template with the label of its hash is that of the old set."""
    s.make("copied", 2)
    old = s.of(SETS, "copied")[0]
    s.patch("copied", template={"spec": {"terminationGracePeriodSeconds": 1}})
    s.wait("the second set", lambda: s.sizes("copied") == [2, 0])
    s.patch("copied", template=old["spec"]["template"])
    s.wait("the first set again", lambda: sorted(
        (x["spec"]["replicas"], x["metadata"]["uid"] ==
         old["metadata"]["uid"]) for x in s.of(SETS, "copied")) ==
           [(0, False), (2, True)])


def case_pause_in_the_midst(s):
    s.hold("paused")
    s.patch("paused", paused=True)
    s.wait("the pause", lambda: s.progressing("paused").get("reason") ==
           "DeploymentPaused")
    expect(s.sizes("paused") == [3, 10], s.sizes("paused"))
    s.patch("paused", replicas=5)
    s.wait("its share", lambda: sum(s.sizes("paused")) == 8)
    expect(s.sizes("paused") == [2, 6], s.sizes("paused"))
    s.patch("paused", replicas=0)
    s.wait("no pods", lambda: s.sizes("paused") == [0, 0])


def case_scale_in_the_midst(s):
    """The present sizes grow by the same share."""
    s.hold("grown")
    s.patch("grown", replicas=20)
    s.wait("more pods", lambda: sum(s.sizes("grown")) == 23)
    expect(s.sizes("grown") == [5, 18], s.sizes("grown"))


def case_resume(s):
    """The time of a pause is not held against the rollout."""
    s.hold("resumed")
    s.patch("resumed", paused=True)
    first = s.wait("the pause", lambda: s.progressing("resumed").get(
        "reason") == "DeploymentPaused" and s.progressing("resumed"))
    expect(first["status"] == "Unknown", first)
    s.patch("resumed", paused=False)
    then = s.wait("the going on", lambda: s.progressing("resumed").get(
        "reason") == "DeploymentResumed" and s.progressing("resumed"))
    expect(then["status"] == "Unknown" and then["message"] ==
           "Deployment is resumed", then)


def case_recreate_availability(s):
    """One pod too few is too few: Recreate allows none to be missing."""
    s.make("whole", 2, strategy={"type": "Recreate"})
    pod = sorted(s.living("whole"))[0]
    s.server.process.stdin.write("unready %s\n" % pod)
    s.server.process.stdin.flush()
    s.wait("too few", lambda: ("Available", "False") in [
        (c["type"], c["status"]) for c in s.status("whole")["conditions"]])


def case_annotations(s):
    """They go with the revision, and come back with it."""
    s.make("noted", 1)
    cause = "kubernetes.io/change-cause"
    last = "kubectl.kubernetes.io/last-applied-configuration"
    s.send("PATCH", DEPLOYMENTS + "noted", {"metadata": {"annotations": {
        cause: "one", last: "{}"}}})
    first = s.wait("the cause", lambda: [
        x for x in s.of(SETS, "noted")
        if x["metadata"]["annotations"].get(cause) == "one"])[0]["metadata"]
    expect(first["annotations"]["team"] == "a" and
           last not in first["annotations"], first)
    s.patch("noted", minReadySeconds=1)
    s.wait("minReadySeconds", lambda: s.of(SETS, "noted")[0]["spec"].get(
        "minReadySeconds") == 1)
    old = s.of(SETS, "noted")[0]["spec"]["template"]
    s.patch("noted", template={"spec": {"terminationGracePeriodSeconds": 1}})
    s.wait("the second set", lambda: s.sizes("noted") == [1, 0])
    s.patch("noted", template={"spec": {
        "terminationGracePeriodSeconds":
            old["spec"]["terminationGracePeriodSeconds"]}})
    s.wait("the third revision", lambda: [
        x for x in s.of(SETS, "noted")
        if x["metadata"]["annotations"].get(NOTE + "revision-history") == "1"
        and x["metadata"]["annotations"][NOTE + "revision"] == "3"])


def case_quarantine(s):
    """A pod whose label is taken off is put aside, and replaced; with the label
    again it is one too many."""
    s.make("aside", 2)
    pod = sorted(s.living("aside"))[0]
    s.send("PATCH", PODS + "/" + pod, {"metadata": {"labels": {"app": None}}})
    s.wait("another pod", lambda: len(s.living("aside")) == 2)
    meta = s.wait("its release", lambda: [m for m in [s.send(
        "GET", PODS + "/" + pod)["metadata"]] if "ownerReferences" not in m])
    expect("deletionTimestamp" not in meta[0], meta)
    s.send("PATCH", PODS + "/" + pod, {"metadata": {"labels": {
        "app": "aside"}}})
    s.wait("one less", lambda: len(s.living("aside")) == 2 and all(
        "ownerReferences" in p["metadata"] for p in s.of(PODS, "aside")))
    s.wait("the count", lambda: s.status("aside")["replicas"] == 2)


def case_orphans(s):
    """Deleted without what it has and made again, a Deployment takes it up."""
    s.make("kept", 2)
    pods, sets = s.living("kept"), s.of(SETS, "kept")
    s.send("DELETE", DEPLOYMENTS + "kept", {"propagationPolicy": "Orphan"})
    expect("ownerReferences" not in s.of(SETS, "kept")[0]["metadata"])
    s.make("kept", 2)
    after = s.of(SETS, "kept")
    expect([x["metadata"]["uid"] for x in after] ==
           [x["metadata"]["uid"] for x in sets], after)
    expect(s.living("kept") == pods, "pods were made anew")
    expect(after[0]["metadata"]["ownerReferences"][0]["uid"] ==
           s.get("kept")["metadata"]["uid"], after)


def case_taken_name(s):
    """A set of the name that is another's stays as it is."""
    s.make("named", 1)
    found = s.of(SETS, "named")[0]
    s.send("DELETE", DEPLOYMENTS + "named", {"propagationPolicy": "Orphan"})
    s.send("PATCH", SETS + "/" + found["metadata"]["name"], {
        "metadata": {"labels": {"app": "other"}}})
    s.make("named", 1)
    sets = s.of(SETS, "named")
    expect(len(sets) == 1 and sets[0]["metadata"]["name"] !=
           found["metadata"]["name"], sets)
    expect(s.status("named")["collisionCount"] == 1, s.status("named"))
    kept = s.of(SETS, "other")[0]["metadata"]
    expect(kept["uid"] == found["metadata"]["uid"], kept)


def endpoints_of(s, name):
    """{label team: {port: addresses}} of the slices, and of the Endpoints."""
    found = {}
    for one in s.send("GET", SLICES)["items"]:
        labels = one["metadata"]["labels"]
        if labels["kubernetes.io/service-name"] == name:
            ports = found.setdefault(labels.get("team"), {})
            for port in one["ports"] or [{"port": None}]:
                ports.setdefault(port["port"], set()).update(
                    e["addresses"][0] for e in one["endpoints"] or []
                    if e["conditions"]["ready"])
    old = {one["metadata"]["labels"].get("team"): {
        p["port"]: {a["ip"] for a in subset["addresses"]}
        for subset in one.get("subsets", []) for p in subset["ports"]
        if "addresses" in subset}
           for one in s.send("GET", ENDPOINTS)["items"]
           if one["metadata"]["name"] == name}
    return found, old


def case_named_ports(s):
    """A named port has its number on each pod; a Service's labels are on what
    tells its endpoints."""
    for name, port in (("ported-a", 8081), ("ported-b", 8082)):
        s.make(name, 2, template={
            "metadata": {"labels": {"app": name, "part": "ported"}},
            "spec": {"containers": [
                {"name": "app", "image": "a/b:1", "ports": [
                    {"name": "web", "containerPort": port}]}]}})
    ips = {name: {p["status"]["podIP"] for p in s.of(PODS, name)}
           for name in ("ported-a", "ported-b")}
    s.send("POST", SERVICES, {
        "metadata": {"name": "ported", "labels": {"team": "a"}},
        "spec": {"selector": {"part": "ported"}, "ports": [
            {"port": 80, "targetPort": "web"}]}})
    both = {8081: ips["ported-a"], 8082: ips["ported-b"]}
    s.wait("each port's pods", lambda: endpoints_of(s, "ported") ==
           ({"a": both}, {"a": both}))
    s.send("PATCH", SERVICES + "/ported", {
        "metadata": {"labels": {"team": "b"}},
        "spec": {"selector": {"app": "ported-b"}}})
    one = {8082: ips["ported-b"]}
    s.wait("one port's pods", lambda: endpoints_of(s, "ported") ==
           ({"b": one}, {"b": one}))
    s.send("PATCH", SERVICES + "/ported", {"spec": {"selector": {
        "app": "ported-a"}}})
    one = {8081: ips["ported-a"]}
    s.wait("the other's", lambda: endpoints_of(s, "ported") ==
           ({"b": one}, {"b": one}))
    s.send("PATCH", SERVICES + "/ported", {"spec": {"selector": {
        "app": "nobody"}}})
    s.wait("nobody's", lambda: endpoints_of(s, "ported") ==
           ({"b": {None: set()}}, {"b": {}}))


def case_slices_stay(s):
    """One pod that goes moves no other to another slice."""
    def slices():
        return {one["metadata"]["name"]: {
            e["addresses"][0] for e in one["endpoints"]}
                for one in s.send("GET", SLICES)["items"]
                if one["metadata"]["labels"]["kubernetes.io/service-name"] ==
                "many"}
    s.make("many", 250)
    s.send("POST", SERVICES, {
        "metadata": {"name": "many"},
        "spec": {"selector": {"app": "many"}, "ports": [{"port": 80}]}})
    before = s.wait("all slices", lambda: sorted(
        len(one) for one in slices().values()) == [50, 100, 100] and slices())
    full = [name for name in sorted(before) if len(before[name]) == 100]
    gone = sorted(before[full[0]])[0]
    pod = next(p["metadata"]["name"] for p in s.of(PODS, "many")
               if p["status"]["podIP"] == gone)
    s.send("DELETE", PODS + "/" + pod)
    after = s.wait("its end", lambda: [x for x in [slices()] if sum(
        len(one) for one in x.values()) == 250 and not any(
            gone in one for one in x.values())])[0]
    expect(after[full[1]] == before[full[1]] and
           len(after[full[0]] - before[full[0]]) <= 1, after)


def main():
    shop, failed = Shop(), 0
    for name, case in list(globals().items()):
        if not name.startswith("case_"):
            continue
        try:
            case(shop)
            print("PASS:", name[5:], flush=True)
        except (Failure, KeyError, IndexError, OSError) as failure:
            failed += 1
            print("FAIL: %s: %s" % (name[5:], failure), flush=True)
    shop.server.close()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
