// Some simulations on each runtime: with new seeds, where no promise may be broken, and with fixed seeds, where the result must be
// the same as in Deno.

import { assert, assertEquals } from "@std/assert";
import { simulate, type WorldKind } from "../../src/testing/mod.ts";
import { Consumer, type Loading } from "./consumer.ts";
import { packageTest } from "./environment.ts";
import { assertSuitePasses, bundleSuite, forEachProgram } from "./programs.ts";
import type { ExpectedSimulation, Simulations } from "./simulator_suite.ts";

/** The number of new seeds for each module format on each runtime. */
const COUNT = 10;
/** New seeds are below this number, as those of `deno task test:sim`. */
const MAX_SEED = 2 ** 40;

const KINDS: readonly WorldKind[] = ["quiet", "calm", "skewed", "pauses", "chaos", "mixed"];

/** Runs a simulation in Deno. */
async function simulateInDeno(kind: WorldKind): Promise<ExpectedSimulation> {
  const { seed, intervals, stats, violations, timeline } = await simulate({ seed: 11, kind, intervals: 25 });
  assertEquals(violations, []);
  assert(stats.runs > 0 && timeline().split("\n").length > 50);
  return { seed, kind, intervals, stats, timeline: timeline() };
}

packageTest("simulate() breaks no promise on each runtime, and a seed has the same result on each", async (t) => {
  const expected: ExpectedSimulation[] = [];
  for (const kind of KINDS) expected.push(await simulateInDeno(kind));
  await using consumer = await Consumer.create();
  let firstSeed = Math.floor(MAX_SEED * Math.random());
  const bundle = (loading: Loading): Promise<string> => bundleSuite(consumer, "simulator_suite", loading);
  await forEachProgram(t, bundle, async (program) => {
    const simulations: Simulations = { firstSeed, count: COUNT, expected };
    const file = `simulations_${firstSeed}.json`;
    firstSeed += COUNT;
    await consumer.write(file, JSON.stringify(simulations));
    await assertSuitePasses(consumer, program, COUNT + KINDS.length, { env: { SIMULATIONS_FILE: file } });
  });
});
