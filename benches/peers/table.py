"""Reads the sittings of `run` and prints ours beside the peers.

Exit code 0: every goal is kept. 1: one is missed. 2: something was not measured.

A ratio is the peer's time over ours, both of one sitting, ours being the mean of the runs just
before and just after the peer's; what counts is the median over the sittings.
"""

import json
import statistics
import sys
from pathlib import Path

# (what it is, peer, the peer's row, n, our row, least ratio that is good enough or None).
# The goals are those of the design's table of budgets, "against peers run beside it".
DISPATCH = [
    ("collect, sync hook", "dagstack", "collect sync", 10, "given: collect N=10 sync hook", 18.0),
    ("collect, async hook", "dagstack", "collect async", 10, "given: collect N=10 ready", None),
    ("collect, async hook", "dagstack", "collect async", 100, "given: collect N=100 ready", 10.0),
    ("chain, handed on", "dagstack", "chain async", 10, "given: chain N=10, value handed on", 3.5),
    ("notify, async hook", "dagstack", "notify async", 10, "notify N=10 ready", None),
    ("chain, new values", "dagstack", "chain fresh", 10, "chain N=10, every step validated", None),
    ("capability, async hook", "dagstack", "capability async", 10, "capability N=10", None),
    ("collect, sync hook", "pluggy", "hook", 10, "given: collect N=10 sync hook", 9.0),
    ("collect, async hook", "tapable", "AsyncParallelHook", 10, "given: collect N=10 ready", 1 / 1.8),
    ("collect, async hook", "tapable", "AsyncParallelHook", 100, "given: collect N=100 ready", 1.4),
    ("collect, sync hook", "tapable", "AsyncParallelHook", 10, "given: collect N=10 sync hook", 1.0),
    ("chain, handed on", "tapable", "AsyncSeriesWaterfallHook", 10, "given: chain N=10, value handed on", None),
]
VALIDATORS = [
    (f"{size}: {what}", "ajv", size, 1, (size, column), None)
    for size in ("small", "1 KB", "100 KB")
    for what, column in (("by the schema", "is_valid"), ("by the type", "check"))
]
FOOTER = """\
ratio: the peer's time over ours in one sitting, median of the sittings, least and most in brackets.
In the rows with goals payloads were made before the clock started; ours has a new one for each
dispatch, so that every input is validated. In the others ours makes its payload in the time that is
measured. Only ours validates, bounds time, counts calls and puts names on the answers. dagstack
catches exceptions, sorts the plugins at each call and awaits one after another. pluggy and tapable
end at the first error, and tapable collects no answers from AsyncParallelHook.
"By the type" checks a value that is typed already, where the compiler has proved the rest."""


def main(folder):
    sittings = sorted(folder.glob("sitting-*"))
    if not sittings:
        unmeasured("no sitting was measured")
    row_of = [
        (spec, [measured(sitting, spec) for sitting in sittings]) for spec in DISPATCH + VALIDATORS
    ]
    print(f"{'row':<24} {'peer':<34} {'N':>3} {'peer':>10} {'ours':>10}  {'ratio':<24} goal")
    missed = 0
    for (what, peer, name, n, _, goal), pairs in row_of:
        ratios = sorted(theirs / ours for theirs, ours in pairs)
        ratio = statistics.median(ratios)
        theirs, ours = (statistics.median(side) for side in zip(*pairs))
        verdict = "-"
        if goal is not None:
            # Faster than a peer means faster, not as fast.
            kept = ratio > goal if goal == 1.0 else ratio >= goal
            missed += not kept
            verdict = f"{'kept' if kept else 'MISSED'}  {wanted(goal)}"
        spread = f"{ratio:.2f}x ({ratios[0]:.2f} to {ratios[-1]:.2f})"
        print(
            f"{what:<24} {peer + ' ' + name:<34} {n:>3} {time(theirs):>10} {time(ours):>10}"
            f"  {spread:<24} {verdict}"
        )
    print(f"\n{len(sittings)} sittings\n{FOOTER}")
    if missed:
        print(f"\ngoals missed: {missed}")
        sys.exit(1)


def measured(sitting, spec):
    _, peer, name, n, ours, _ = spec
    lines = (sitting / f"{peer}.jsonl").read_text().splitlines()
    theirs = [row["ns"] for row in map(json.loads, lines) if (row["row"], row["n"]) == (name, n)]
    beside = [of_ours(sitting / f"{peer}-{when}.json", ours) for when in ("before", "after")]
    if not theirs:
        unmeasured(f"{sitting}: {peer} printed no row {name!r} with N={n}")
    return theirs[0], statistics.mean(beside)


def of_ours(path, wanted_row):
    name, column = wanted_row if isinstance(wanted_row, tuple) else (wanted_row, None)
    for row in json.loads(path.read_text())["rows"]:
        if row["name"] == name:
            return row["ns"][column] if column else row["ours_ns"]
    unmeasured(f"{path}: there is no row {name!r}; was it renamed?")


def unmeasured(why):
    print(why, file=sys.stderr)
    sys.exit(2)


def wanted(goal):
    if goal == 1.0:
        return "faster"
    return f">= {goal:g}x" if goal > 1 else f"at most {1 / goal:g}x slower"


def time(ns):
    return f"{ns / 1e3:.2f} us" if ns >= 1e3 else f"{ns:.1f} ns"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
