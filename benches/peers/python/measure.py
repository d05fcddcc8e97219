"""Measures rows of work in turn: many short rounds, of which the median counts.

One JSON line per row on stdout: {peer, row, n, ns}. Rounds of different rows alternate, so that
what disturbs the machine for a while disturbs all rows alike.
"""

import asyncio
import json
import statistics
import time

ROUNDS = 31
ROUND_NS = 5_000_000


def payload():
    return {"request_id": "7f1c2a90", "path": "/search/articles", "actor": "user-81723"}


class Row:
    """Work that can be repeated: `work(count)` does it so many times, as a coroutine or at once."""

    def __init__(self, peer, name, n, work):
        self.peer, self.name, self.n, self.work = peer, name, n, work
        self.count, self.rounds = 1, []

    def once(self, loop):
        begin = time.perf_counter_ns()
        if asyncio.iscoroutinefunction(self.work):
            loop.run_until_complete(self.work(self.count))
        else:
            self.work(self.count)
        return time.perf_counter_ns() - begin


def measure(rows):
    loop = asyncio.new_event_loop()
    for row in rows:
        while row.once(loop) < ROUND_NS:
            row.count *= 2
    for _ in range(ROUNDS):
        for row in rows:
            row.rounds.append(row.once(loop) / row.count)
    loop.close()
    for row in rows:
        ns = statistics.median(row.rounds)
        print(json.dumps({"peer": row.peer, "row": row.name, "n": row.n, "ns": ns}))
