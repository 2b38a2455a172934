// deno task bench
//
// Prints how well a task keeps its time, what replicas that share one ask of their store, and what many idle schedulers cost
// beside as many bare timers. Nothing depends on how fast the machine is, and a goal that is missed is no failure: the exit code
// tells only whether all could be measured.

import { benchCoordination } from "./bench/coordination.ts";
import { benchLateness } from "./bench/lateness.ts";
import { benchMemory } from "./bench/memory.ts";
import { benchSize } from "./bench/size.ts";
import { benchTenDays } from "./bench/ten_days.ts";

/** Runs all parts, one after another as they would disturb each other, and returns the exit code. */
async function main(): Promise<number> {
  console.log(`Deno ${Deno.version.deno}, V8 ${Deno.version.v8}, ${navigator.hardwareConcurrency} cores`);
  let code = 0;
  for (const part of [benchTenDays, benchCoordination, benchSize, benchMemory, benchLateness]) {
    try {
      await part();
    } catch (error) {
      console.error(error instanceof Error ? error.message : error);
      code = 1;
    }
  }
  return code;
}

if (import.meta.main) Deno.exit(await main());
