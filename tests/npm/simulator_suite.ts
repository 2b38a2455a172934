// Simulations as tests for `node:test` on Node and Bun: bundled, and run against the installed package. The environment variable
// SIMULATIONS_FILE names a file that describes them as JSON.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import process from "node:process";
import { test } from "node:test";
import { simulate, type SimulationResult } from "@neat/periodic-task/simulator";

/** A simulation and its expected result. */
export interface ExpectedSimulation extends Pick<SimulationResult, "seed" | "kind" | "intervals" | "stats"> {
  readonly timeline: string;
}

/** The simulations to run. */
export interface Simulations {
  /** The first of the seeds for which no promise may be broken. */
  readonly firstSeed: number;
  readonly count: number;
  readonly expected: readonly ExpectedSimulation[];
}

const { firstSeed, count, expected }: Simulations = JSON.parse(
  readFileSync(process.env.SIMULATIONS_FILE ?? "", "utf8"),
);

for (let seed = firstSeed; seed < firstSeed + count; seed++) {
  test(`simulate() with seed ${seed} breaks no promise`, async () => {
    const { violations, stats } = await simulate({ seed });
    const broken = violations.map(({ promise, text }) => `${promise}: ${text}`);
    assert.deepEqual(broken, [], [...broken, `To see it: deno task sim --seed ${seed}`].join("\n"));
    // a task may be paused all the time
    assert.ok(stats.writes > 0);
  });
}

for (const { seed, kind, intervals, stats, timeline } of expected) {
  test(`simulate() with seed ${seed} and kind "${kind}" has the same result as in Deno`, async () => {
    const actual = await simulate({ seed, kind, intervals });
    assert.deepEqual(JSON.parse(JSON.stringify(actual.stats)), stats);
    assert.ok(actual.timeline() === timeline, "the timelines differ");
  });
}
