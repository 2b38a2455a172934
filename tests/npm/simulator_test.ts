// Some simulations on each runtime: with seeds of its own, where no promise may be broken, and with the same seeds, where the result
// must be the same as in Deno.

import { assert, assertEquals } from "@std/assert";
import { simulate, SIMULATION_KINDS, type SimulationKind } from "../../src/simulator/mod.ts";
import { Consumer, type Loading } from "./consumer.ts";
import { packageTest } from "./environment.ts";
import { assertSuitePasses, bundleSuite, forEachProgram } from "./programs.ts";
import type { ExpectedSimulation, Simulations } from "./simulator_suite.ts";

/** The number of seeds of its own for each module format on each runtime. */
const COUNT = 10;
/** The first of them. `deno task test:sim` draws new ones. */
const FIRST_SEED = 1_000;

/** Runs a simulation in Deno. */
async function simulateInDeno(kind: SimulationKind): Promise<ExpectedSimulation> {
  const { seed, intervals, stats, violations, timeline } = await simulate({ seed: 11, kind, intervals: 25 });
  assertEquals(violations, []);
  assert(stats.runs > 0 && timeline().split("\n").length > 50);
  return { seed, kind, intervals, stats, timeline: timeline() };
}

packageTest("simulate() breaks no promise on each runtime, and a seed has the same result on each", async (t) => {
  const expected: ExpectedSimulation[] = [];
  for (const kind of SIMULATION_KINDS) expected.push(await simulateInDeno(kind));
  await using consumer = await Consumer.create();
  let firstSeed = FIRST_SEED;
  const bundle = (loading: Loading): Promise<string> => bundleSuite(consumer, "simulator_suite", loading);
  await forEachProgram(t, bundle, async (program) => {
    const simulations: Simulations = { firstSeed, count: COUNT, expected };
    const file = `simulations_${firstSeed}.json`;
    firstSeed += COUNT;
    await consumer.write(file, JSON.stringify(simulations));
    await assertSuitePasses(consumer, program, COUNT + SIMULATION_KINDS.length, { env: { SIMULATIONS_FILE: file } });
  });
});
