import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { NeatPeriodicTaskScheduler, type StopOptions } from "../../mod.ts";
import { KeptLog, SILENT } from "../helpers/log.ts";
import { ScriptedStore } from "../helpers/scripted_store.ts";
import { VirtualTime } from "../helpers/virtual_time.ts";

const HOUR = 3_600_000;

interface Setting {
  readonly virtual: VirtualTime;
  readonly store: ScriptedStore;
  readonly log: KeptLog;
  readonly scheduler: NeatPeriodicTaskScheduler;
  /** How many bodies are running now. */
  readonly running: () => number;
  readonly runs: () => number;
}

/** A task of 5 s with heartbeats on a store whose calls take 3 ms. */
function setting(obeys = true, lengthMs = 5_000): Setting {
  const virtual = new VirtualTime();
  const store = new ScriptedStore();
  const log = new KeptLog();
  let running = 0;
  let runs = 0;
  store.script = async () => {
    await virtual.delay(3);
    return undefined;
  };
  const scheduler = new NeatPeriodicTaskScheduler({
    name: "stopped",
    interval: 30_000,
    timeout: 10_000,
    minCycle: 5_000,
    heartbeatInterval: 1_000,
    store,
    clock: virtual.clock(),
    log,
    task: async ({ signal }) => {
      running++;
      runs++;
      await virtual.delay(lengthMs, obeys ? signal : undefined).finally(() => running--);
    },
  });
  return { virtual, store, log, scheduler, running: () => running, runs: () => runs };
}

Deno.test("stop() after any millisecond of an iteration leaves no timer and no call, with and without abort", async () => {
  const steps = [...Array(25).keys(), ...[998, 999, 1_000, 1_001, 1_002, 1_003, 1_004, 1_005, 1_006, 1_007]];
  for (const end of [5_000, 15_000, 20_000, 30_000]) for (let ms = -2; ms < 12; ms++) steps.push(end + ms);
  const ways: StopOptions[] = [{}, { abort: true }, { timeout: 500 }, { abort: true, timeout: 1 }];
  for (const options of ways) {
    for (const ms of steps) {
      const { virtual, store, scheduler, running, runs } = setting();
      scheduler.start();
      await virtual.advance(ms);
      const runsBefore = runs();
      const writesBefore = store.count("write");
      const stopped = scheduler.stop(options);
      const where = `${ms} ms, ${JSON.stringify(options)}`;
      await virtual.advance(20_000);
      assertEquals(await stopped, { clean: true, abandoned: 0 }, where);
      assertEquals([virtual.timers, running(), runs() - runsBefore], [0, 0, 0], where);
      assert(store.count("write") - writesBefore <= 7, where);
      assert((await store.record("stopped")).state !== "running", where);
      assertEquals(scheduler.explain().state, "stopped");
    }
  }
});

Deno.test("stop() waits for the run in progress, and records it", async () => {
  const { virtual, store, log, scheduler } = setting();
  scheduler.start();
  await virtual.advance(1_000);
  let answered = false;
  const stopped = scheduler.stop().then(() => answered = true);
  await virtual.advance(3_900);
  assertEquals(answered, false);
  const explanation = scheduler.explain();
  assertEquals([explanation.reason, explanation.reason === "running" && explanation.term], ["running", 1]);
  await virtual.advance(200);
  assertEquals(answered, true);
  assertEquals([(await store.record("stopped")).state, log.count("FINISHED")], ["finished", 1]);
  await stopped;
});

Deno.test("stop({ abort }) releases the record as it was before the claim, with the term of the claim", async () => {
  const { virtual, store, log, scheduler } = setting();
  scheduler.start();
  await virtual.advance(31_000);
  const stopped = scheduler.stop({ abort: true });
  await virtual.advance(100);
  assertEquals(await stopped, { clean: true, abandoned: 0 });
  const { state, started, term, owner, heartbeat, lease } = await store.record("stopped");
  assertEquals([state, started, term, owner], ["finished", "2026-01-31T12:00:00.009Z", 2, "-"]);
  assertEquals([heartbeat, lease], [undefined, undefined]);
  assertEquals([log.count("FAILED"), log.count("FINISHED")], [0, 1]);
});

