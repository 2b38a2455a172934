// What stop() still writes, and that it waits for it.

import { assertEquals } from "@std/assert";
import { type IntervalTaskOptions, NeatPeriodicTaskScheduler, type StopOptions } from "../../mod.ts";
import { KeptLog, SILENT } from "../helpers/log.ts";
import { ScriptedStore } from "../helpers/scripted_store.ts";
import { VirtualTime } from "../helpers/virtual_time.ts";

const HOUR = 3_600_000;

interface Setting {
  readonly virtual: VirtualTime;
  readonly store: ScriptedStore;
  readonly scheduler: NeatPeriodicTaskScheduler;
}

/** An hourly task of 5 s. */
function setting(options: Partial<IntervalTaskOptions> = {}): Setting {
  const virtual = new VirtualTime();
  const store = new ScriptedStore();
  const scheduler = new NeatPeriodicTaskScheduler({
    name: "stopped",
    interval: HOUR,
    timeout: 10_000,
    store,
    clock: virtual.clock(),
    log: SILENT,
    task: ({ signal }) => virtual.delay(5_000, signal),
    ...options,
  });
  return { virtual, store, scheduler };
}

/** Stops, and tells after how long that is answered. */
async function stopTime({ virtual, scheduler }: Setting, options: StopOptions = {}): Promise<number | undefined> {
  const stoppedAt = virtual.nowMs;
  let answeredAt: number | undefined;
  const stopped = scheduler.stop(options).then(() => answeredAt = virtual.nowMs);
  await virtual.advance(60_000);
  await stopped;
  return answeredAt! - stoppedAt;
}

Deno.test("stop({ abort }) writes once: it releases the record and the preferred place together", async () => {
  const { virtual, store, scheduler } = setting();
  scheduler.start();
  await virtual.advance(HOUR + 1_000);
  const before = store.count("write");
  await Promise.all([scheduler.stop({ abort: true }), virtual.advance(100)]);
  assertEquals(store.count("write") - before, 1);
  assertEquals((await store.record("stopped")).owner, "-");
});

Deno.test("stop() waits until the preferred place is given up, but no longer than a second", async () => {
  for (const [takesMs, waitsMs] of [[600, 600], [5_000, 1_000]]) {
    const given = setting();
    given.scheduler.start();
    await given.virtual.advance(6_000);
    given.store.script = async () => {
      await given.virtual.delay(takesMs!);
      return undefined;
    };
    assertEquals(await stopTime(given), waitsMs);
    assertEquals(given.virtual.timers, 0);
  }
});

Deno.test("stop() waits until a claim that came too late is released", async () => {
  const given = setting();
  const { virtual, store, scheduler } = given;
  let giving = false;
  store.script = async (call) => {
    const writes = store.count("write");
    // the first write makes the record, the second is the claim
    if (call === "write" && writes === 2) return { takesEffect: true, hangs: true };
    if (call === "write" && writes === 3) {
      giving = true;
      await virtual.delay(700);
    }
    return undefined;
  };
  scheduler.start();
  await virtual.advance(10_200);
  assertEquals(giving, true);
  assertEquals(await stopTime(given), 500);
  assertEquals((await store.record("stopped")).state, "idle");
});

Deno.test("stop({ timeout }) lets an aborted task settle that takes some microtasks, and releases its record", async () => {
  const given = setting({
    task: async ({ signal }) => {
      await given.virtual.delay(5_000, signal).catch(() => {});
      for (let turn = 0; turn < 8; turn++) await undefined;
    },
  });
  given.scheduler.start();
  await given.virtual.advance(1_000);
  assertEquals(await stopTime(given, { timeout: 500 }), 500);
  assertEquals(await given.scheduler.stop(), { clean: true, abandoned: 0 });
  assertEquals((await given.store.record("stopped")).state, "idle");
});

Deno.test("stop() writes nothing to the record of a run that it abandons", async () => {
  const given = setting({ task: () => new Promise(() => {}) });
  given.scheduler.start();
  await given.virtual.advance(1_000);
  const [text, writes] = [await given.store.text("stopped"), given.store.count("write")];
  assertEquals(await stopTime(given, { timeout: 500 }), 500);
  assertEquals([await given.store.text("stopped"), given.store.count("write")], [text, writes]);
  assertEquals(await given.scheduler.stop(), { clean: false, abandoned: 1 });
});

Deno.test("a call that stop() has ended is not reported as a failure of the store", async () => {
  for (const heeds of [true, false]) {
    const log = new KeptLog();
    const given = setting({ log });
    given.store.script = () => heeds ? { hangs: true } : new Promise<never>(() => {});
    let errors = 0;
    given.scheduler.addEventListener("storeerror", () => errors++);
    given.scheduler.start();
    await given.virtual.advance(1_000);
    assertEquals(await stopTime(given), 0);
    assertEquals([log.lines, errors], [[], 0]);
  }
});
