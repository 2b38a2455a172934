// What explain() says of a scheduler that waits because something is wrong, and what it says when all is well.

import { assertEquals } from "@std/assert";
import { type IntervalTaskOptions, NeatPeriodicTaskScheduler } from "../../mod.ts";
import { SILENT } from "../helpers/log.ts";
import { ScriptedStore } from "../helpers/scripted_store.ts";
import { VirtualTime } from "../helpers/virtual_time.ts";

const HOUR = 3_600_000;

interface Setting {
  readonly virtual: VirtualTime;
  readonly store: ScriptedStore;
  readonly scheduler: NeatPeriodicTaskScheduler;
}

function setting(options: Partial<IntervalTaskOptions> = {}): Setting {
  const virtual = new VirtualTime();
  const store = new ScriptedStore();
  const scheduler = new NeatPeriodicTaskScheduler({
    name: "explained",
    interval: HOUR,
    timeout: 10_000,
    store,
    clock: virtual.clock(),
    log: SILENT,
    task: () => {},
    ...options,
  });
  return { virtual, store, scheduler };
}

Deno.test("explain() shows that a store call failed, whether or not the record was known before", async () => {
  for (const knownMs of [0, 1_000]) {
    const { virtual, store, scheduler } = setting();
    if (!knownMs) store.script = () => ({ fails: "gone" });
    scheduler.start();
    await virtual.advance(knownMs);
    store.script = () => ({ fails: "gone" });
    await virtual.advance(HOUR / 2);
    const { reason, due, until } = scheduler.explain();
    assertEquals([reason, due, until! > new Date(virtual.nowMs)], ["store-error", undefined, true]);
    store.script = () => undefined;
    await virtual.advance(HOUR / 4);
    assertEquals(scheduler.explain().reason, "not-due");
    await scheduler.stop();
  }
});

Deno.test("explain() shows when the next run is due, and when the record is checked before", async () => {
  const { virtual, scheduler } = setting();
  const begin = virtual.nowMs;
  assertEquals(scheduler.explain(), {
    state: "new",
    reason: "new",
    message: "The scheduler was not started",
    abandoned: 0,
  });
  scheduler.start();
  assertEquals(scheduler.explain().reason, "checking");
  await virtual.advance(1_000);
  assertEquals(scheduler.explain(), {
    state: "started",
    reason: "not-due",
    message: `The next run is not due. The next check is at ${new Date(begin + HOUR / 2).toISOString()}`,
    until: new Date(begin + HOUR / 2),
    due: new Date(begin + HOUR),
    abandoned: 0,
  });
  await scheduler.stop();
  assertEquals(scheduler.explain(), {
    state: "stopped",
    reason: "stopped",
    message: "The scheduler has stopped",
    abandoned: 0,
  });
});

Deno.test("explain() shows that too many calls were abandoned", async () => {
  const { virtual, scheduler } = setting({ maxAbandoned: 0, task: () => new Promise(() => {}) });
  scheduler.start();
  await virtual.advance(60_000);
  const { reason, abandoned } = scheduler.explain();
  assertEquals([reason, abandoned], ["too-many-abandoned", 1]);
  await scheduler.stop();
});

Deno.test("explain() shows that a run has failed and is repeated later", async () => {
  const { virtual, scheduler } = setting({ task: () => Promise.reject(new Error("no luck")) });
  scheduler.start();
  await virtual.advance(1_000);
  assertEquals(scheduler.explain().reason, "retry-delay");
  await scheduler.stop();
});