Deno.test("stop({ abort }) of the first run ever leaves an idle record", async () => {
  const { virtual, store, scheduler } = setting();
  scheduler.start();
  await virtual.advance(1_000);
  const stopped = scheduler.stop({ abort: true });
  await virtual.advance(100);
  await stopped;
  const record = await store.record("stopped");
  assertEquals([record.state, record.owner, record.term], ["idle", "-", 1]);
  const next = new NeatPeriodicTaskScheduler({
    name: "stopped",
    interval: HOUR,
    timeout: 1_000,
    store,
    clock: virtual.clock(),
    log: SILENT,
    task: () => {},
  });
  next.start();
  await virtual.advance(10);
  assertEquals((await store.record("stopped")).term, 2);
  await Promise.all([next.stop(), virtual.advance(10)]);
});

Deno.test("stop({ timeout }) counts the abandoned call, and leaves the record to its lease", async () => {
  const { virtual, store, scheduler, running } = setting(false, HOUR);
  scheduler.start();
  await virtual.advance(1_500);
  const stopped = scheduler.stop({ timeout: { seconds: 2 } });
  await virtual.advance(2_000);
  assertEquals(await stopped, { clean: false, abandoned: 1 });
  assertEquals([virtual.timers, running()], [1, 1]);
  assertEquals((await store.record("stopped")).state, "running");
});

Deno.test("stop({ timeout }) answers in time although the store hangs", async () => {
  for (const at of [0, 500, 5_001]) {
    const { virtual, store, scheduler } = setting();
    if (at === 0) store.script = () => ({ hangs: true });
    scheduler.start();
    await virtual.advance(at);
    store.script = () => ({ hangs: true });
    let answered = false;
    const stopped = scheduler.stop({ timeout: 100 }).then(() => answered = true);
    await virtual.advance(2_200);
    assertEquals(answered, true, `stopped after ${at} ms`);
    assertEquals(virtual.timers, 0, `stopped after ${at} ms`);
    await stopped;
  }
});

Deno.test("stop() before start() answers immediately, and calling it again is safe", async () => {
  const { virtual, scheduler } = setting();
  assertEquals(await scheduler.stop(), { clean: true, abandoned: 0 });
  assertEquals(await scheduler.stop({ abort: true, timeout: 5 }), { clean: true, abandoned: 0 });
  assertEquals((await scheduler.trigger()).outcome, "stopped");
  assertEquals(virtual.timers, 0);
  assertThrows(() => scheduler.start(), Error, 'current value is "stopped"');
});

Deno.test("a second stop() can abort the run that the first one waits for", async () => {
  const { virtual, scheduler } = setting();
  scheduler.start();
  await virtual.advance(1_000);
  const first = scheduler.stop();
  const second = scheduler.stop({ abort: true });
  await virtual.advance(50);
  assertEquals(await Promise.all([first, second]), [{ clean: true, abandoned: 0 }, { clean: true, abandoned: 0 }]);
});

Deno.test("start() throws at the second call", async () => {
  const { virtual, scheduler } = setting();
  scheduler.start();
  assertThrows(() => scheduler.start(), Error, "Cannot start the scheduler as it was started or stopped before");
  await Promise.all([scheduler.stop({ abort: true }), virtual.advance(100)]);
});

Deno.test("stop() refuses options that it cannot use, and stops nothing then", async () => {
  const { virtual, scheduler, runs } = setting();
  await assertRejects(() => scheduler.stop({ timeout: -1 }), RangeError, '"timeout" must be milliseconds');
  await assertRejects(() => scheduler.stop({ timeout: "1 s" as unknown as number }), TypeError, '"timeout" must be');
  scheduler.start();
  await virtual.advance(100);
  assertEquals(runs(), 1);
  await Promise.all([scheduler.stop({ abort: true }), virtual.advance(100)]);
});

Deno.test("stop() gives up the preferred place, so that standbys need not wait for it", async () => {
  const { virtual, store, scheduler } = setting();
  scheduler.start();
  await virtual.advance(6_000);
  await Promise.all([scheduler.stop(), virtual.advance(100)]);
  assertEquals((await store.record("stopped")).owner, "-");
});

Deno.test("stop() after a failed run gives up the preferred place too", async () => {
  const virtual = new VirtualTime();
  const store = new ScriptedStore();
  const scheduler = new NeatPeriodicTaskScheduler({
    name: "failed",
    interval: HOUR,
    timeout: 5_000,
    store,
    clock: virtual.clock(),
    log: SILENT,
    task: () => Promise.reject(new Error("no luck")),
  });
  scheduler.start();
  await virtual.advance(100);
  const { owner, state } = await store.record("failed");
  assert(owner !== "-" && state === "failed");
  await Promise.all([scheduler.stop(), virtual.advance(100)]);
  const record = await store.record("failed");
  assertEquals([record.owner, record.state, record.failures], ["-", "failed", 1]);
});
