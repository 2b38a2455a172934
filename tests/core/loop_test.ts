import { assertEquals, assertLess } from "@std/assert";
import { NeatPeriodicTaskScheduler } from "../../mod.ts";
import { KeptLog, SILENT } from "../helpers/log.ts";
import { ScriptedStore } from "../helpers/scripted_store.ts";
import { VirtualTime } from "../helpers/virtual_time.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

Deno.test("a scheduler starts every run at its due time, however long the runs take", async () => {
  const virtual = new VirtualTime();
  const startedAt: number[] = [];
  const begin = virtual.nowMs;
  await using scheduler = new NeatPeriodicTaskScheduler({
    name: "ten-seconds",
    interval: { seconds: 30 },
    timeout: { seconds: 20 },
    minCycle: { seconds: 5 },
    clock: virtual.clock(),
    log: SILENT,
    task: async () => {
      startedAt.push(virtual.nowMs - begin);
      await virtual.delay(10_000);
    },
  });
  scheduler.start();
  await virtual.advance(95_000);
  assertEquals(startedAt, [0, 30_000, 60_000, 90_000]);
  await Promise.all([scheduler.stop(), virtual.advance(10_000)]);
});

Deno.test("a scheduler makes 240 runs in 10 days of an hourly task, each within a second of its due time", async () => {
  const virtual = new VirtualTime();
  const begin = virtual.nowMs;
  const latenesses: number[] = [];
  await using scheduler = new NeatPeriodicTaskScheduler({
    name: "hourly",
    interval: { hours: 1 },
    timeout: { minutes: 10 },
    clock: virtual.clock(),
    log: SILENT,
    task: async () => {
      latenesses.push(virtual.nowMs - begin - latenesses.length * HOUR);
      await virtual.delay(60_000);
    },
  });
  scheduler.start();
  await virtual.advance(10 * DAY - 1);
  assertEquals(latenesses.length, 240);
  assertLess(Math.max(...latenesses), 1_000);
});

Deno.test("a scheduler skips missed due times: one run, then the grid", async () => {
  const virtual = new VirtualTime();
  const store = new ScriptedStore();
  await store.put("late", {
    format: "neat-periodic-task-status",
    version: 1,
    state: "finished",
    started: new Date(virtual.nowMs - 10.5 * HOUR).toISOString(),
    owner: "AAAAAAAAAAAAAAAAAAAAAA",
  });
  const startedAt: number[] = [];
  const begin = virtual.nowMs;
  await using scheduler = new NeatPeriodicTaskScheduler({
    name: "late",
    interval: HOUR,
    timeout: 1_000,
    store,
    clock: virtual.clock(),
    log: SILENT,
    task: () => void startedAt.push(virtual.nowMs - begin),
  });
  scheduler.start();
  await virtual.advance(2 * HOUR);
  assertEquals(startedAt, [0, 0.5 * HOUR, 1.5 * HOUR]);
});

Deno.test("a scheduler logs ALIVE half an interval after each run and at least every maxCycle", async () => {
  const virtual = new VirtualTime();
  const log = new KeptLog();
  const store = new ScriptedStore();
  await using scheduler = new NeatPeriodicTaskScheduler({
    name: "daily",
    interval: { days: 1 },
    timeout: 1_000,
    store,
    clock: virtual.clock(),
    log,
    task: () => {},
  });
  scheduler.start();
  await virtual.advance(3 * HOUR - 1);
  assertEquals(log.lines, [
    'info: ### [START] neat-periodic-task: "daily"',
    'info: ### [FINISHED] neat-periodic-task: "daily"',
  ]);
  await virtual.advance(1);
  assertEquals(log.count("[ALIVE]"), 1);
  await virtual.advance(DAY - 3 * HOUR - 1);
  assertEquals(log.count("[ALIVE]"), 7);
  // one to find no record, one to read the first, and one at each ALIVE
  assertEquals(store.count("read"), 9);
});

Deno.test("a scheduler logs ALIVE after a run where no check comes before the next one", async () => {
  const virtual = new VirtualTime();
  const log = new KeptLog();
  await using scheduler = new NeatPeriodicTaskScheduler({
    name: "busy",
    interval: 10_000,
    timeout: 9_000,
    clock: virtual.clock(),
    log,
    task: () => virtual.delay(8_000),
  });
  scheduler.start();
  await virtual.advance(29_000);
  assertEquals(log.count("[FINISHED]"), 3);
  assertEquals(log.count("[ALIVE]"), 3);
});

