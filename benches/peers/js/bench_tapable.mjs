// tapable: the hooks nearest to collect and chain, over trivial plugins that answer from promises.

import { measure, require } from "./measure.mjs";

const { AsyncParallelHook, AsyncSeriesWaterfallHook } = require("tapable");

const payload = () => ({
  request_id: "7f1c2a90",
  path: "/search/articles",
  actor: "user-81723",
});
let calls = 0;

const same = async (event) => {
  calls += 1;
  return event;
};
async function row(Hook, name, n, plugin) {
  const hook = new Hook(["event"]);
  for (let index = 0; index < n; index += 1) {
    hook.tapPromise(`plugin-${index}`, plugin);
  }
  const event = payload();
  await hook.promise(event);
  if (calls !== n) throw new Error(`${name}: ${calls} of ${n} plugins were called`);
  calls = 0;
  const work = async (count) => {
    for (let index = 0; index < count; index += 1) await hook.promise(event);
  };
  return { peer: "tapable", row: name, n, work };
}

await measure([
  await row(AsyncParallelHook, "AsyncParallelHook", 10, same),
  await row(AsyncParallelHook, "AsyncParallelHook", 100, same),
  await row(AsyncSeriesWaterfallHook, "AsyncSeriesWaterfallHook", 10, same),
]);
