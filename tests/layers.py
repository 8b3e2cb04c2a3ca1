#!/usr/bin/env python3
"""Checks the house's layers from the #include lines.

Calls go downwards only (DESIGN, section 4): a room includes itself and the
rooms below it. Some system libraries belong to certain rooms, and the pure
rooms reach no socket, not even through another header. The rules are the
tables below. Before it looks at the real tree the test proves on a planted
one that it finds each kind of violation.
"""
import os
import re
import sys
import tempfile

# From the top down; main.c stands above all of them.
ORDER = ("commands tui plain view report conduct engine journal observe "
         "perform runbook kube db net base").split()

# The practice world is a program of its own on the lower floors; nobody
# includes its headers. A scenario is read as a runbook is, and follows a run's
# journal.
WORLD = "rehearsal"
WORLD_MAY = {WORLD, "base", "net", "db", "kube", "runbook", "journal"}

# Rooms that know neither sockets nor the loop.
PURE = {"view", "report", "engine", "journal", "runbook"}
SOCKETS = re.compile(r"(sys/socket|sys/un|netdb|poll|sys/epoll|netinet/.*|"
                     r"arpa/.*)\.h$")

# System headers, and where they may be included: a room, or a file's prefix.
# The practice world is free in its libraries.
OWNED = [
    (re.compile(r"(n?cursesw?|panel|term|menu|form)\.h$|ncurses"), ["tui/"]),
    (re.compile(r"curl/"), ["net/", "kube/"]),
    (re.compile(r"(mysql|mariadb)"), ["db/"]),
    (re.compile(r"yaml\.h$"), ["runbook/", "kube/kubeconfig"]),
    (re.compile(r"microhttpd\.h$"), []),
    (re.compile(r"libintl\.h$"), ["base/i18n"]),
]

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)


def read_tree(src):
    """{path below src: [(is_system, header)]}; "x.h" is made "room/x.h"."""
    tree = {}
    for folder, _, names in os.walk(src):
        for name in names:
            if not name.endswith((".c", ".h")):
                continue
            path = os.path.relpath(os.path.join(folder, name), src)
            with open(os.path.join(src, path), encoding="utf-8") as text:
                found = INCLUDE.findall(text.read())
            here = os.path.dirname(path)
            tree[path] = [
                (mark == "<", header if mark == "<" or "/" in header
                 else os.path.join(here, header))
                for mark, header in found]
    return tree


def room_of(path):
    return path.split("/")[0] if "/" in path else None


def check_room(path, header):
    """What is wrong with including one of our own headers, or None."""
    room, other = room_of(path), room_of(header)
    if room is None or other is None or room == other:
        return None
    if other == WORLD:
        return "nobody includes the practice world"
    if room == WORLD:
        return None if other in WORLD_MAY else "the practice world stands apart"
    for name in (room, other):
        if name not in ORDER:
            return f"'{name}' is no room; add it to ORDER in tests/layers.py"
    if ORDER.index(other) < ORDER.index(room):
        return f"{other}/ stands above {room}/"
    return None


def check_system(path, header):
    if room_of(path) == WORLD:
        return None
    for pattern, places in OWNED:
        if pattern.match(header) and not path.startswith(tuple(places)):
            return "belongs to " + (" and ".join(places) or "rehearsal/")
    return None


def reached(tree, path):
    """Every header that path reaches, with the chain that leads there."""
    chains, todo = {}, [(path, [])]
    while todo:
        current, chain = todo.pop()
        for system, header in tree.get(current, ()):
            if header not in chains:
                chains[header] = chain + [header]
                if not system:
                    todo.append((header, chains[header]))
    return chains


def violations(tree):
    found = []
    for path in sorted(tree):
        for system, header in tree[path]:
            why = (check_system if system else check_room)(path, header)
            if why:
                found.append(f"src/{path}: {header}: {why}")
        if room_of(path) in PURE:
            for header, chain in reached(tree, path).items():
                if header.startswith("net/") or SOCKETS.match(header):
                    found.append(f"src/{path}: {' > '.join(chain)}: "
                                 f"{room_of(path)}/ knows no sockets")
    return found


PLANTED = {
    # file: (text, how many violations)
    "base/a.c": ('#include "base/a.h"\n#include <curl/curl.h>\n', 1),
    "base/a.h": ("", 0),
    "net/n.h": ("#include <curl/curl.h>\n", 0),
    "db/d.c": ('#include "net/n.h"\n#include <mysql.h>\n', 0),
    "db/up.c": ('  #  include "kube/k.h"\n', 1),
    "kube/k.h": ("#include <yaml.h>\n", 1),
    "kube/kubeconfig_read.c": ("#include <yaml.h>\n", 0),
    "view/rows.c": ('#include "rows.h"\n#include <curses.h>\n', 2),
    "view/rows.h": ('#include "observe/facts.h"\n', 1),
    "observe/facts.h": ('#include "net/n.h"\n', 0),
    "engine/e.c": ("#include <sys/socket.h>\n", 1),
    "engine/w.c": ('#include "rehearsal/w.h"\n', 1),
    "rehearsal/w.h": ('#include "engine/e.h"\n#include <mysql.h>\n', 1),
    "attic/x.c": ('#include "base/a.h"\n', 1),
    "plain/p.c": ("#include <microhttpd.h>\n#include <libintl.h>\n", 2),
    "main.c": ('#include "commands/c.h"\n', 0),
}


def self_test():
    """True if every planted violation is found, and nothing else."""
    with tempfile.TemporaryDirectory() as src:
        for path, (text, _) in PLANTED.items():
            os.makedirs(os.path.dirname(os.path.join(src, path)), exist_ok=True)
            with open(os.path.join(src, path), "w", encoding="utf-8") as file:
                file.write(text)
        found = violations(read_tree(src))
    good = True
    for path, (_, expected) in PLANTED.items():
        mine = [line for line in found if line.startswith(f"src/{path}: ")]
        if len(mine) != expected:
            print(f"FAIL: planted in {path}: {expected} expected, found {mine}")
            good = False
    return good


def main():
    src = os.path.join(os.environ.get("CUTOVER_SOURCE", "."), "src")
    tree = read_tree(src)
    if not tree:
        sys.exit(f"FAIL: no sources in {src}")
    if not self_test():
        sys.exit(1)
    print("PASS: planted violations are found")
    found = violations(tree)
    for line in found:
        print(line)
    count = sum(len(includes) for includes in tree.values())
    print(f"{'FAIL' if found else 'PASS'}: {len(tree)} files, {count} "
          f"includes, {len(found)} that break a layer")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
