#!/usr/bin/env python3
"""chain.py FILE...: makes handwritten records a journal, in place.

Each line is a record; seq and prev are filled in anew, and at is counted from
the first record's by mono, so that a line can be edited, put in or taken out
by hand and the file still verifies.
"""
import datetime
import hashlib
import json
import sys

STAMP = "%Y-%m-%dT%H:%M:%S.%fZ"


def chained(lines):
    prev, start = "0" * 64, None
    for seq, line in enumerate(lines, 1):
        fields = json.loads(line)
        for name in ("seq", "prev"):
            fields.pop(name, None)
        at, mono = fields.pop("at", None), fields.pop("mono")
        if start is None:
            start = (datetime.datetime.strptime(at, STAMP)
                     - datetime.timedelta(milliseconds=mono))
        now = start + datetime.timedelta(milliseconds=mono)
        record = {"seq": seq, "at": now.strftime(STAMP)[:-4] + "Z",
                  "mono": mono, **fields, "prev": prev}
        text = json.dumps(record, separators=(",", ":"), ensure_ascii=False)
        prev = hashlib.sha256(text.encode()).hexdigest()
        yield text + "\n"


for name in sys.argv[1:]:
    with open(name, encoding="utf-8") as file:
        text = "".join(chained(file.read().splitlines()))
    with open(name, "w", encoding="utf-8") as file:
        file.write(text)
