#!/usr/bin/env python3
"""kubectl against the practice cluster, so that it is no private dialect.

What kubectl says word by word stands in test_cluster_commands.py; here is what
it does. Starts tests/unit/cluster_server (pods are timers there) anew for each
kubectl found: $KUBECTL (several may stand there, separated by ':'), the one in PATH,
and those in $CUTOVER_KUBECTLS/*. Waits for conditions, never for times.
"""
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

from patience import Failure, wait_until

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.environ.get("CUTOVER_BUILD") or os.path.join(HERE, "..", "..")
SERVER = os.path.join(BUILD, "tests", "unit", "cluster_server")
LIMIT = 30              # seconds that anything may take
ENV_PATCH = {"spec": {"template": {
    "metadata": {"labels": {"writes": "enabled"}},
    "spec": {"containers": [{"name": "app", "env": [
        {"name": "ENABLE_WRITES", "value": "true"}]}]}}}}


def expect(condition, *what):
    if not condition:
        raise Failure(" ".join(str(part) for part in what))


def kubectls():
    """Paths of the kubectls to test with, each program once."""
    found = [p for p in os.environ.get("KUBECTL", "").split(":") if p]
    found.append(shutil.which("kubectl") or "/usr/bin/kubectl")
    if os.environ.get("CUTOVER_KUBECTLS"):
        found += sorted(glob.glob(
            os.path.join(os.environ["CUTOVER_KUBECTLS"], "*")))
    seen = []
    for path in found:
        real = os.path.realpath(path)
        if os.access(real, os.X_OK) and real not in seen:
            seen.append(real)
    return seen


class Cluster:
    """A practice cluster, and one kubectl that speaks to it."""

    def __init__(self, kubectl):
        self.kubectl = kubectl
        self.dir = tempfile.mkdtemp(prefix="cutover-kubectl-")
        self.server = subprocess.Popen(
            [SERVER, self.dir], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, encoding="utf-8")
        line = self.server.stdout.readline().split()
        expect(line and line[0] == "ready", "the server said", line)
        self.env = dict(os.environ, KUBECONFIG=line[1], HOME=self.dir)

    def close(self):
        self.server.stdin.close()
        status = self.server.wait(timeout=LIMIT)
        shutil.rmtree(self.dir)
        expect(status == 0, "the server ended with status", status)

    def tell(self, line):
        self.server.stdin.write(line + "\n")
        self.server.stdin.flush()

    def start(self, *args):
        return subprocess.Popen([self.kubectl, *args], env=self.env,
                                stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, encoding="utf-8")

    def run(self, *args, text=None, fails=False):
        """Standard output and error; fails says that it must not succeed."""
        done = subprocess.run([self.kubectl, *args], env=self.env, input=text,
                              stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, encoding="utf-8",
                              timeout=LIMIT, check=False)
        expect((done.returncode != 0) == fails, "kubectl", *args, "ended with",
               done.returncode, "\n" + done.stdout)
        return done.stdout

    def get(self, *args):
        return json.loads(self.run("get", *args, "-o", "json"))

    def items(self, *args):
        return self.get(*args)["items"]

    def wait(self, what, condition):
        return wait_until(what, condition, LIMIT)

    def settled(self, name="my-app-v2", replicas=4):
        def look():
            status = self.get("deployment", name)["status"]
            return (status.get("availableReplicas") == replicas and
                    status.get("updatedReplicas") == replicas and
                    status["replicas"] == replicas and
                    not status.get("terminatingReplicas"))
        self.wait(name + " to settle", look)


def case_get(c):
    c.settled("my-app-v1")
    c.settled("my-app-v2")
    lines = c.run("get", "pods").splitlines()
    expect(lines[0].split() == ["NAME", "READY", "STATUS", "RESTARTS", "AGE"],
           lines[0])
    expect(len(lines) == 9, lines)
    expect(all(line.split()[1:4] == ["1/1", "Running", "0"]
               for line in lines[1:]), lines)
    wide = c.run("get", "pods", "-o", "wide", "-l", "version=v2")
    expect(len(wide.splitlines()) == 5 and " 127.65.0." in wide, wide)
    expect("practice-" in wide, wide)
    everything = c.run("get", "all")
    for word in ("pod/my-app-v1", "service/my-app-service",
                 "deployment.apps/my-app-v2", "replicaset.apps/my-app-v1"):
        expect(word in everything, word, "is missing:", everything)


