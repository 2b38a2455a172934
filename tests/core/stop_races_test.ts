// Calls that come while a timer is set, a write is on its way, or a run has just ended.

import { assert, assertEquals } from "@std/assert";
import { type IntervalTaskOptions, NeatPeriodicTaskScheduler } from "../../mod.ts";
import { KeptLog } from "../helpers/log.ts";
import { ScriptedStore } from "../helpers/scripted_store.ts";
import { VirtualTime } from "../helpers/virtual_time.ts";

const SECOND = 1_000;
const MINUTE = 60_000;
const HOUR = 3_600_000;

function setting(options: Partial<IntervalTaskOptions> = {}) {
  const virtual = new VirtualTime();
  const store = new ScriptedStore();
  const log = new KeptLog();
  const scheduler = new NeatPeriodicTaskScheduler({
    name: "raced",
    interval: HOUR,
    timeout: MINUTE,
    store,
    clock: virtual.clock(),
    log,
    task: () => {},
    ...options,
  });
  return { virtual, store, log, scheduler };
}

Deno.test("stop() leaves no timer after many awaited triggers of a started scheduler", async () => {
  const { virtual, scheduler } = setting();
  scheduler.start();
  await virtual.advance(SECOND);
  for (let run = 0; run < 25; run++) {
    const answer = scheduler.trigger();
    await virtual.advance(1);
    await answer;
  }
  // ten runs in one turn, so that the next trigger waits for a timer although one is set
  const answers = [];
  for (let run = 0; run < 11; run++) {
    const answer = scheduler.trigger();
    await virtual.settle();
    answers.push(answer);
  }
  await Promise.all([scheduler.stop(), virtual.advance(SECOND)]);
  assertEquals(virtual.timers, 0);
});

Deno.test("a run that ends while its heartbeat is on its way is recorded without a pause", async () => {
  let end = (): void => {};
  const { virtual, store, log, scheduler } = setting({
    heartbeatInterval: 10 * SECOND,
    heartbeatTimeout: 30 * SECOND,
    task: () => new Promise<void>((resolve) => end = resolve),
  });
  scheduler.start();
  await virtual.advance(9 * SECOND);
  // the heartbeat takes effect, and its answer is on its way for 100 ms
  const { inner } = store;
  const write = inner.write.bind(inner);
  inner.write = async (...args) => {
    const version = await write(...args);
    await virtual.delay(100);
    return version;
  };
  await virtual.advance(SECOND + 50);
  end();
  await virtual.advance(400);
  assertEquals((await store.record("raced")).state, "finished");
  assertEquals(log.count("warn"), 0);
  await Promise.all([scheduler.stop(), virtual.advance(SECOND)]);
});

Deno.test("stop({ abort, timeout }) releases the record though a heartbeat is on its way", async () => {
  const { virtual, store, scheduler } = setting({
    heartbeatInterval: 10 * SECOND,
    heartbeatTimeout: 30 * SECOND,
    task: ({ signal }) => virtual.delay(50 * SECOND, signal),
  });
  scheduler.start();
  await virtual.advance(9 * SECOND);
  const { inner } = store;
  const write = inner.write.bind(inner);
  inner.write = async (...args) => {
    const version = await write(...args);
    await virtual.delay(100);
    return version;
  };
  await virtual.advance(SECOND + 50);
  const stopped = scheduler.stop({ abort: true, timeout: SECOND });
  await virtual.advance(2 * SECOND);
  assertEquals(await stopped, { clean: true, abandoned: 0 });
  assertEquals((await store.record("raced")).state, "idle");
});

Deno.test("stop() waits no longer than 10 s for a store that is away, whatever the lease", async () => {
  const { virtual, store, scheduler, log } = setting({ timeout: HOUR, task: () => virtual.delay(SECOND) });
  scheduler.start();
  await virtual.advance(SECOND / 2);
  store.script = () => ({ fails: "gone" });
  await virtual.advance(5 * SECOND);
  let answered = false;
  const stopped = scheduler.stop().then(() => answered = true);
  await virtual.advance(12 * SECOND);
  assertEquals([answered, virtual.timers, log.count("the outcome was not recorded in time")], [true, 0, 1]);
  await stopped;
});

