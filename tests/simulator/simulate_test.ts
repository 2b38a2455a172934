import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import {
  FAULT_NAMES,
  type FaultName,
  type PromiseName,
  simulate,
  type SimulateOptions,
  SIMULATION_KINDS,
} from "../../src/simulator/mod.ts";
import { UnevenSchedule } from "../../src/simulator/uneven_schedule.ts";

for (const kind of SIMULATION_KINDS) {
  Deno.test(`simulate() finds no broken promise in simulations of kind ${kind}`, async () => {
    for (let seed = 1; seed <= 8; seed++) {
      const { violations, stats, timeline } = await simulate({ seed, kind });
      assertEquals(violations, [], timeline().slice(-3_000));
      assert(stats.runs > 20 && stats.steps > stats.runs);
    }
  });
}

Deno.test("simulate() gives the same timeline for the same seed, and another for another seed", async () => {
  for (const kind of SIMULATION_KINDS) {
    const [one, same, other] = [
      await simulate({ seed: 5, kind }),
      await simulate({ seed: 5, kind }),
      await simulate({ seed: 6, kind }),
    ];
    assertEquals(one.timeline(), same.timeline());
    assertEquals(one.stats, same.stats);
    assert(one.timeline() !== other.timeline());
  }
});

Deno.test("simulate({ faults: false }) injects no fault", async () => {
  const { stats } = await simulate({ seed: 1, kind: "chaos", faults: false });
  assertEquals(stats.faults, {});
  assert(stats.runs >= 50);
});

Deno.test("simulate({ faults }) injects no fault that is turned off, and others", async () => {
  const { stats, faults } = await simulate({ seed: 3, kind: "chaos", faults: { kill: false } });
  assertEquals(stats.faults.kill, undefined);
  assert((await simulate({ seed: 3, kind: "chaos" })).stats.faults.kill! > 0);
  assertEquals(faults.length, FAULT_NAMES.length - 1);
});

Deno.test("simulate() has schedules, changes from outside and watches that fail in its random simulations", async () => {
  const faults: Record<string, number> = {};
  const checked: Record<string, number> = {};
  for (let seed = 1; seed <= 30; seed++) {
    const { stats } = await simulate({ seed });
    for (const name of Object.keys(stats.faults)) faults[name] = (faults[name] ?? 0) + 1;
    for (const name of Object.keys(stats.checked)) checked[name] = (checked[name] ?? 0) + 1;
  }
  const events: FaultName[] = ["requestRun", "pauseTask", "loseHint", "lateHint", "doubleHint", "falseHint"];
  const watchFaults: FaultName[] = ["floodOfHints", "watchEnds", "watchFails", "watchHangs"];
  for (const name of [...events, ...watchFaults]) assert(faults[name]! > 1, name);
  const promises: PromiseName[] = ["start-deadline", "paused-task", "kept-change", "request-served", "check-rate"];
  for (const name of promises) assert(checked[name]! > 5, name);
});

Deno.test("simulate() has the replicas, intervals and settings of its options", async () => {
  const options = { seed: 2, kind: "quiet", interval: { minutes: 1 }, timeout: { seconds: 10 } } as const;
  const { stats, replicas, timeline } = await simulate({
    ...options,
    replicas: [0, 2],
    intervals: 10,
    heartbeatTimeout: 3_000,
  });
  assertEquals(replicas, [0, 2]);
  assertStringIncludes(timeline(), "quiet, 2 replicas, 10 intervals of 60000 ms");
  assert(stats.runs >= 8 && stats.runs <= 14, String(stats.runs));
});