Deno.test("scheduler waits for longer than timers keep", async () => {
  const virtual = new VirtualTime();
  let runs = 0;
  await using scheduler = new NeatPeriodicTaskScheduler({
    name: "rare",
    interval: { days: 60 },
    timeout: 1_000,
    minCycle: { days: 29 },
    maxCycle: { days: 100 },
    clock: virtual.clock(),
    log: SILENT,
    task: () => void runs++,
  });
  scheduler.start();
  await virtual.advance(60 * DAY - 1);
  assertEquals(runs, 1);
  await virtual.advance(1);
  assertEquals(runs, 2);
});

Deno.test("scheduler repeats a failed run after the timeout, or after retryDelay by the failures in a row", async () => {
  const virtual = new VirtualTime();
  const begin = virtual.nowMs;
  const startedAt: number[] = [];
  const failuresSeen: number[] = [];
  const options = {
    name: "failing",
    interval: HOUR,
    timeout: { minutes: 10 },
    clock: virtual.clock(),
    log: SILENT,
    task: (): void => {
      startedAt.push((virtual.nowMs - begin) / 60_000);
      if (startedAt.length < 4) throw new Error("no luck");
    },
  };
  await using plain = new NeatPeriodicTaskScheduler(options);
  plain.start();
  await virtual.advance(2.5 * HOUR);
  assertEquals(startedAt, [0, 10, 20, 30, 60, 120]);
  startedAt.length = 0;
  await plain.stop();
  const from = 2.5 * 60;
  await using growing = new NeatPeriodicTaskScheduler({
    ...options,
    retryDelay: (failures) => {
      failuresSeen.push(failures);
      return { minutes: failures };
    },
  });
  growing.start();
  await virtual.advance(0.5 * HOUR);
  assertEquals(startedAt.map((minutes) => minutes - from), [0, 1, 3, 6]);
  assertEquals(failuresSeen, [1, 2, 3]);
});

Deno.test("scheduler takes the timeout where retryDelay throws or returns no duration", async () => {
  for (const retryDelay of [() => Promise.reject(new Error("async")), () => -1, () => undefined]) {
    const virtual = new VirtualTime();
    const log = new KeptLog();
    let runs = 0;
    await using scheduler = new NeatPeriodicTaskScheduler({
      name: "odd",
      interval: HOUR,
      timeout: 5_000,
      retryDelay: retryDelay as () => number,
      clock: virtual.clock(),
      log,
      task: () => {
        runs++;
        throw new Error("no luck");
      },
    });
    scheduler.start();
    await virtual.advance(5_000);
    assertEquals(runs, 2);
    assertEquals(log.count("retryDelay failed"), 2);
  }
});

Deno.test("scheduler leaves the event loop a turn after every second run, if all are late", async () => {
  const virtual = new VirtualTime();
  let runs = 0;
  await using scheduler = new NeatPeriodicTaskScheduler({
    name: "busy",
    interval: 30_000,
    timeout: 60_000,
    minCycle: 5_000,
    clock: virtual.clock(),
    log: SILENT,
    task: () => {
      runs++;
      // work that occupies the thread for longer than an interval
      virtual.nowMs += 45_000;
    },
  });
  scheduler.start();
  await virtual.settle();
  const { reason, until } = scheduler.explain();
  assertEquals([runs, reason, until], [2, "due", new Date(virtual.nowMs)]);
  await virtual.advance(1);
  assertEquals(runs, 4);
});

Deno.test("a scheduler runs a long task back to back for the latest due time", async () => {
  const virtual = new VirtualTime();
  const begin = virtual.nowMs;
  const runs: [number, number][] = [];
  await using scheduler = new NeatPeriodicTaskScheduler({
    name: "long",
    interval: 30_000,
    timeout: 60_000,
    minCycle: 5_000,
    clock: virtual.clock(),
    log: SILENT,
    task: async (run) => {
      runs.push([virtual.nowMs - begin, run.scheduled.getTime() - begin]);
      await virtual.delay(45_000);
    },
  });
  scheduler.start();
  await virtual.advance(140_000);
  // others have their turn after every second run
  assertEquals(runs, [[0, 0], [45_000, 30_000], [90_001, 90_000], [135_001, 120_000]]);
  await Promise.all([scheduler.stop(), virtual.advance(45_000)]);
});
