// deno task bench
//
// Measures the package by itself: how late an hourly task starts over ten days, how often replicas call their store, the size of
// the core, and the memory and lateness of many idle schedulers beside bare timers. A missed goal is no failure: the exit code
// is 1 only if something cannot be measured.

import { benchCoordination } from "./core/coordination.ts";
import { benchLateness } from "./core/lateness.ts";
import { benchMemory } from "./core/memory.ts";
import { benchSize } from "./core/size.ts";
import { benchTenDays } from "./core/ten_days.ts";

/** Runs all parts, one after another so that they do not disturb each other, and returns the exit code. */
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
