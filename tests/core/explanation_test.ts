// What explain() says of a scheduler that waits because something is wrong, and what it says when all is well.

import { assertEquals } from "@std/assert";
import { type NeatPeriodicTaskOptions, NeatPeriodicTaskScheduler } from "../../mod.ts";
import { SILENT } from "../helpers/log.ts";
import { ScriptedStore } from "../helpers/scripted_store.ts";
import { World } from "../helpers/world.ts";

const HOUR = 3_600_000;

interface Setting {
  readonly world: World;
  readonly store: ScriptedStore;
  readonly scheduler: NeatPeriodicTaskScheduler;
}

function setting(options: Partial<NeatPeriodicTaskOptions> = {}): Setting {
  const world = new World();
  const store = new ScriptedStore();
  const scheduler = new NeatPeriodicTaskScheduler({
    name: "explained",
    interval: HOUR,
    timeout: 10_000,
    store,
    clock: world.clock(),
    log: SILENT,
    task: () => {},
    ...options,
  });
  return { world, store, scheduler };
}

Deno.test("explain() says that a store call failed, whether or not the record was known before", async () => {
  for (const knownMs of [0, 1_000]) {
    const { world, store, scheduler } = setting();
    if (!knownMs) store.script = () => ({ fails: "gone" });
    scheduler.start();
    await world.advance(knownMs);
    store.script = () => ({ fails: "gone" });
    await world.advance(HOUR / 2);
    const { reason, due, until } = scheduler.explain();
    assertEquals([reason, due, until! > new Date(world.nowMs)], ["store-error", undefined, true]);
    store.script = () => undefined;
    await world.advance(HOUR / 4);
    assertEquals(scheduler.explain().reason, "not-due");
    await scheduler.stop();
  }
});

Deno.test("explain says when the next run is due, and when the record is looked at before", async () => {
  const { world, scheduler } = setting();
  const begin = world.nowMs;
  assertEquals(scheduler.explain(), {
    state: "new",
    reason: "new",
    message: "It was not started",
    abandoned: 0,
  });
  scheduler.start();
  assertEquals(scheduler.explain().reason, "checking");
  await world.advance(1_000);
  assertEquals(scheduler.explain(), {
    state: "started",
    reason: "not-due",
    message: `The next run is not due, checking at ${new Date(begin + HOUR / 2).toISOString()}`,
    until: new Date(begin + HOUR / 2),
    due: new Date(begin + HOUR),
    abandoned: 0,
  });
  await scheduler.stop();
  assertEquals(scheduler.explain(), {
    state: "stopped",
    reason: "stopped",
    message: "It is stopped",
    abandoned: 0,
  });
});

Deno.test("explain says that too many bodies were left behind", async () => {
  const { world, scheduler } = setting({ maxAbandoned: 0, task: () => new Promise(() => {}) });
  scheduler.start();
  await world.advance(60_000);
  const { reason, abandoned } = scheduler.explain();
  assertEquals([reason, abandoned], ["too-many-abandoned", 1]);
  await scheduler.stop();
});

Deno.test("explain says that a run has failed and is repeated later", async () => {
  const { world, scheduler } = setting({ task: () => Promise.reject(new Error("no luck")) });
  scheduler.start();
  await world.advance(1_000);
  assertEquals(scheduler.explain().reason, "retry-delay");
  await scheduler.stop();
});
