// A process of `deno task test:sim`: runs simulations, and prints their sums now and then as a line of JSON.

import { simulate } from "../../src/simulator/mod.ts";
import { parseOptions, readNumber, readSimulateOptions, SIMULATE_OPTION_NAMES } from "./arguments.ts";
import { addResult, newTally } from "./tally.ts";

const BATCH_MS = 500;

const parsed = parseOptions(Deno.args, [...SIMULATE_OPTION_NAMES, "from", "runs", "step"]);
const { from, runs, step } = {
  from: readNumber(parsed, "from") ?? 1,
  runs: readNumber(parsed, "runs") ?? 1,
  step: readNumber(parsed, "step") ?? 1,
};
const options = readSimulateOptions(parsed);
let tally = newTally();
let printedMs = performance.now();

function print(): void {
  console.log(JSON.stringify(tally));
  tally = newTally();
  printedMs = performance.now();
}

for (let index = 0; index < runs; index++) {
  addResult(tally, await simulate({ ...options, seed: from + index * step }));
  if (tally.failures.length || performance.now() - printedMs > BATCH_MS) print();
}
print();