Deno.test("simulate({ schedule, startDeadline }) runs the task at the due times of the schedule", async () => {
  const HOUR = 3_600_000;
  // at 01:00 and 03:00 UTC
  const schedule = new UnevenSchedule({ originMs: HOUR, gapsMs: [2 * HOUR, 22 * HOUR], untilMs: Infinity });
  const due = new Set<string>();
  const { violations, stats, timeline } = await simulate({
    seed: 3,
    kind: "quiet",
    schedule,
    startDeadline: { minutes: 30 },
    timeout: { minutes: 5 },
    intervals: 36,
    tasks: (run) => void due.add(run.scheduled.toISOString().slice(11, 16)),
  });
  assertEquals(violations, [], timeline().slice(-3_000));
  assertEquals([...due].sort(), ["01:00", "03:00"]);
  assert(stats.runs >= 5, String(stats.runs));
});

Deno.test("simulate({ tasks }) calls the task with the run and its host", async () => {
  const seen = new Set<string>();
  const { violations } = await simulate({
    seed: 4,
    kind: "quiet",
    replicas: 3,
    intervals: 5,
    tasks: async (run, host) => {
      const before = host.nowMs();
      await host.sleep(500, run.signal);
      assert(host.nowMs() - before >= 499 && host.nowMs() - before < 600);
      assert(host.random() < 1 && host.clock.monotonicMs() > 0);
      seen.add(await host.call(() => `${run.name} ${host.name} ${host.index < 3}`));
    },
  });
  assertEquals(violations, []);
  assert(seen.size > 0 && [...seen].every((text) => /^simulated [ABC]1 true$/.test(text)), [...seen].join());
});

Deno.test("simulate({ check }) finds a task that writes without checking the term", async () => {
  const found: number[] = [];
  for (let seed = 1; seed <= 20 && !found.length; seed++) {
    let latest = 0;
    let written = 0;
    const { violations } = await simulate({
      seed,
      kind: "pauses",
      timeout: 5_000,
      tasks: async (run, host) => {
        await host.sleep(100);
        await host.call(() => {
          written = run.term;
          latest = Math.max(latest, run.term);
        });
      },
      check: () => written < latest ? "an older run has overwritten the result of a newer one" : undefined,
    });
    if (violations.some(({ promise }) => promise === "own-check")) found.push(seed);
  }
  assertEquals(found.length, 1);
});

Deno.test("simulate() finds an unhandled rejection", async () => {
  const { violations } = await simulate({
    seed: 1,
    kind: "quiet",
    tasks: () => {
      void Promise.reject(new Error("escaped"));
    },
  });
  assertEquals(violations.map(({ promise }) => promise), ["no-rejection"]);
  assertStringIncludes(violations[0]!.text, "escaped");
});

const WRONG: [unknown, ErrorConstructor, string][] = [
  [{}, TypeError, '"seed" is required'],
  [{ seed: 0.5 }, RangeError, '"seed" must be a whole number'],
  [{ seed: 1, replicas: 0 }, RangeError, '"replicas"'],
  [{ seed: 1, replicas: [1, 1] }, RangeError, '"replicas"'],
  [{ seed: 1, replicas: "two" }, RangeError, '"replicas"'],
  [{ seed: 1, intervals: 0 }, RangeError, '"intervals"'],
  [{ seed: 1, kind: "odd" }, RangeError, '"kind"'],
  [{ seed: 1, interval: -1 }, RangeError, '"interval"'],
  [{ seed: 1, interval: 1_000, schedule: { next: () => null } }, TypeError, '"interval" must not be given'],
  [{ seed: 1, schedule: { next: () => null } }, RangeError, '"schedule" must have two due times'],
  [{ seed: 1, schedule: {} }, TypeError, '"schedule"'],
  [{ seed: 1, startDeadline: -1 }, RangeError, '"startDeadline"'],
  [{ seed: 1, faults: { sabotage: true } }, TypeError, '"sabotage" is not an option'],
  [{ seed: 1, colour: "red" }, TypeError, '"colour" is not an option'],
];

for (const [options, type, message] of WRONG) {
  Deno.test(`simulate(${JSON.stringify(options)}) throws`, async () => {
    const error = await assertRejects(() => simulate(options as SimulateOptions), type);
    assertStringIncludes((error as Error).message, message);
    assertStringIncludes((error as Error).message, "Cannot simulate");
  });
}
