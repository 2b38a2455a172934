// deno task sim --seed S [--kind K] [--replicas 0,2] [--intervals N] [--without pause,kill] [--shrink]
//
// Runs one simulation and prints its timeline. With --shrink it prints the smallest one in which the same promise is broken.

import { shrinkSimulation, simulate } from "../src/simulator/mod.ts";
import { commandOf, parseOptions, readNumber, readSimulateOptions, SIMULATE_OPTION_NAMES } from "./sim/arguments.ts";

async function main(): Promise<number> {
  const parsed = parseOptions(Deno.args, SIMULATE_OPTION_NAMES, ["shrink"]);
  const seed = readNumber(parsed, "seed");
  if (seed === undefined) throw new Error("Cannot simulate as --seed is missing: current value is undefined");
  const given = { ...readSimulateOptions(parsed), seed };
  const { result, options } = parsed.shrink
    ? await shrinkSimulation(given)
    : { result: await simulate(given), options: given };
  console.log(result.timeline());
  console.log(JSON.stringify(result.stats, null, 2));
  for (const { promise, text, step } of result.violations) console.log(`BROKEN at step ${step}: ${promise}: ${text}`);
  if (parsed.shrink) console.log(`To show it again: ${commandOf(options)}`);
  return result.violations.length ? 1 : 0;
}

if (import.meta.main) Deno.exit(await main());
