// Calls to the store that are not made, and those that are made only so often.

import { assertEquals, assertLess, assertLessOrEqual } from "@std/assert";
import { type IntervalTaskOptions, NeatPeriodicTaskScheduler } from "../../mod.ts";
import { KeptLog } from "../helpers/log.ts";
import { ScriptedStore } from "../helpers/scripted_store.ts";
import { VirtualTime } from "../helpers/virtual_time.ts";

const HOUR = 3_600_000;

interface Setting {
  readonly virtual: VirtualTime;
  readonly store: ScriptedStore;
  readonly log: KeptLog;
  readonly scheduler: NeatPeriodicTaskScheduler;
}

function setting(options: Partial<IntervalTaskOptions> = {}): Setting {
  const virtual = new VirtualTime();
  const store = new ScriptedStore();
  const log = new KeptLog();
  const scheduler = new NeatPeriodicTaskScheduler({
    name: "thrifty",
    interval: HOUR,
    timeout: 10_000,
    store,
    clock: virtual.clock(),
    log,
    task: () => {},
    ...options,
  });
  return { virtual, store, log, scheduler };
}

Deno.test("the replica that ran last reads once an interval, to say ALIVE, and claims without reading", async () => {
  const { virtual, store, scheduler } = setting();
  scheduler.start();
  await virtual.advance(HOUR / 4);
  store.calls.length = 0;
  await virtual.advance(3 * HOUR);
  const interval = ["read", "write", "write"];
  assertEquals(store.calls, [...interval, ...interval, ...interval]);
  await scheduler.stop();
});

Deno.test("a store that tells whole seconds is read once an interval too, and ALIVE said once", async () => {
  const interval = HOUR + 1_000; // half of it is no whole second
  const { virtual, store, log, scheduler } = setting({ interval });
  store.storeTime = () => Math.floor(virtual.nowMs / 1_000) * 1_000;
  // each answer tells of another part of a second
  store.script = async () => void await virtual.delay(virtual.random() * 900);
  scheduler.start();
  await virtual.advance(HOUR / 4);
  store.calls.length = 0;
  await virtual.advance(20 * interval);
  assertEquals([store.count("read"), store.count("write"), log.count("ALIVE")], [20, 40, 20]);
  await Promise.all([scheduler.stop(), virtual.advance(1_000)]);
});

Deno.test("a run that follows upon another at once reads nothing in between", async () => {
  const { virtual, store, scheduler } = setting({
    interval: 30_000,
    timeout: 60_000,
    minCycle: 5_000,
    task: () => virtual.delay(45_000),
  });
  scheduler.start();
  await virtual.advance(1_000);
  store.calls.length = 0;
  await virtual.advance(140_000);
  assertEquals(store.count("read"), 0);
  await Promise.all([scheduler.stop(), virtual.advance(45_000)]);
});

Deno.test("a trigger before the due time reads once, and nothing after its run", async () => {
  const { virtual, store, scheduler } = setting();
  scheduler.start();
  await virtual.advance(1_000);
  store.calls.length = 0;
  await Promise.all([scheduler.trigger(), virtual.advance(0)]);
  assertEquals(store.calls, ["read", "write", "write"]);
  await scheduler.stop();
});

Deno.test("a store that keeps nothing of what it says it has written is not asked without pause", async () => {
  const { virtual, store, scheduler } = setting();
  let calls = 0;
  store.read = () => Promise.resolve(null);
  store.write = () => {
    // a loop without a pause would never come to an end
    if (++calls > 1_000) throw new Error("too many");
    return Promise.resolve("1");
  };
  scheduler.start();
  await virtual.advance(10_000);
  assertLessOrEqual(calls, 10);
  await scheduler.stop();
});

Deno.test("each outage begins with short waits, however long those of the last one were", async () => {
  const { virtual, store, scheduler } = setting({ interval: 30_000, minCycle: 15_000 });
  scheduler.start();
  for (let outage = 0; outage < 20; outage++) {
    store.script = () => ({ fails: "gone" });
    store.calls.length = 0;
    while (!store.calls.length) await virtual.advance(100);
    const failedAt = virtual.nowMs;
    while (store.calls.length < 3) await virtual.advance(100);
    assertLess(virtual.nowMs - failedAt, 6_200);
    store.script = () => undefined;
    await virtual.advance(30_000);
  }
  await scheduler.stop();
});

Deno.test("an outcome that can't be recorded is warned of", async () => {
  const { virtual, store, log, scheduler } = setting();
  store.script = (call) => call === "write" && store.count("write") > 2 ? { fails: "gone" } : undefined;
  scheduler.start();
  await virtual.advance(11_000);
  assertEquals([log.count("### [FINISHED]"), log.count("the outcome was not recorded")], [1, 1]);
  store.script = () => undefined;
  await Promise.all([scheduler.stop(), virtual.advance(20_000)]);
});