def case_get_each_kind(c):
    for kind, word in (("deploy", "4/4"), ("rs", "my-app-v1"),
                       ("svc", "127.65.255.1"), ("cm", "flags"),
                       ("ep", "127.65.0."), ("endpointslices", "8080"),
                       ("ns", "Active"), ("ev", "ScalingReplicaSet")):
        text = c.run("get", kind)
        expect(word in text, kind, "shows no", word, text)
    expect("No resources found" in c.run("get", "leases"))
    expect("my-app-service" in c.run("get", "services", "-A"))


def case_selectors(c):
    def count(selector):
        return len(c.items("pods", "-l", selector))
    expect(count("app=myapp,version!=v1") == 4)
    expect(count("version in (v1, v2)") == 8)
    expect(count("version notin (v1)") == 4)
    expect(count("!app") == 0)
    expect(count("app") == 8)
    name = c.items("pods")[0]["metadata"]["name"]
    found = c.items("pods", "--field-selector", "metadata.name=" + name)
    expect([p["metadata"]["name"] for p in found] == [name])
    expect(len(c.items("pods", "--field-selector",
                       "status.phase!=Running")) == 0)
    c.run("get", "pods", "-l", "a==b==c", fails=True)
    expect(len(c.run("get", "pods", "--chunk-size=3",
                     "--no-headers").splitlines()) == 8)


def case_describe(c):
    text = c.run("describe", "deployment", "my-app-v2")
    for word in ("25% max unavailable", "ENABLE_WRITES:", "4 available",
                 "MinimumReplicasAvailable", "Scaled up replica set"):
        expect(word in text, word, "is missing:", text)
    pod = c.items("pods", "-l", "version=v1")[0]["metadata"]["name"]
    text = c.run("describe", "pod", pod)
    for word in ("Controlled By:  ReplicaSet/my-app-v1", "Scheduled",
                 "Started", "Ready:          True"):
        expect(word in text, word, "is missing:", text)
    text = c.run("describe", "service", "my-app-service")
    expect("app=myapp,version=v1" in text and "127.65.0." in text, text)
    text = c.run("describe", "rs")
    expect("4 current / 4 desired" in text, text)


def case_dry_run(c):
    before = c.get("deployment", "my-app-v2")
    c.run("patch", "deployment", "my-app-v2", "--dry-run=server",
          "-p", json.dumps(ENV_PATCH))
    expect(c.get("deployment", "my-app-v2") == before, "it has changed")
    c.run("delete", "deployment", "my-app-v1", "--dry-run=server")
    expect(c.get("deployment", "my-app-v1"))


def case_patch_rolls(c):
    watch = c.start("get", "pods", "-w", "-l", "version=v2")
    before = {p["metadata"]["name"]
              for p in c.items("pods", "-l", "version=v2")}
    c.run("patch", "deployment", "my-app-v2", "-p", json.dumps(ENV_PATCH))
    least, most = 99, 0
    rollout = c.start("rollout", "status", "deployment/my-app-v2")
    while rollout.poll() is None:
        pods = [p for p in c.items("pods", "-l", "version=v2")
                if "deletionTimestamp" not in p["metadata"]]
        ready = [p for p in pods if any(
            s["type"] == "Ready" and s["status"] == "True"
            for s in p["status"].get("conditions", []))]
        least, most = min(least, len(ready)), max(most, len(pods))
    text = rollout.stdout.read()
    expect(rollout.returncode == 0 and "successfully rolled out" in text, text)
    expect(least >= 3, "only", least, "pods were ready")
    expect(most <= 5, most, "pods at once")
    c.settled()
    after = c.items("pods", "-l", "version=v2,writes=enabled")
    expect(len(after) == 4 and
           not before & {p["metadata"]["name"] for p in after})
    expect(all(p["spec"]["containers"][0]["env"] ==
               [{"name": "ENABLE_WRITES", "value": "true"}] for p in after))
    live = c.get("deployment", "my-app-v2")
    expect(live["status"]["observedGeneration"] ==
           live["metadata"]["generation"] == 2)
    expect(live["metadata"]["annotations"]
           ["deployment.kubernetes.io/revision"] == "2")
    watch.terminate()
    seen = watch.stdout.read()
    for word in ("Pending", "ContainerCreating", "Running", "Terminating"):
        expect(word in seen, word, "was not seen by get -w:", seen)


