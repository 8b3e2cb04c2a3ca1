#!/usr/bin/env python3
"""What the practice cluster makes of bad input: the refusals of a real API
server, nothing done, and a server that lives on.
"""
import json
import sys

from test_cluster_samples import Failure, Server, expect

MAPS = "/api/v1/namespaces/shop/configmaps"
FLAGS = MAPS + "/flags"
SERVICES = "/api/v1/namespaces/shop/services"
PODS = "/api/v1/namespaces/shop/pods"
V1 = "/apis/apps/v1/namespaces/shop/deployments/my-app-v1"
REVIEW = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
STEPS = "application/json-patch+json"
APPLY = "application/apply-patch+yaml"
GO = "json: cannot unmarshal "


def config(**members):
    return dict({"apiVersion": "v1", "kind": "ConfigMap",
                 "metadata": {"name": "made"}}, **members)


def pod(*names):
    return {"metadata": {"name": "made"}, "spec": {"containers": [
        {"name": name, "image": "a/b:1"} for name in names]}}


# (method, path, type of the body, body, status, words of the message)
CASES = [
    # What is no object, or another one.
    ("POST", MAPS, None, b"", 400, "unexpected end of JSON input"),
    ("POST", MAPS, None, b"words", 400, "json parse error"),
    ("POST", MAPS, None, b"[]", 400, "not an object"),
    ("POST", MAPS, None, b"null", 400, "json parse error"),
    ("POST", MAPS, None, b"\x00\xff\xfe", 400, "json parse error"),
    ("POST", MAPS, None, b"k8s\x00\xff\xff\xff", 400, "json parse error"),
    ("POST", MAPS, None, b'{"a":' * 100000, 400, "json parse error"),
    ("POST", MAPS, None, config(data={"a": "x" * 4000000}), 413,
     "limit is 3145728"),
    ("POST", MAPS, None, config(kind="Pod"), 400, "cannot be handled as a"),
    ("POST", MAPS, None, config(apiVersion="v2"), 400, "the API version in "
     "the data (v2) does not match the expected API version (v1)"),
    ("POST", MAPS, None, config(metadata={}), 422, "name or generateName is"),
    ("POST", MAPS, None, config(metadata="x"), 400, GO + "string into Go "
     "struct field ConfigMap.metadata of type v1.ObjectMeta"),
    ("POST", MAPS, None, config(metadata={"name": 5}), 400, GO + "number "
     "into Go struct field ObjectMeta.metadata.name of type string"),
    ("POST", MAPS, None, config(data=[]), 400, GO + "array into Go struct "
     "field ConfigMap.data of type map[string]string"),
    ("POST", MAPS, None, config(data={"a": {"b": "c"}}), 400, GO + "object"),
    ("POST", MAPS, None, config(data={"no key!": "x"}), 422,
     "a valid config key must consist of"),
    ("POST", MAPS, None, config(binaryData={"a": "%%%"}), 400,
     "illegal base64 data at input byte 0"),
    ("POST", SERVICES, None, {"metadata": {"name": "made"}, "spec": {
        "type": "None", "ports": [{"port": 80}, {"port": 0}]}}, 422,
     'supported values: "ClusterIP", "ExternalName"'),
    ("POST", PODS, None, pod("a", "a"), 422, 'Duplicate value: "a"'),
    ("POST", PODS, None, pod(), 422, "spec.containers: Required value"),
    ("PUT", FLAGS, None, config(), 400, "does not match the name on the URL"),
    ("PUT", FLAGS, None, config(metadata={"name": "flags", "uid": "x-1"}), 409,
     'Operation cannot be fulfilled on configmaps "flags": StorageError: '
     "invalid object, Code: 4, Key: /registry/configmaps/shop/flags, "
     "ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in "
     "precondition: x-1, UID in object meta: "),
    ("PUT", MAPS + "/made", None, config(metadata={"uid": "x-1"}), 409,
     "UID in precondition: x-1, UID in object meta: "),
    ("PATCH", FLAGS, MERGE, {"metadata": {"uid": "x-1"}}, 422,
     'metadata.uid: Invalid value: "x-1": field is immutable'),
    ("POST", MAPS, None, config(metadata={
        "name": "made", "resourceVersion": "7"}), 500,
     "resourceVersion should not be set on objects to be created"),
    # Patches that are none, or make another object of it.
    ("PATCH", FLAGS, MERGE, b"5", 400, "error decoding patch"),
    ("PATCH", FLAGS, STRATEGIC, b"[]", 400, "is an object"),
    ("PATCH", FLAGS, STEPS, b"{}", 400, "jsonpatch.Patch"),
    ("PATCH", FLAGS, STEPS, b"[5]", 422, "rejected our request"),
    ("PATCH", FLAGS, STEPS, b'[{"op":"fly","path":"/data"}]', 422, "rejected"),
    ("PATCH", FLAGS, STEPS, [{"op": "test", "path": "/kind", "value": "x"}] *
     10001, 413, "Request entity too large: The allowed maximum operations in "
     "a JSON patch is 10000, got 10001"),
    ("PATCH", FLAGS, STEPS, [
        {"op": "copy", "from": "/data", "path": "/data/x%d" % i}
        for i in range(35)], 422, "rejected our request"),
    ("PATCH", FLAGS, "text/plain", b"{}", 415, "Unsupported Media Type"),
    ("PATCH", FLAGS, MERGE, {"metadata": {"name": "other"}}, 400,
     "the name of the object (other) does not match"),
    ("PATCH", FLAGS, MERGE, {"metadata": {"namespace": "default"}}, 400,
     "the namespace of the object (default) does not match"),
    ("PATCH", FLAGS, MERGE, {"kind": "Pod"}, 400, "Pod"),
    ("PATCH", FLAGS, MERGE, {"metadata": 5}, 422, GO + "number"),
    ("PATCH", FLAGS, APPLY, b"{}", 422, "fieldManager: Required value"),
    ("PATCH", V1, MERGE, {"spec": None}, 422, "spec.selector: Required value"),
    ("PATCH", V1, MERGE, {"spec": {"template": None}}, 422, "containers"),
    ("PATCH", V1, STRATEGIC, {"spec": {"template": {"spec": {"containers": [
        {"image": "x"}]}}}}, 400, "does not contain declared merge key: name"),
    ("PATCH", V1, MERGE, {"spec": {"replicas": 99999999999}}, 422,
     GO + "number 99999999999 into Go struct field "
     "DeploymentSpec.spec.replicas of type int32"),
    ("PATCH", V1, MERGE, {"spec": {"replicas": 1.5}}, 422, "number 1.5"),
    ("PATCH", V1 + "/scale", MERGE, {"spec": {"replicas": -3}}, 422,
     "must be greater than or equal to 0"),
    ("PATCH", V1, MERGE, {"spec": {"strategy": {"type": "Recreate"}}}, 422,
     "spec.strategy.rollingUpdate: Forbidden: may not be specified when "
     "strategy `type` is 'Recreate'"),
    ("PATCH", V1, MERGE, {"spec": {"strategy": {
        "type": "Slow", "rollingUpdate": None}}}, 422, 'spec.strategy: '
     'Unsupported value: {"Type":"Slow","RollingUpdate":null}: supported '
     'values: "Recreate", "RollingUpdate"'),
    ("PATCH", V1, MERGE, {"spec": {"minReadySeconds": 600}}, 422,
     "spec.progressDeadlineSeconds: Invalid value: 600: must be greater than "
     "minReadySeconds"),
    ("PATCH", V1, STRATEGIC, {"spec": {"template": {"spec": {"containers": [
        {"name": "app", "env": [{"name": "A", "value": "b", "valueFrom": {
            "fieldRef": {"fieldPath": "status.podIP"}}}]}]}}}}, 422,
     "valueFrom: Invalid value: \"\": may not be specified when `value` is "
     "not empty"),
    ("POST", V1.rsplit("/", 1)[0], None, {
        "metadata": {"name": "made"}, "spec": {
            "selector": {}, "template": {"spec": pod("app")["spec"]}}}, 422,
     "spec.selector: Invalid value: {}: empty selector is invalid for "
     "deployment"),
    ("PATCH", V1 + "/nonsense", MERGE, {}, 404, "could not find"),
    # Options that are misspelt do nothing for real.
    ("PATCH", FLAGS + "?dryRun=Maybe", MERGE, {"data": {"x": "y"}}, 422,
     'dryRun: Unsupported value: "Maybe": supported values: "All"'),
    ("PATCH", FLAGS + "?fieldValidation=Often", MERGE, {"data": {"x": "y"}},
     422, 'supported values: "Ignore", "Strict", "Warn"'),
    ("PATCH", FLAGS + "?force=true", MERGE, {"data": {"x": "y"}}, 422,
     "force: Forbidden: may not be specified for non-apply patch"),
    ("PATCH", FLAGS + "?fieldManager=" + "a" * 129, MERGE, {"data": {
        "x": "y"}}, 422, "Too long: may not be more than 128 bytes"),
    ("DELETE", FLAGS, None, b"words", 400, "json parse error"),
    ("DELETE", FLAGS + "?dryRun=Maybe", None, b"", 422, "Unsupported value"),
    ("DELETE", FLAGS + "?gracePeriodSeconds=x", None, b"", 400,
     'parsing "x": invalid syntax'),
    ("DELETE", FLAGS + "?propagationPolicy=x", None, b"", 422,
     '"Background", "Foreground", "Orphan"'),
    ("DELETE", FLAGS, None, {"preconditions": {"resourceVersion": "1"}}, 409,
     "the object has been modified"),
    # Lists and watches.
    ("GET", MAPS + "?limit=x", None, b"", 400, "invalid syntax"),
    ("GET", MAPS + "?continue=%21", None, b"", 400, "continue key is not"),
    ("GET", MAPS + "?continue=" + "A" * 5000, None, b"", 400, "continue key"),
    ("GET", MAPS + "?resourceVersion=x", None, b"", 400, "Invalid value"),
    ("GET", MAPS + "?resourceVersionMatch=Exact", None, b"", 422,
     "is forbidden unless resourceVersion is provided"),
    ("GET", MAPS + "?resourceVersion=0&resourceVersionMatch=Exact", None, b"",
     422, 'forbidden for resourceVersion "0"'),
    ("GET", MAPS + "?watch=1&resourceVersion=x", None, b"", 400, "Invalid"),
    ("GET", MAPS + "?watch=1&fieldSelector=x%3D1", None, b"", 400,
     "field label not supported: x"),
    ("GET", MAPS + "?fieldSelector=%3D", None, b"", 400, "can't understand"),
    # Ways that lead nowhere.
    ("BREW", MAPS, None, b"", 405, "does not allow this method"),
    ("PUT", MAPS, None, config(), 405, "does not allow this method"),
    ("GET", "/api/v1/../../etc/passwd", None, b"", 404, "could not find"),
    ("GET", "/" + "a/" * 3000, None, b"", 404, "could not find"),
    ("GET", PODS + "/%2e%2e", None, b"", 404, 'pods ".." not found'),
    ("POST", REVIEW, None, b"words", 400, "json parse error"),
]


def run(server, case):
    method, path, kind, body, status, words = case
    if not isinstance(body, bytes):
        body = json.dumps(body).encode()
    got = server.send(method, path, {
        "Authorization": "Bearer " + server.tokens["practice-admin-token"],
        "Content-Type": kind or "application/json"}, body)
    answer = json.loads(got[2])
    expect(answer.get("kind") == "Status" and answer.get("code") == got[0],
           "no Status:", got[2][:200])
    expect(got[0] == status and words in answer["message"], "said", got[0],
           answer["message"][:300])


def main():
    server = Server()
    before = server.admin("GET", MAPS), server.admin("GET", V1)["spec"]
    failed = 0
    for case in CASES:
        name = "%s %s %.60s" % (case[0], case[1][:80], case[3])
        try:
            run(server, case)
            after = server.admin("GET", MAPS), server.admin("GET", V1)["spec"]
            for lists in before, after:
                lists[0]["metadata"].pop("resourceVersion", None)
            expect(after == before, "something was done:", after)
            print("PASS:", name)
        except (Failure, ValueError, OSError) as failure:
            failed += 1
            print("FAIL: %s %s" % (name, failure))
    server.close()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
