"""make bench: the measured case for the tool (see CONTRIBUTING.md).

Cutovers by script and by the tool, side by side: in worlds of one kind, one
after the other, RUNS times each, by turns so that a noisy minute meets all of
them. Then the budgets. Every figure is given as median (least to most).

Environment: RUNS=3, PODS="4 20 100", WAYS="a b c d", BUDGETS=yes|no.
"""
import os
import statistics
import sys
import tempfile
import time

import walks
import budgets          # after walks, which tells where its helpers are
import split

TOOL_MS = 100           # the tool's own share of the outage


def print_machine():
    """How busy it is: what a millisecond's sleep and a sync take here."""
    naps, syncs = [], []
    with tempfile.TemporaryFile() as file:
        for _ in range(200):
            began = time.monotonic()
            time.sleep(0.001)
            naps.append(1000 * (time.monotonic() - began))
            file.write(b"x" * 400)
            file.flush()
            began = time.monotonic()
            os.fdatasync(file.fileno())
            syncs.append(1000 * (time.monotonic() - began))
    print("machine: %d processors, load %.1f; a sleep of 1 ms takes %s ms, a "
          "sync to disk %s ms" % (os.cpu_count(), os.getloadavg()[0],
                                  spread(naps, digits=1),
                                  spread(syncs, digits=1)), flush=True)


def spread(values, unit=1.0, digits=0):
    """median (least to most)"""
    ordered = sorted(value / unit for value in values)
    middle = statistics.median(ordered)
    if ordered[0] == ordered[-1]:
        return "%.*f" % (digits, middle)
    return "%.*f (%.*f to %.*f)" % (digits, middle, digits, ordered[0],
                                    digits, ordered[-1])


def of(results, name):
    return [result[name] for result in results]


def print_outages(pods, results):
    print("\n%d pods of each version" % pods)
    print("  %-34s %-22s %-20s %-20s %-10s %s" % (
        "", "write outage, s", "read outage, s", "errors users saw",
        "lost", "against (a)"))
    base = statistics.median(of(results["a"], "writes")) \
        if results.get("a") else None
    for letter, name, _ in walks.WAYS:
        if not results.get(letter):
            continue
        mine = results[letter]
        ratio = statistics.median(of(mine, "writes")) / base if base else 0
        print("  (%s) %-30s %-22s %-20s %-20s %-10s %s" % (
            letter, name, spread(of(mine, "writes"), 1000, 2),
            spread(of(mine, "reads"), 1000, 2), spread(of(mine, "errors")),
            spread(of(mine, "lost")), "1/%.1f" % (1 / ratio) if ratio else ""))


def print_splits(results):
    """True when the tool's own share is within its budget."""
    good = True
    for letter, name, _ in walks.WAYS:
        mine = [result["split"] for result in results.get(letter, [])
                if "split" in result]
        if not mine:
            continue
        print("  (%s) outage in ms: %s" % (letter, ", ".join(
            "%s %s" % (part, spread([one[part] for one in mine]))
            for part in split.PARTS)))
        share = statistics.median(one["tool"] for one in mine)
        good &= share <= TOOL_MS
        print("      the tool's own share: %.0f ms of %d  %s"
              % (share, TOOL_MS, "ok" if share <= TOOL_MS else "NO"))
    return good


def print_budgets():
    """True when all are kept."""
    good = True
    print("\nBudgets")
    for name, unit, most, judged, values in budgets.measure():
        kept = most is None or judged <= most
        good &= kept
        print("  %-36s %6.2f %-2s %-8s %-3s  %s" % (
            name, judged, unit, "" if most is None else "of %g" % most,
            "" if most is None else "ok" if kept else "NO",
            spread(values, digits=2)), flush=True)
    return good


def measure(pods, runs, ways):
    results = {letter: [] for letter in ways}
    for number in range(runs):
        for letter, name, walk in walks.WAYS:
            if letter not in ways:
                continue
            began = time.monotonic()
            results[letter].append(walk(pods))
            print("  run %d of %d, %d pods, (%s): %.2f s of refused writes"
                  ", in %.0f s" % (number + 1, runs, pods, letter,
                                   results[letter][-1]["writes"] / 1000,
                                   time.monotonic() - began),
                  file=sys.stderr, flush=True)
    return results


def main():
    lacking = walks.missing_tools()
    if lacking:
        print("SKIP: there is no " + ", ".join(lacking))
        sys.exit(77)
    runs = int(os.environ.get("RUNS") or 3)
    ways = (os.environ.get("WAYS") or "a b c d").split()
    good = True
    print("cutover's bench: %d run%s each, median (least to most)"
          % (runs, "" if runs == 1 else "s"))
    print_machine()
    for pods in (os.environ.get("PODS") or "4 20 100").split():
        results = measure(int(pods), runs, ways)
        print_outages(int(pods), results)
        good &= print_splits(results)
        print_machine()
    if os.environ.get("BUDGETS") != "no":
        good &= print_budgets()
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