def case_undo(c):
    c.run("rollout", "undo", "deployment/my-app-v2")
    c.run("rollout", "status", "deployment/my-app-v2")
    c.settled()
    live = c.get("deployment", "my-app-v2")
    expect("writes" not in live["spec"]["template"]["metadata"]["labels"])
    history = c.run("rollout", "history", "deployment/my-app-v2")
    expect(re.findall(r"^(\d+) ", history, re.M) == ["2", "3"], history)


def case_env_delete(c):
    patch = {"spec": {"template": {"spec": {"containers": [
        {"name": "app", "env": [{"name": "ENABLE_WRITES",
                                 "$patch": "delete"}]}]}}}}
    c.run("patch", "deployment", "my-app-v2", "-p", json.dumps(patch))
    c.run("rollout", "status", "deployment/my-app-v2")
    container = c.get("deployment", "my-app-v2")[
        "spec"]["template"]["spec"]["containers"][0]
    expect(not container.get("env"), container)
    c.run("set", "env", "deployment/my-app-v2", "ENABLE_WRITES=false")
    c.run("rollout", "status", "deployment/my-app-v2")
    c.settled()


def slice_addresses(c):
    slices = c.items("endpointslices", "-l",
                     "kubernetes.io/service-name=my-app-service")
    return {e["targetRef"]["name"].rsplit("-", 2)[0]
            for s in slices for e in s["endpoints"] or []
            if e["conditions"]["ready"]}


def case_flip(c):
    expect(slice_addresses(c) == {"my-app-v1"})
    c.run("patch", "service", "my-app-service", "--type=merge",
          "-p", '{"spec":{"selector":{"version":"v2"}}}')
    c.wait("the endpoints of v2", lambda: slice_addresses(c) == {"my-app-v2"})
    live = c.run("get", "service", "my-app-service", "-o", "json",
                 *(["--show-managed-fields"] if c.new else []))
    owners = [m["manager"] for m in json.loads(live)["metadata"][
        "managedFields"] if "f:selector" in m["fieldsV1"].get("f:spec", {})]
    expect(owners == ["kubectl-patch"], owners)
    c.run("patch", "service", "my-app-service", "--type=json", "-p",
          '[{"op":"test","path":"/spec/selector/version","value":"v2"},'
          '{"op":"replace","path":"/spec/selector/version","value":"v1"}]')
    c.wait("the endpoints of v1", lambda: slice_addresses(c) == {"my-app-v1"})
    c.run("patch", "service", "my-app-service", "--type=json", "-p",
          '[{"op":"test","path":"/spec/selector/version","value":"v2"}]',
          fails=True)


def case_conflicts(c):
    text = c.run("patch", "service", "my-app-service", "--type=merge", "-p",
                 '{"metadata":{"resourceVersion":"1"},"spec":{"selector":'
                 '{"version":"v2"}}}', fails=True)
    expect("the object has been modified" in text, text)
    live = c.get("service", "my-app-service")
    live["metadata"]["resourceVersion"] = "1"
    text = c.run("replace", "-f", "-",
                 text=json.dumps(live), fails=True)
    expect("the object has been modified" in text, text)
    for patch, words in (
            ({"spec": {"replicas": -1}}, "must be greater than or equal to 0"),
            ({"spec": {"selector": {"matchLabels": {"version": "v3"}}}},
             "field is immutable"),
            ({"spec": {"template": {"spec": {"containers": [
                {"name": "app", "env": [{"name": "ENABLE_WRITES",
                                         "value": True}]}]}}}},
             "cannot unmarshal bool into Go struct field")):
        text = c.run("patch", "deployment", "my-app-v1", "--type=merge" if
                     "selector" in patch["spec"] else "--type=strategic",
                     "-p", json.dumps(patch), fails=True)
        expect(words in text, words, "is not what it said:", text)
    expect("not found" in c.run("get", "pod", "no-such", fails=True))


