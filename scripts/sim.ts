// deno task sim --seed S [--kind K] [--replicas 0,2] [--intervals N] [--without pause,kill] [--shrink]
//
// Lets one simulated world run and prints its timeline; with --shrink that of the smallest world in which the same breaks.

import { shrinkSimulation, simulate } from "../src/testing/mod.ts";
import { commandOf, numberOf, valuesOf, WORLD_NAMES, worldOf } from "./sim/arguments.ts";

async function main(): Promise<number> {
  const values = valuesOf(Deno.args, WORLD_NAMES, ["shrink"]);
  const seed = numberOf(values, "seed");
  if (seed === undefined) throw new Error("Cannot simulate a world as --seed is missing: current value is undefined");
  const options = { ...worldOf(values), seed };
  const { result, options: shown } = values.shrink
    ? await shrinkSimulation(options)
    : { result: await simulate(options), options };
  console.log(result.timeline());
  console.log(JSON.stringify(result.stats, null, 2));
  for (const { promise, text, step } of result.violations) console.log(`BROKEN at step ${step}: ${promise}: ${text}`);
  if (values.shrink) console.log(`To see it again: ${commandOf(shown)}`);
  return result.violations.length ? 1 : 0;
}

if (import.meta.main) Deno.exit(await main());
