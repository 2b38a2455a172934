// What a scheduler goes by where an option is not given.

import { assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { type IntervalTaskOptions, MemoryStore } from "../mod.ts";
import { systemClock } from "../src/time/clock.ts";
import { type Settings, settingsOf } from "../src/settings.ts";

const SECOND = 1_000;
const MINUTE = 60_000;
const HOUR = 3_600_000;

function settings(others: Partial<IntervalTaskOptions> = {}): Settings {
  return settingsOf({ name: "backup", interval: HOUR, timeout: 10 * MINUTE, task: () => {}, ...others });
}

Deno.test("the defaults are those of the original, with a store in memory", () => {
  const { task, store, instance, dueTimes, ...others } = settings();
  assertEquals(others, {
    name: "backup",
    intervalMs: HOUR,
    timeoutMs: 10 * MINUTE,
    minCycleMs: 5 * MINUTE,
    maxCycleMs: 3 * HOUR,
    heartbeatIntervalMs: undefined,
    leaseMs: 10 * MINUTE,
    schedule: undefined,
    retryDelay: undefined,
    maxAbandoned: 3,
    clockToleranceMs: 5 * SECOND,
    startDeadlineMs: Infinity,
    keepAlive: true,
    rotate: false,
    log: undefined,
    wrapRun: undefined,
    clock: systemClock,
  });
  assertEquals(typeof task, "function");
  assertMatch(instance(), /^[\da-f]{8}$/);
  assertEquals(dueTimes.firstDelayMs, 0, "the first run is not immediate");
  assertEquals(dueTimes.after(0), HOUR);
  assertEquals(store, undefined);
});

Deno.test("minCycle is half of an interval that is shorter than ten minutes", () => {
  assertEquals(settings({ interval: 10 * MINUTE }).minCycleMs, 5 * MINUTE);
  assertEquals(settings({ interval: 4 * SECOND }).minCycleMs, 2 * SECOND);
  assertEquals(settings({ interval: 1 }).minCycleMs, 0.5);
});

Deno.test("every duration is taken in any form", () => {
  const { intervalMs, timeoutMs, minCycleMs, maxCycleMs, heartbeatIntervalMs, leaseMs, clockToleranceMs } = settings({
    interval: { days: 1 },
    timeout: { hours: 1, minutes: 30 },
    minCycle: { minutes: 7 },
    maxCycle: { hours: 2 },
    heartbeatInterval: { seconds: 11 },
    heartbeatTimeout: 55_000,
    clockTolerance: { milliseconds: 250 },
  });
  assertEquals([intervalMs, timeoutMs, minCycleMs, maxCycleMs], [24 * HOUR, 90 * MINUTE, 7 * MINUTE, 2 * HOUR]);
  assertEquals([heartbeatIntervalMs, leaseMs, clockToleranceMs], [11 * SECOND, 55 * SECOND, 250]);
});

Deno.test("a run lives for three heartbeats if only their interval is given", () => {
  const { heartbeatIntervalMs, leaseMs } = settings({ heartbeatInterval: 20 * SECOND });
  assertEquals([heartbeatIntervalMs, leaseMs], [20 * SECOND, MINUTE]);
});

Deno.test("a heartbeat comes three times in its timeout if only that is given", () => {
  const { heartbeatIntervalMs, leaseMs } = settings({ heartbeatTimeout: MINUTE });
  assertEquals([heartbeatIntervalMs, leaseMs], [20 * SECOND, MINUTE]);
});

Deno.test("what is not a duration is handed on as it was given", () => {
  const given = {
    task: () => "done",
    log: { debug() {}, info() {}, warn() {}, error() {} },
    wrapRun: (_run: unknown, task: () => Promise<void>) => task(),
    retryDelay: () => 5,
    store: new MemoryStore(),
    clock: { ...systemClock },
    maxAbandoned: 7,
  };
  const taken = settings(given);
  for (const [option, value] of Object.entries(given)) assertStrictEquals(taken[option as keyof typeof given], value);
});

Deno.test("retryDelay is not called before a run has failed", () => {
  settings({
    retryDelay: () => {
      throw new Error("called too early");
    },
  });
});