def case_lease(c):
    lease = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
             "metadata": {"name": "driver"},
             "spec": {"holderIdentity": "alice@bastion/run-1/42",
                      "leaseDurationSeconds": 30, "leaseTransitions": 0,
                      "acquireTime": "2026-11-23T14:03:20.123456Z",
                      "renewTime": "2026-11-23T14:03:20.123456Z"}}

    def send(verb, what, fails=False):
        return c.run(verb, "-f", "-",
                     text=json.dumps(what), fails=fails)
    send("create", lease)
    expect("already exists" in send("create", lease, fails=True))
    lines = c.run("get", "lease").splitlines()
    expect(lines[0].split() == ["NAME", "HOLDER", "AGE"] and
           lines[1].split()[:2] == ["driver", "alice@bastion/run-1/42"], lines)
    first = c.get("lease", "driver")
    expect(first["spec"] == lease["spec"], first["spec"])
    renewed = json.loads(json.dumps(first))
    renewed["spec"]["renewTime"] = "2026-11-23T14:03:25.000000Z"
    send("replace", renewed)
    text = send("replace", first, fails=True)
    expect("the object has been modified" in text, text)
    unversioned = json.loads(json.dumps(renewed))
    del unversioned["metadata"]["resourceVersion"]
    path = "/apis/coordination.k8s.io/v1/namespaces/shop/leases/driver"
    text = c.run("replace", "--raw", path, "-f", "-", fails=True,
                 text=json.dumps(unversioned))
    expect("must be specified for an update" in text, text)
    for spec, words in (
            ({"leaseDurationSeconds": 0}, "must be greater than 0"),
            ({"leaseDurationSeconds": "x"}, "cannot unmarshal string"),
            ({"leaseTransitions": -1}, "must be greater than or equal to 0"),
            ({"renewTime": "yesterday"}, "RFC 3339")):
        text = c.run("patch", "lease", "driver", "--type=merge", "-p",
                     json.dumps({"spec": spec}), fails=True)
        expect(words in text, words, "is not what it said:", text)
    c.run("patch", "lease", "driver", "--type=merge", "-p",
          '{"spec":{"holderIdentity":null}}')
    last = c.get("lease", "driver")
    expect("holderIdentity" not in last["spec"], last)
    expect(int(last["metadata"]["resourceVersion"]) >
           int(first["metadata"]["resourceVersion"]), last)
    reader = "--context=practice-reader"
    expect("driver" in c.run(reader, "get", "lease"))
    text = c.run(reader, "patch", "lease", "driver", "-p",
                 '{"spec":{"holderIdentity":"me"}}', "--type=merge", fails=True)
    expect("coordination.k8s.io" in text and "orbidden" in text, text)
    c.run("delete", "lease", "driver")
    expect("not found" in c.run("get", "lease", "driver", fails=True))


def case_scale(c):
    c.run("scale", "deployment", "my-app-v2", "--replicas=6")
    c.run("rollout", "status", "deployment/my-app-v2")
    c.settled(replicas=6)
    c.run("scale", "deployment", "my-app-v2", "--replicas=4",
          "--current-replicas=6")
    c.settled(replicas=4)
    c.run("scale", "deployment", "my-app-v2", "--replicas=5",
          "--current-replicas=9", fails=True)


def case_delete_pod(c):
    pod = c.items("pods", "-l", "version=v1")[0]["metadata"]["name"]
    c.run("delete", "pod", pod)
    c.wait("another pod", lambda: len(c.items("pods", "-l", "version=v1",
                                              "--field-selector",
                                              "metadata.name!=" + pod)) == 4)
    c.settled("my-app-v1")
    pod = c.items("pods", "-l", "version=v1")[0]["metadata"]["name"]
    c.run("delete", "pod", pod, "--force", "--grace-period=0")
    c.settled("my-app-v1")


