import { assertEquals, assertRejects } from "@std/assert";
import { type IntervalTaskOptions, NeatPeriodicTaskScheduler, type Run } from "../../mod.ts";
import { SILENT } from "../helpers/log.ts";
import { ScriptedStore } from "../helpers/scripted_store.ts";
import { VirtualTime } from "../helpers/virtual_time.ts";

const HOUR = 3_600_000;

function schedulerOf(virtual: VirtualTime, options: Partial<IntervalTaskOptions> = {}): NeatPeriodicTaskScheduler {
  return new NeatPeriodicTaskScheduler({
    name: "triggered",
    interval: HOUR,
    timeout: 10_000,
    clock: virtual.clock(),
    log: SILENT,
    task: () => virtual.delay(1_000),
    ...options,
  });
}

Deno.test("trigger runs the task before it is due and leaves the due times as they are", async () => {
  const virtual = new VirtualTime();
  const begin = virtual.nowMs;
  const runs: Run[] = [];
  await using scheduler = schedulerOf(virtual, { task: (run) => void runs.push(run) });
  scheduler.start();
  await virtual.advance(HOUR / 2);
  const { outcome, run } = await scheduler.trigger();
  assertEquals([outcome, run?.term], ["finished", 2]);
  await virtual.advance(HOUR);
  const minutes = runs.map(({ started, scheduled }) => [started, scheduled].map((t) => (t.getTime() - begin) / 60_000));
  assertEquals(minutes, [[0, 0], [30, 0], [60, 60]]);
});

Deno.test("trigger works before start, and leaves no timer", async () => {
  const virtual = new VirtualTime();
  const scheduler = schedulerOf(virtual, { task: () => {} });
  assertEquals((await scheduler.trigger()).outcome, "finished");
  await virtual.settle();
  assertEquals([virtual.timers, scheduler.explain().state], [0, "new"]);
});

Deno.test("triggers while a run is in progress here all answer with its outcome", async () => {
  const virtual = new VirtualTime();
  let runs = 0;
  await using scheduler = schedulerOf(virtual, {
    task: async () => {
      runs++;
      await virtual.delay(1_000);
      throw new Error("no luck");
    },
  });
  scheduler.start();
  await virtual.advance(500);
  const answers = [scheduler.trigger(), scheduler.trigger(), scheduler.trigger()];
  await virtual.advance(600);
  for (const { outcome, error, run } of await Promise.all(answers)) {
    assertEquals([outcome, String(error), run?.term], ["failed", "Error: no luck", 1]);
  }
  assertEquals(runs, 1);
});

Deno.test("trigger answers that the task is running elsewhere", async () => {
  const virtual = new VirtualTime();
  const store = new ScriptedStore();
  await using one = schedulerOf(virtual, { store });
  await using other = schedulerOf(virtual, { store });
  one.start();
  await virtual.advance(100);
  assertEquals((await other.trigger()).outcome, "running-elsewhere");
  await virtual.advance(1_000);
});

Deno.test("a trigger whose claim is lost answers by what the other made of the record", async () => {
  const virtual = new VirtualTime();
  const store = new ScriptedStore();
  await using one = schedulerOf(virtual, { store });
  await using other = schedulerOf(virtual, { store });
  const answers = [one.trigger(), other.trigger()];
  await virtual.advance(5_000);
  const outcomes = (await Promise.all(answers)).map(({ outcome }) => outcome);
  assertEquals(outcomes.sort(), ["finished", "running-elsewhere"]);
});

Deno.test("trigger rejects with the store's error and with a foreign record, and does no harm unawaited", async () => {
  const virtual = new VirtualTime();
  const store = new ScriptedStore();
  const scheduler = schedulerOf(virtual, { store });
  store.script = () => ({ fails: new Error("unreachable") });
  scheduler.trigger();
  await assertRejects(() => scheduler.trigger(), Error, "unreachable");
  store.script = () => undefined;
  await store.put("triggered", "notes");
  await assertRejects(() => scheduler.trigger(), Error, 'use the record at "triggered"');
  await store.put("triggered", { format: "neat-periodic-task-status", version: 2 });
  await assertRejects(() => scheduler.trigger(), Error, "version 2");
  await assertRejects(() => scheduler.status(), Error, "version 2");
  await scheduler.stop();
  assertEquals(virtual.timers, 0);
});

Deno.test("a trigger that stop overtakes answers that the scheduler is stopped", async () => {
  const virtual = new VirtualTime();
  const store = new ScriptedStore();
  store.script = async () => {
    await virtual.delay(10);
    return undefined;
  };
  const scheduler = schedulerOf(virtual, { store });
  const answer = scheduler.trigger();
  await virtual.advance(5);
  const stopped = scheduler.stop();
  assertEquals((await answer).outcome, "stopped");
  await virtual.advance(50);
  assertEquals(await stopped, { clean: true, abandoned: 0 });
});

Deno.test("a trigger is served although it comes at any moment of an iteration", async () => {
  for (let ms = 0; ms < 40; ms++) {
    const virtual = new VirtualTime();
    const store = new ScriptedStore();
    store.script = async () => {
      await virtual.delay(3);
      return undefined;
    };
    const scheduler = schedulerOf(virtual, { store, task: () => virtual.delay(5) });
    scheduler.start();
    await virtual.advance(ms);
    const answer = scheduler.trigger();
    await virtual.advance(100);
    assertEquals((await answer).outcome, "finished", `after ${ms} ms`);
    await Promise.all([scheduler.stop(), virtual.advance(50)]);
    assertEquals(virtual.timers, 0);
  }
});

Deno.test("a scheduler with keepAlive: false keeps its process alive until trigger() is answered", async () => {
  const virtual = new VirtualTime();
  let unrefs = 0;
  const clock = { ...virtual.clock(), unrefTimer: () => void unrefs++ };
  const scheduler = new NeatPeriodicTaskScheduler({
    name: "tool",
    interval: 3_600_000,
    timeout: 60_000,
    log: SILENT,
    clock,
    keepAlive: false,
    task: () => {},
  });
  // after ten runs in a row, the event loop does other work before the next one
  for (let run = 0; run < 10; run++) await scheduler.trigger();
  const answer = scheduler.trigger();
  await virtual.settle();
  assertEquals([scheduler.explain().reason, virtual.timers, unrefs], ["due", 1, 0]);
  await virtual.advance(1);
  assertEquals((await answer).outcome, "finished");
  scheduler.start();
  await virtual.settle();
  assertEquals([scheduler.explain().reason, virtual.timers, unrefs], ["not-due", 1, 1]);
  await scheduler.stop();
});
