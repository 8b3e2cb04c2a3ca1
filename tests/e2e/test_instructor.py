#!/usr/bin/env python3
"""A second terminal talks to a practice world: faults begun and cleared by
hand over its control socket."""
import os
import socket
import stat
import urllib.error

from test_world import World, stands_still
from walk import check, main, wait_until


def talk(world, line):
    """The answer's lines without its last, and the last."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(10)
        client.connect(os.path.join(world.dir, "control"))
        client.sendall((line + "\n").encode())
        client.shutdown(socket.SHUT_WR)
        text = b"".join(iter(lambda: client.recv(65536), b"")).decode()
    *lines, last = text.splitlines()
    check(all(line.startswith(" ") for line in lines), text)
    return lines, last


def status_code(world, enabled=None):
    try:
        world.flag(enabled)
        return 200
    except urllib.error.HTTPError as refusal:
        return refusal.code


def test_flag():
    """the flag service goes down, slow and inert by hand, and comes back"""
    with World("--pods", "1", "--start-delay", "100") as world:
        mode = os.stat(os.path.join(world.dir, "control")).st_mode
        check(stat.S_IMODE(mode) == 0o600, "mode %o" % mode)
        lines, last = talk(world, "faults")
        check(last == "ok" and any("flag-down" in line for line in lines),
              str(lines))
        check(talk(world, "inject flag-down") == ([" flag-down begun"], "ok"),
              "flag-down")
        check(status_code(world) == 503, "it still answers")
        check(any("flag-down since" in line
                  for line in talk(world, "status")[0]), "status")
        check(talk(world, "clear flag-down")[1] == "ok", "clear")
        check(status_code(world) == 200, "it is still down")

        talk(world, "inject flag-inert")
        check(world.flag(False)["enabled"] is False, "the PATCH's answer")
        check(world.flag()["enabled"] is True, "it has an effect")
        check(talk(world, "clear all") == ([" flag-inert cleared"], "ok"),
              "clear all")

        check(talk(world, "inject flag-slow seconds=1")[1] == "ok", "slow")
        world.flag(False)
        wait_until("the flag's effect", lambda: stands_still(world))
        talk(world, "clear flag-slow")
        world.flag(True)
        for line in ("inject", "inject nonsense", "inject flag-slow seconds=x",
                     "inject flag-slow pods=1", "inject flag-down now",
                     "clear flag-down", "clear", "", "finis"):
            check(talk(world, line)[1].startswith("error: "), line)
        numbers, (writes, _) = world.finish()
        check(numbers[2:] == (0, 0), str(numbers))
        check(writes > 0.5, "no outage was felt: %s" % writes)


if __name__ == "__main__":
    main([test_flag])