def pod_fields(c, name):
    return c.run("get", "pod", name, "--no-headers").split()


def case_crash(c):
    pod = c.items("pods", "-l", "version=v1")[1]["metadata"]["name"]
    c.tell("exit %s 3" % pod)
    c.wait("a restart", lambda: pod_fields(c, pod)[1:4] ==
           ["1/1", "Running", "1"])
    c.tell("exit %s 3" % pod)
    c.wait("the back-off", lambda: pod_fields(c, pod)[1:3] ==
           ["0/1", "CrashLoopBackOff"])
    last = c.get("pod", pod)["status"]["containerStatuses"][0]["lastState"]
    expect(last["terminated"]["exitCode"] == 3, last)
    c.run("delete", "pod", pod)
    c.settled("my-app-v1")
    pod = c.items("pods", "-l", "version=v1")[2]["metadata"]["name"]
    c.tell("unready " + pod)
    c.wait("an unready pod", lambda: pod_fields(c, pod)[1] == "0/1")
    c.run("delete", "pod", pod)
    c.settled("my-app-v1")


def case_label(c):
    c.run("label", "service", "my-app-service", "team=shop")
    c.run("annotate", "service", "my-app-service", "note=by hand")
    meta = c.get("service", "my-app-service")["metadata"]
    expect(meta["labels"]["team"] == "shop" and
           meta["annotations"]["note"] == "by hand", meta)
    c.run("label", "service", "my-app-service", "team-")
    expect("labels" not in c.get("service", "my-app-service")["metadata"] or
           not c.get("service", "my-app-service")["metadata"]["labels"])
    c.run("label", "service", "my-app-service", "team=not a label", fails=True)


def case_rights(c):
    expect(c.run("auth", "can-i", "patch", "deployments").strip() == "yes")
    reader = "--context=practice-reader"
    expect(c.run(reader, "auth", "can-i", "list", "pods").strip() == "yes")
    expect("no" in c.run(reader, "auth", "can-i", "patch", "services",
                         fails=True))
    text = c.run(reader, "scale", "deployment", "my-app-v1", "--replicas=1",
                 fails=True)
    expect("Forbidden" in text or "forbidden" in text, text)
    expect("practice-reader" in text, text)
    c.run(reader, "get", "secrets", fails=True)
    expect("my-app-v1" in c.run("--context=practice-token", "get", "pods"))
    with open(c.env["KUBECONFIG"], encoding="utf-8") as file:
        config = json.load(file)
    config["users"][1]["user"]["token"] = "wrong"
    stranger = os.path.join(c.dir, "stranger")
    with open(stranger, "w", encoding="utf-8") as file:
        json.dump(config, file)
    text = c.run("--kubeconfig=" + stranger, "--context=practice-token",
                 "get", "pods", fails=True)
    expect("Unauthorized" in text or "logged in" in text, text)


def whoami(c, *words):
    review = {"apiVersion": "authentication.k8s.io/v1",
              "kind": "SelfSubjectReview"}
    return json.loads(c.run(
        *words, "create", "--raw",
        "/apis/authentication.k8s.io/v1/selfsubjectreviews", "-f", "-",
        text=json.dumps(review)))["status"]["userInfo"]


