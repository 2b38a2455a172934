// A process of `deno task test:sim`: lets each of its worlds run, and tells of them in lines of JSON.

import { simulate } from "../../src/testing/mod.ts";
import { numberOf, valuesOf, WORLD_NAMES, worldOf } from "./arguments.ts";
import { addResult, newTally } from "./tally.ts";

const BATCH_MS = 500;

const values = valuesOf(Deno.args, [...WORLD_NAMES, "from", "worlds", "step"]);
const first = numberOf(values, "from")!;
const step = numberOf(values, "step")!;
const world = worldOf(values);
let tally = newTally();
let toldMs = performance.now();
const tell = (): void => {
  console.log(JSON.stringify(tally));
  tally = newTally();
  toldMs = performance.now();
};
for (let left = numberOf(values, "worlds")!, seed = first; left > 0; left--, seed += step) {
  addResult(tally, await simulate({ ...world, seed }));
  if (tally.failures.length || performance.now() - toldMs > BATCH_MS) tell();
}
tell();
