// To be bundled for Node and Bun, whose runner of `node:test` runs it: worlds of the simulator, as worlds.json in the working folder
// names them.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { simulate, type SimulationResult } from "@neat/periodic-task/simulator";

/** A world whose course is known. */
export interface KnownWorld extends Pick<SimulationResult, "seed" | "kind" | "intervals" | "stats"> {
  readonly timeline: string;
}

/** What is to be simulated. */
export interface Worlds {
  /** The first of the seeds in whose worlds no promise may break. */
  readonly from: number;
  readonly count: number;
  readonly known: readonly KnownWorld[];
}

const { from, count, known: worlds }: Worlds = JSON.parse(readFileSync("worlds.json", "utf8"));

for (let seed = from; seed < from + count; seed++) {
  test(`no promise is broken in the world of seed ${seed}`, async () => {
    const { violations, stats } = await simulate({ seed });
    const broken = violations.map(({ promise, text }) => `${promise}: ${text}`);
    assert.deepEqual(broken, [], [...broken, `To see it: deno task sim --seed ${seed}`].join("\n"));
    assert.ok(stats.runs > 0 && stats.writes > 0);
  });
}

for (const { seed, kind, intervals, stats, timeline } of worlds) {
  test(`the ${kind} world of seed ${seed} is the one that Deno sees`, async () => {
    const seen = await simulate({ seed, kind, intervals });
    assert.deepEqual(JSON.parse(JSON.stringify(seen.stats)), stats);
    assert.ok(seen.timeline() === timeline, "the timelines differ");
  });
}
