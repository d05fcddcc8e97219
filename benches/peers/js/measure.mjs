// Measures rows of work in turn: many short rounds, of which the median counts. One JSON line per
// row on stdout: {peer, row, n, ns}. Rounds of different rows alternate, so that what disturbs the
// machine for a while disturbs all rows alike.

import { createRequire } from "node:module";

const ROUNDS = 31;
const WARM_UP = 5;
const ROUND_NS = 5e6;

/** The packages are installed in the scratch folder, not beside these files. */
export const require = createRequire(`${process.env.HOOKSPEC_PEERS}/package.json`);

async function once(row) {
  const begin = process.hrtime.bigint();
  // Work that is synchronous is not awaited: only what it really costs counts.
  const done = row.work(row.count);
  if (done instanceof Promise) await done;
  return Number(process.hrtime.bigint() - begin);
}

/** rows: {peer, row, n, work(count)}. */
export async function measure(rows) {
  for (const row of rows) {
    row.count = 1;
    row.rounds = [];
    while ((await once(row)) < ROUND_NS) row.count *= 2;
  }
  for (let round = 0; round < WARM_UP + ROUNDS; round += 1) {
    for (const row of rows) {
      const ns = (await once(row)) / row.count;
      if (round >= WARM_UP) row.rounds.push(ns);
    }
  }
  for (const { peer, row, n, rounds } of rows) {
    rounds.sort((one, other) => one - other);
    console.log(JSON.stringify({ peer, row, n, ns: rounds[rounds.length >> 1] }));
  }
}
