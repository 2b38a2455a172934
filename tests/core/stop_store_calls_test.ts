// What stop() still writes, and that it waits for it.

import { assertEquals } from "@std/assert";
import { type NeatPeriodicTaskOptions, NeatPeriodicTaskScheduler, type StopOptions } from "../../mod.ts";
import { KeptLog, SILENT } from "../helpers/log.ts";
import { ScriptedStore } from "../helpers/scripted_store.ts";
import { World } from "../helpers/world.ts";

const HOUR = 3_600_000;

interface Setting {
  readonly world: World;
  readonly store: ScriptedStore;
  readonly scheduler: NeatPeriodicTaskScheduler;
}

/** An hourly task of 5 s. */
function setting(options: Partial<NeatPeriodicTaskOptions> = {}): Setting {
  const world = new World();
  const store = new ScriptedStore();
  const scheduler = new NeatPeriodicTaskScheduler({
    name: "stopped",
    interval: HOUR,
    timeout: 10_000,
    store,
    clock: world.clock(),
    log: SILENT,
    task: ({ signal }) => world.delay(5_000, signal),
    ...options,
  });
  return { world, store, scheduler };
}

/** Stops, and tells after how long that is answered. */
async function stopTime({ world, scheduler }: Setting, options: StopOptions = {}): Promise<number | undefined> {
  const stoppedAt = world.nowMs;
  let answeredAt: number | undefined;
  const stopped = scheduler.stop(options).then(() => answeredAt = world.nowMs);
  await world.advance(60_000);
  await stopped;
  return answeredAt! - stoppedAt;
}

Deno.test("an aborting stop writes once: it gives the record and its place back together", async () => {
  const { world, store, scheduler } = setting();
  scheduler.start();
  await world.advance(HOUR + 1_000);
  const before = store.count("write");
  await Promise.all([scheduler.stop({ abort: true }), world.advance(100)]);
  assertEquals(store.count("write") - before, 1);
  assertEquals((await store.record("stopped")).owner, "-");
});

Deno.test("stop waits until the replica's place is given up, but no longer than a second", async () => {
  for (const [takesMs, waitsMs] of [[600, 600], [5_000, 1_000]]) {
    const stage = setting();
    stage.scheduler.start();
    await stage.world.advance(6_000);
    stage.store.script = async () => {
      await stage.world.delay(takesMs!);
      return undefined;
    };
    assertEquals(await stopTime(stage), waitsMs);
    assertEquals(stage.world.timers, 0);
  }
});

Deno.test("stop waits until a claim that came too late is given back", async () => {
  const stage = setting();
  const { world, store, scheduler } = stage;
  let giving = false;
  store.script = async (call) => {
    const writes = store.count("write");
    // the first write makes the record, the second is the claim
    if (call === "write" && writes === 2) return { takesEffect: true, hangs: true };
    if (call === "write" && writes === 3) {
      giving = true;
      await world.delay(700);
    }
    return undefined;
  };
  scheduler.start();
  await world.advance(10_200);
  assertEquals(giving, true);
  assertEquals(await stopTime(stage), 500);
  assertEquals((await store.record("stopped")).state, "idle");
});

Deno.test("stop with a timeout lets an aborted task settle that takes a moment, and gives its record back", async () => {
  const stage = setting({
    task: async ({ signal }) => {
      await stage.world.delay(5_000, signal).catch(() => {});
      for (let turn = 0; turn < 8; turn++) await undefined;
    },
  });
  stage.scheduler.start();
  await stage.world.advance(1_000);
  assertEquals(await stopTime(stage, { timeout: 500 }), 500);
  assertEquals(await stage.scheduler.stop(), { clean: true, abandoned: 0 });
  assertEquals((await stage.store.record("stopped")).state, "idle");
});

Deno.test("stop writes nothing to the record of a run that it leaves behind", async () => {
  const stage = setting({ task: () => new Promise(() => {}) });
  stage.scheduler.start();
  await stage.world.advance(1_000);
  const [text, writes] = [await stage.store.text("stopped"), stage.store.count("write")];
  assertEquals(await stopTime(stage, { timeout: 500 }), 500);
  assertEquals([await stage.store.text("stopped"), stage.store.count("write")], [text, writes]);
  assertEquals(await stage.scheduler.stop(), { clean: false, abandoned: 1 });
});

Deno.test("a call that stop has ended is no failure of the store", async () => {
  for (const heeds of [true, false]) {
    const log = new KeptLog();
    const stage = setting({ log });
    stage.store.script = () => heeds ? { hangs: true } : new Promise<never>(() => {});
    let errors = 0;
    stage.scheduler.addEventListener("storeerror", () => errors++);
    stage.scheduler.start();
    await stage.world.advance(1_000);
    assertEquals(await stopTime(stage), 0);
    assertEquals([log.lines, errors], [[], 0]);
  }
});