Deno.test("the timeout of a stop() that the task calls before it waits still counts", async () => {
  const { virtual, scheduler } = setting({
    timeout: HOUR,
    task: async () => {
      void scheduler.stop({ timeout: 5 * SECOND });
      await new Promise(() => {});
    },
  });
  scheduler.start();
  await virtual.advance(10 * SECOND);
  assertEquals([scheduler.state, await scheduler.stop()], ["stopped", { clean: false, abandoned: 1 }]);
});

Deno.test("run.signal does not abort after the run has finished, though its outcome is still being written", async () => {
  let aborted: boolean | undefined;
  const { virtual, store, scheduler } = setting({
    task: ({ signal }) => {
      signal.addEventListener("abort", () => aborted = true);
    },
  });
  store.script = async (call) => {
    if (call === "write") await virtual.delay(SECOND);
    return undefined;
  };
  scheduler.start();
  await virtual.advance(2_500);
  assertEquals(scheduler.explain().reason, "running");
  const stopped = scheduler.stop({ abort: true });
  await virtual.advance(5 * SECOND);
  assertEquals([aborted, (await stopped).clean, (await store.record("raced")).state], [undefined, true, "finished"]);
});

Deno.test("a call that returns while a run is refused for too many wakes the loop", async () => {
  let timeouts = 0;
  for (let turns = 0; turns < 80; turns++) {
    let release = (): void => {};
    let calls = 0;
    const { virtual, log, scheduler } = setting({
      timeout: 5 * SECOND,
      maxAbandoned: 0,
      task: () => ++calls === 1 ? new Promise<void>((resolve) => release = resolve) : undefined,
    });
    scheduler.start();
    await virtual.advance(0);
    // the run times out at 5 s, and the loop refuses its repetition some turns later
    virtual.clock().setTimer(async () => {
      for (let turn = 0; turn < turns; turn++) await undefined;
      release();
    }, 5 * SECOND);
    await virtual.advance(20 * SECOND);
    // a call that returns within the first turns is in time
    const isLate = log.count("timeout exceeded!") === 1;
    if (isLate) timeouts++;
    assertEquals(calls, isLate ? 2 : 1, `${turns} turns after the timeout`);
    await Promise.all([scheduler.stop(), virtual.advance(SECOND)]);
  }
  assert(timeouts > 40);
});

Deno.test("status() shows no owner once the replica has stopped", async () => {
  const { virtual, scheduler } = setting();
  scheduler.start();
  await virtual.advance(SECOND);
  assert((await scheduler.status()).owner?.length === 22);
  await Promise.all([scheduler.stop(), virtual.advance(SECOND)]);
  assertEquals((await scheduler.status()).owner, undefined);
});

Deno.test("a lease is trusted no longer if the wall clock is set back by less than a second", async () => {
  const virtual = new VirtualTime();
  const begin = virtual.nowMs;
  let back = 0;
  let lostAt: number | undefined;
  const store = new ScriptedStore();
  store.storeTime = () => virtual.nowMs + 7;
  const scheduler = new NeatPeriodicTaskScheduler({
    name: "raced",
    interval: HOUR,
    timeout: MINUTE,
    heartbeatInterval: SECOND,
    heartbeatTimeout: 3 * SECOND,
    store,
    clock: { ...virtual.clock(), nowMs: () => virtual.nowMs - back },
    log: new KeptLog(),
    task: ({ signal }) => {
      signal.addEventListener("abort", () => lostAt ??= virtual.nowMs - begin);
      return virtual.delay(50 * SECOND, signal);
    },
  });
  scheduler.start();
  await virtual.advance(500);
  store.script = () => ({ fails: "gone" });
  back = 900;
  await virtual.advance(5 * SECOND);
  assertEquals(lostAt, 3 * SECOND);
  store.script = () => undefined;
  await Promise.all([scheduler.stop({ abort: true, timeout: SECOND }), virtual.advance(MINUTE)]);
});