def case_impersonation(c):
    text = c.run("--as=bob", "get", "pods", fails=True)
    expect('pods is forbidden: User "bob" cannot list resource "pods" in API '
           'group "" in the namespace "shop"' in text, text)
    everybody = "system:authenticated"
    for words, user in (
            (["--as=bob", "--as-group=x", "--as-group=y"],
             {"username": "bob", "groups": ["x", "y", everybody]}),
            (["--as=system:serviceaccount:shop:robot"],
             {"username": "system:serviceaccount:shop:robot", "groups": [
                 "system:serviceaccounts", "system:serviceaccounts:shop",
                 everybody]}),
            ([], {"username": "practice-admin", "uid": "u-1",
                  "groups": ["system:masters", everybody]})):
        expect(whoami(c, *words) == user, words, whoami(c, *words))
    expect("no" in c.run("--as=bob", "auth", "can-i", "get", "pods",
                         fails=True))
    # a name alone gives nothing; groups have the roles
    c.run("--as=practice-reader", "get", "pods", fails=True)
    viewer = ["--as=bob", "--as-group=practice:readers"]
    expect("my-app-v1" in c.run(*viewer, "get", "pods"))
    text = c.run(*viewer, "delete", "pods", "--all", fails=True)
    expect('User "bob" cannot' in text, text)
    c.run("--as=bob", "--as-group=system:masters", "get", "secrets")
    for words, text in (
            (["--as=bob"], 'users "bob" is forbidden: User "practice-reader" '
             'cannot impersonate resource "users" in API group "" at the '
             'cluster scope'),
            (["--as=system:serviceaccount:shop:robot"], 'serviceaccounts '
             '"robot" is forbidden: User "practice-reader" cannot impersonate '
             'resource "serviceaccounts" in API group "" in the namespace '
             '"shop"')):
        said = c.run("--context=practice-reader", *words, "get", "pods",
                     fails=True)
        expect(text in said, said)


def case_apply(c):
    config = {"apiVersion": "v1", "kind": "ConfigMap",
              "metadata": {"name": "made"}, "data": {"a": "1", "b": "2"}}
    c.run("apply", "-f", "-", text=json.dumps(config))
    config["data"] = {"a": "3"}
    c.run("apply", "-f", "-", text=json.dumps(config))
    expect(c.get("configmap", "made")["data"] == {"a": "3"})
    c.run("create", "configmap", "other", "--from-literal=x=y")
    text = c.run("create", "configmap", "other", "--from-literal=x=y",
                 fails=True)
    expect("already exists" in text, text)
    c.run("delete", "configmap", "made", "other")
    expect(len(c.items("configmaps")) == 1)


def case_wait(c):
    pod = c.items("pods", "-l", "version=v1")[0]["metadata"]["name"]
    c.run("wait", "--for=condition=Ready", "pod/" + pod, "--timeout=20s")
    c.run("wait", "--for=condition=Available", "deployment/my-app-v1",
          "--timeout=20s")
    c.run("rollout", "restart", "deployment/my-app-v1")
    c.run("rollout", "status", "deployment/my-app-v1")
    c.settled("my-app-v1")


def case_pause(c):
    c.run("rollout", "pause", "deployment/my-app-v1")
    c.run("set", "env", "deployment/my-app-v1", "PAUSED=yes")
    c.wait("the pause to be reported", lambda: "DeploymentPaused" in
           json.dumps(c.get("deployment", "my-app-v1")["status"]))
    expect(not [p for p in c.items("pods", "-l", "version=v1")
                if "PAUSED" in json.dumps(p["spec"])])
    c.run("rollout", "resume", "deployment/my-app-v1")
    c.run("rollout", "status", "deployment/my-app-v1")
    c.settled("my-app-v1")


def case_delete_deployment(c):
    c.run("delete", "deployment", "my-app-v1")
    c.wait("no replica set and no pod of v1", lambda: not c.items(
        "rs,pods", "-l", "version=v1"))
    c.wait("no endpoints", lambda: slice_addresses(c) == set())
    c.run("create", "namespace", "other")
    c.run("create", "configmap", "inside", "-n", "other")
    c.run("delete", "namespace", "other")
    c.run("get", "namespace", "other", fails=True)


def main():
    found = kubectls()
    if not found:
        print("SKIP: no kubectl (Debian: kubernetes-client)")
        return 77
    failed = 0
    cases = [(n[5:], f) for n, f in globals().items()
             if n.startswith("case_")]
    for kubectl in found:
        cluster = Cluster(kubectl)
        version = json.loads(cluster.run("version", "--client", "-o", "json"))
        version = version["clientVersion"]
        cluster.new = int(version["minor"].rstrip("+")) >= 21
        for name, case in cases:
            what = "%s with kubectl %s" % (name, version["gitVersion"])
            try:
                case(cluster)
                print("PASS:", what, flush=True)
            except (Failure, subprocess.TimeoutExpired, KeyError) as error:
                failed += 1
                print("FAIL:", what + ":", error, flush=True)
        cluster.close()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
