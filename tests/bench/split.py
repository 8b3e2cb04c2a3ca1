"""Where the write outage of a run went, by its journal.

Each part is time between two records, so the parts never overlap:

replication  statements of fence and promotion, from `action.intended` to their
             answer; and, after the fence, what the check `missing` still took
             once the fence itself was seen: that is the replica catching up
pods         from the answer to the patch of a Deployment until the check that
             counts its pods passed
network      requests to the flag, the API server and the application, from
             `action.intended` to their answer; and from the flip until its
             endpoints were seen, which is the cluster's doing
quiet        at a gate with a `quiet` guard: as long as the runbook asks for the
             source to stand still, at most. A wait that the runbook wants, and
             neither of the tool's making nor of the databases'
tool         all the rest of the window, from `window.opened` to
             `window.closed`: guards judged, records synced, observing what was
             done
users        what the users felt beyond the window, or, below nought, less:
             until each pod had heard of the flag, and their own pace
"""
import json
import re

PARTS = ("replication", "pods", "network", "quiet", "tool", "users")
QUIET = re.compile(r"quiet:\s*\{[^}]*for:\s*(\d+)ms")


def read(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def window(journal):
    """The records of the window, in order."""
    events = [record["event"] for record in journal]
    return journal[events.index("window.opened"):
                   events.index("window.closed") + 1]


def add_actions(records, parts):
    """Intended until done, by who was asked; the last answer of each step."""
    began, answered = None, {}
    for record in records:
        if record["event"] == "action.intended":
            began = record
        elif record["event"] == "action.done":
            sql = re.match(r"(SET|CALL|STOP|RESET)\b", began["request"])
            parts["replication" if sql else "network"] += \
                record["mono"] - began["mono"]
            answered[record["step"]] = (record["mono"], began["request"])
    return answered


def add_checks(records, answered, parts):
    """What the checks waited for, where it was not for the tool's own eyes."""
    seen = {}
    for record in records:
        if record["event"] != "check.passed":
            continue
        step, at = record["step"], record["mono"]
        answer, request = answered[step]
        if "/deployments/" in request:
            parts["pods"] += at - max(answer, seen.get(step, 0))
        elif "/services/" in request:
            parts["network"] += at - max(answer, seen.get(step, 0))
        elif step == "fence" and step in seen:
            parts["replication"] += at - seen[step]
        seen[step] = at


def add_quiet(records, limit, parts):
    """From a gate's opening until its quiet guard was green, at most limit."""
    for i, record in enumerate(records):
        if record["event"] != "gate.opened":
            continue
        for later in records[i + 1:]:
            if later["event"] in ("gate.confirmed", "gate.opened"):
                break
            if later["event"] == "guard.changed" and \
                    " is quiet for " in later["text"] and \
                    later["state"] == "green":
                parts["quiet"] += min(limit, later["mono"] - record["mono"])


def split(journal, runbook_text, outage_ms):
    """{part: ms}; their sum is the outage that users felt."""
    parts = dict.fromkeys(PARTS, 0)
    records = window(journal)
    add_checks(records, add_actions(records, parts), parts)
    wanted = QUIET.search(runbook_text)
    add_quiet(records, int(wanted.group(1)) if wanted else 0, parts)
    lasted = records[-1]["mono"] - records[0]["mono"]
    parts["tool"] = lasted - sum(parts.values())
    parts["users"] = outage_ms - lasted
    return parts
