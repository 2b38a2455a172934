import { assert, assertAlmostEquals, assertEquals, assertLessOrEqual, assertNotEquals } from "@std/assert";
import { FREQUENT, HOURLY } from "../scripts/bench/coordination.ts";
import { type Outcome, type Setting, simulate } from "../scripts/bench/fleet.ts";

const HOUR = 3_600_000;
const SEED = 1;

/** The calls of a run: reads, writes and conflicts. */
function costs({ runs, reads, writes, conflicts }: Outcome): [number, number, number] {
  return [reads / runs, writes / runs, conflicts / runs];
}

/** The same as what the benchmark shows, as long as it takes little time. */
const PROMISES: [string, Setting, number, number[]][] = [
  ["10 days of an hourly task", HOURLY, 240 * HOUR, [1, 3, 10, 100]],
  ["6 hours of a task every 30 seconds", FREQUENT, 6 * HOUR, [1, 3, 10]],
];

for (const [what, setting, spanMs, fleets] of PROMISES) {
  for (const n of fleets) {
    const fleet = n === 1 ? "1 replica" : `${n} replicas`;
    Deno.test(`${what} cost ${fleet} 1.2 reads each and 1, 2.05 writes and 0.05 conflicts a run at most`, async () => {
      const outcome = await simulate("this package", n, setting, spanMs, SEED);
      const { runs, overlaps, repeated, missed } = outcome;
      assertEquals([runs, overlaps, repeated, missed], [spanMs / setting.interval, 0, 0, 0]);
      const [reads, writes, conflicts] = costs(outcome);
      assertLessOrEqual(reads, 1.2 * n + 1);
      assertLessOrEqual(writes, 2.05);
      assertLessOrEqual(conflicts, 0.05);
      // fewer would mean that calls are not counted
      assert(reads >= 0.9 * n && writes >= 2, `${reads} reads, ${writes} writes`);
    });
  }
}

Deno.test("the model of the original costs what the original is known to cost", async () => {
  const known: [Setting, number, number, number, number][] = [
    // replicas, hours, and the reads and writes known
    [HOURLY, 10, 240, 22, 2],
    [HOURLY, 100, 240, 218, 2.03],
    [FREQUENT, 100, 3, 218, 3.8],
  ];
  for (const [setting, n, hours, knownReads, knownWrites] of known) {
    const outcome = await simulate("original", n, setting, hours * HOUR, SEED);
    const [reads, writes] = costs(outcome);
    assertAlmostEquals(reads / knownReads, 1, 0.05);
    assertAlmostEquals(writes / knownWrites, 1, 0.1);
    assert(outcome.missed > 0, "its runs drift");
  }
});

Deno.test("a simulation of replicas comes out the same for the same seed, and otherwise for another", async () => {
  for (const maker of ["this package", "original"] as const) {
    const outcomes = [1, 1, 2].map((seed) => simulate(maker, 100, FREQUENT, HOUR / 6, seed));
    const [one, same, other] = await Promise.all(outcomes);
    assertEquals(same, one!);
    assertNotEquals(other, one!);
  }
});
