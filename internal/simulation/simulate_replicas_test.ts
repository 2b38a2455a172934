import { assert, assertAlmostEquals, assertEquals, assertLessOrEqual, assertNotEquals } from "@std/assert";
import { FREQUENT, HOURLY, type SimulatedCalls, type SimulatedTask, simulateReplicas } from "./simulate_replicas.ts";

const HOUR = 3_600_000;
const SEED = 1;

/** The default of `maxCycle`. */
const MAX_CYCLE_MS = 3 * HOUR;

/** The reads, writes and conflicts a run. */
function callsPerRun({ runs, reads, writes, conflicts }: SimulatedCalls): [number, number, number] {
  return [reads / runs, writes / runs, conflicts / runs];
}

/** Under `deno task test`, a hundred replicas are simulated for two days only. */
const isThorough = Deno.env.get("NEAT_TEST_THOROUGH") === "1";

/** The simulations of `deno task bench` that take little time. */
const CASES: [string, SimulatedTask, number, number[]][] = [
  ["10 days of an hourly task", HOURLY, 240 * HOUR, isThorough ? [1, 3, 10, 100] : [1, 3, 10]],
  ["2 days of an hourly task", HOURLY, 48 * HOUR, isThorough ? [] : [100]],
  ["6 hours of a task every 30 seconds", FREQUENT, 6 * HOUR, [1, 3, 10]],
];

for (const [name, task, spanMs, counts] of CASES) {
  for (const n of counts) {
    const replicas = n === 1 ? "1 replica" : `${n} replicas`;
    Deno.test(`${name} with ${replicas}: at most 4 reads and one each a maxCycle, 2.05 writes and 0.05 conflicts a run`, async () => {
      const found = await simulateReplicas("this package", n, task, spanMs, SEED);
      const { runs, overlaps, repeated, missed } = found;
      assertEquals([runs, overlaps, repeated, missed], [spanMs / task.interval, 0, 0, 0]);
      const [reads, writes, conflicts] = callsPerRun(found);
      // each replica reads when it starts, and at its first due time; four of them list themselves
      const atStart = 2 * n / runs;
      assertLessOrEqual(reads, 4 + 1.1 * n * task.interval / MAX_CYCLE_MS + atStart);
      assertLessOrEqual(writes, 2.05 + 6 / runs);
      assertLessOrEqual(conflicts, 0.05 + 4 / runs);
      // fewer would mean that calls are not counted
      assert(reads >= 0.9 * Math.min(n, 3) && writes >= 2, `${reads} reads, ${writes} writes`);
    });
  }
}

Deno.test("Original makes as many calls as the original is known to make", async () => {
  const known: [SimulatedTask, number, number, number, number][] = [
    // replicas, hours, known reads and known writes
    [HOURLY, 10, 240, 22, 2],
    [HOURLY, 100, 240, 218, 2.03],
    [FREQUENT, 100, 3, 218, 3.8],
  ];
  for (const [task, n, hours, knownReads, knownWrites] of known) {
    const found = await simulateReplicas("original", n, task, hours * HOUR, SEED);
    const [reads, writes] = callsPerRun(found);
    assertAlmostEquals(reads / knownReads, 1, 0.05);
    assertAlmostEquals(writes / knownWrites, 1, 0.1);
    assert(found.missed > 0, "its runs drift");
  }
});

Deno.test("simulateReplicas() depends on its seed alone", async () => {
  for (const implementation of ["this package", "original"] as const) {
    const founds = [1, 1, 2].map((seed) => simulateReplicas(implementation, 100, FREQUENT, HOUR / 6, seed));
    const [one, same, other] = await Promise.all(founds);
    assertEquals(same, one!);
    assertNotEquals(other, one!);
  }
});
