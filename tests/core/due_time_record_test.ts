// The next due time in the record, which replicas write before a run, and the moment from which a schedule applies.

import { assertEquals, assertLess } from "@std/assert";
import { NeatPeriodicTaskScheduler, type Schedule, type StatusStore } from "../../mod.ts";
import { SILENT } from "../helpers/log.ts";
import { patternOf } from "../helpers/schedules.ts";
import { ScriptedStore } from "../helpers/scripted_store.ts";
import { VirtualTime } from "../helpers/virtual_time.ts";

const HOUR = 3_600_000;
const MINUTE = 60_000;

/** At the half of every hour. */
const HALF_PAST: Schedule = patternOf(30 * MINUTE, [HOUR]);

interface Options {
  readonly virtual: VirtualTime;
  readonly store: StatusStore;
  readonly schedule?: Schedule;
  readonly offsetMs?: number;
  readonly task?: () => void;
}

function schedulerOf({ virtual, store, schedule, offsetMs = 0, task = () => {} }: Options): NeatPeriodicTaskScheduler {
  const common = { name: "hourly", timeout: MINUTE, store, clock: virtual.clock({ offsetMs }), log: SILENT, task };
  return new NeatPeriodicTaskScheduler(schedule ? { ...common, schedule } : { ...common, interval: HOUR });
}

Deno.test("the first due time follows from the store's clock, although a host is hours ahead and there is no record", async () => {
  const virtual = new VirtualTime();
  const store = new ScriptedStore();
  store.storeTime = () => virtual.nowMs;
  const begin = virtual.nowMs;
  const runs: number[] = [];
  const scheduler = schedulerOf({
    virtual,
    store,
    schedule: HALF_PAST,
    offsetMs: 4 * HOUR,
    task: () => void runs.push(virtual.nowMs - begin),
  });
  scheduler.start();
  await virtual.advance(HOUR);
  assertEquals(runs.map((ms) => Math.floor(ms / MINUTE)), [30]);
  await scheduler.stop();
});

Deno.test("a replica that writes the next due time into another's record does not take its preferred place", async () => {
  const virtual = new VirtualTime();
  const store = new ScriptedStore();
  const first = schedulerOf({ virtual, store });
  first.start();
  await virtual.advance(MINUTE);
  const { owner } = await store.record("hourly");
  const second = schedulerOf({ virtual, store, schedule: HALF_PAST });
  second.start();
  await virtual.advance(MINUTE);
  const written = await store.record("hourly");
  assertEquals(written.due, "2026-01-31T12:30:00.000Z");
  await second.stop();
  assertEquals((await store.record("hourly")).owner, owner);
  await first.stop();
});

Deno.test("a replica reads the record a few times at most while the store's clock shows the same second", async () => {
  const virtual = new VirtualTime();
  const store = new ScriptedStore();
  store.storeTime = () => Math.floor(virtual.nowMs / 1_000) * 1_000;
  const begin = virtual.nowMs;
  const runs: number[] = [];
  const scheduler = schedulerOf({
    virtual,
    store,
    // due 20 ms after a whole second, which the store does not show before the next one
    schedule: patternOf(30 * MINUTE + 20, [HOUR]),
    task: () => void runs.push(virtual.nowMs - begin),
  });
  scheduler.start();
  await virtual.advance(29 * MINUTE);
  store.calls.length = 0;
  await virtual.advance(2 * MINUTE);
  assertLess(store.count("read"), 8);
  assertLess(runs[0] ?? Infinity, 30 * MINUTE + 2_000);
  await scheduler.stop();
});

/** Removes the history of the task, as `resetTask()` does. */
async function reset(store: ScriptedStore): Promise<void> {
  const { format, version, term } = await store.record("hourly");
  const started = "1970-01-01T00:00:00.000Z";
  await store.put("hourly", { format, version, state: "idle", started, owner: "-", term, write: "reset" });
}

Deno.test("a task that was reset waits for the next due time of its schedule, which is recorded", async () => {
  const virtual = new VirtualTime();
  const store = new ScriptedStore();
  const runs: number[] = [];
  const scheduler = schedulerOf({ virtual, store, schedule: HALF_PAST, task: () => void runs.push(virtual.nowMs) });
  scheduler.start();
  await virtual.advance(3 * HOUR - 10 * MINUTE);
  assertEquals(runs.length, 3);
  await reset(store);
  // it is noticed at the check halfway
  await virtual.advance(39 * MINUTE);
  const { due } = await store.record("hourly");
  assertEquals([runs.length, due], [3, "2026-01-31T15:30:00.000Z"]);
  await virtual.advance(2 * MINUTE);
  assertEquals(runs.length, 4);
  await scheduler.stop();
});
