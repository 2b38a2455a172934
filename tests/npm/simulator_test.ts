// A share of the simulator's worlds, by the installed package on each runtime: worlds with new seeds, in which no promise may break,
// and worlds with seeds that stay, which must be the very ones that Deno sees from the source.

import { assert, assertEquals } from "@std/assert";
import { simulate, SIMULATION_KINDS, type SimulationKind } from "../../src/simulator/mod.ts";
import { Consumer, SKIPPED, TARBALL } from "./consumer.ts";
import { bundled, mustPass, onEach } from "./programs.ts";
import type { KnownWorld, Worlds } from "./simulator_suite.ts";

/** New worlds, for each runtime and module format. */
const COUNT = 20;
/** Seeds of the new ones are as large as those of `deno task test:sim`. */
const SEEDS = 2 ** 40;

/** A world as Deno sees it. */
async function known(kind: SimulationKind): Promise<KnownWorld> {
  const { seed, intervals, stats, violations, timeline } = await simulate({ seed: 11, kind, intervals: 25 });
  assertEquals(violations, []);
  assert(stats.runs > 0 && timeline().split("\n").length > 50);
  return { seed, kind, intervals, stats, timeline: timeline() };
}

Deno.test({
  name: `simulated worlds keep every promise on each runtime, and the same seed gives the same world${SKIPPED}`,
  ignore: TARBALL === undefined,
  fn: async (t) => {
    const worlds: KnownWorld[] = [];
    for (const kind of SIMULATION_KINDS) worlds.push(await known(kind));
    await using consumer = await Consumer.create();
    let from = Math.floor(SEEDS * Math.random());
    const bundle = (loading: "esm" | "cjs"): Promise<string> => bundled(consumer, "simulator_suite", loading);
    await onEach(t, consumer, bundle, async (program) => {
      const told: Worlds = { from, count: COUNT, known: worlds };
      await consumer.write("worlds.json", JSON.stringify(told));
      from += COUNT;
      await mustPass(consumer, program, COUNT + SIMULATION_KINDS.length);
    });
  },
});
