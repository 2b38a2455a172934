// What a run does with a pause and a request that somebody writes into its record.

import { assertEquals } from "@std/assert";
import { NeatPeriodicTaskScheduler } from "../../mod.ts";
import { SILENT } from "../helpers/log.ts";
import { ScriptedStore } from "../helpers/scripted_store.ts";
import { VirtualTime } from "../helpers/virtual_time.ts";

const HOUR = 3_600_000;
const TIME = "2026-01-31T12:00:00.000Z";

interface Fixture {
  readonly virtual: VirtualTime;
  readonly store: ScriptedStore;
  readonly scheduler: NeatPeriodicTaskScheduler;
  /** How many runs have started. */
  runs: number;
}

/** A task whose first run takes ten seconds, with a heartbeat every two. */
function fixture(): Fixture {
  const virtual = new VirtualTime();
  const store = new ScriptedStore();
  const scheduler = new NeatPeriodicTaskScheduler({
    name: "changed",
    interval: HOUR,
    timeout: 60_000,
    heartbeatInterval: 2_000,
    store,
    clock: virtual.clock(),
    log: SILENT,
    task: ({ signal }) => ++given.runs === 1 ? virtual.delay(10_000, signal) : undefined,
  });
  const given: Fixture = { virtual, store, scheduler, runs: 0 };
  return given;
}

/** Changes fields of the record and its write id, as control functions do. */
async function change({ store, virtual }: Fixture, fields: Record<string, unknown>): Promise<void> {
  await store.put("changed", { ...await store.record("changed"), ...fields, write: `change-${virtual.nowMs}` });
}

Deno.test("the outcome of a run keeps a pause, and no run starts before the task is resumed", async () => {
  const given = fixture();
  const { virtual, store, scheduler } = given;
  scheduler.start();
  await virtual.advance(1_000);
  await change(given, { paused: TIME, pausedBy: "Ada" });
  await virtual.advance(3 * HOUR);
  const { state, paused, pausedBy } = await store.record("changed");
  assertEquals([state, paused, pausedBy, given.runs], ["finished", TIME, "Ada", 1]);
  await change(given, { paused: undefined, pausedBy: undefined });
  await virtual.advance(1.1 * HOUR);
  assertEquals(given.runs, 2);
  await scheduler.stop();
});

Deno.test("the outcome of a run does not pause a task again that was resumed", async () => {
  const given = fixture();
  const { virtual, store, scheduler } = given;
  scheduler.start();
  await virtual.advance(1_000);
  await change(given, { paused: TIME });
  // two heartbeats are written meanwhile
  await virtual.advance(5_000);
  await change(given, { paused: undefined });
  await virtual.advance(20_000);
  const { state, paused } = await store.record("changed");
  assertEquals([state, paused], ["finished", undefined]);
  await scheduler.stop();
});

Deno.test("a run that stop() aborts keeps a pause in the record that it restores", async () => {
  const given = fixture();
  const { virtual, store, scheduler } = given;
  scheduler.start();
  await virtual.advance(1_000);
  await change(given, { paused: TIME, pausedBy: "Ada", pauseReason: "migration" });
  await scheduler.stop({ abort: true });
  const { state, paused, pausedBy, pauseReason } = await store.record("changed");
  assertEquals([state, paused, pausedBy, pauseReason], ["idle", TIME, "Ada", "migration"]);
});

Deno.test("a run that stop() aborts keeps a pause that its heartbeat has noticed", async () => {
  const given = fixture();
  const { virtual, store, scheduler } = given;
  scheduler.start();
  await virtual.advance(1_000);
  await change(given, { paused: TIME, pausedBy: "Ada", pauseReason: "migration" });
  await virtual.advance(3_000);
  await scheduler.stop({ abort: true });
  const { state, paused, pausedBy, pauseReason } = await store.record("changed");
  assertEquals([state, paused, pausedBy, pauseReason], ["idle", TIME, "Ada", "migration"]);
});

Deno.test("a run that stop() aborts restores the request that it was to serve", async () => {
  const given = fixture();
  const { virtual, store, scheduler } = given;
  const idle = { format: "neat-periodic-task-status", version: 1, state: "idle", started: TIME, owner: "-" };
  await store.put("changed", { ...idle, requested: TIME, requestedBy: "Ada" });
  scheduler.start();
  await virtual.advance(1_000);
  assertEquals((await store.record("changed")).requested, undefined);
  await scheduler.stop({ abort: true });
  const { state, requested, requestedBy } = await store.record("changed");
  assertEquals([state, requested, requestedBy], ["idle", TIME, "Ada"]);
});

Deno.test("a run that stop() aborts keeps a request that was made during it", async () => {
  const given = fixture();
  const { virtual, store, scheduler } = given;
  scheduler.start();
  await virtual.advance(1_000);
  await change(given, { requested: TIME, requestedBy: "Ada" });
  await scheduler.stop({ abort: true });
  const { state, requested, requestedBy } = await store.record("changed");
  assertEquals([state, requested, requestedBy], ["idle", TIME, "Ada"]);
});
