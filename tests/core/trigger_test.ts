import { assertEquals, assertRejects } from "@std/assert";
import { type NeatPeriodicTaskOptions, NeatPeriodicTaskScheduler, type Run } from "../../mod.ts";
import { SILENT } from "../helpers/log.ts";
import { ScriptedStore } from "../helpers/scripted_store.ts";
import { World } from "../helpers/world.ts";

const HOUR = 3_600_000;

function schedulerOf(world: World, options: Partial<NeatPeriodicTaskOptions> = {}): NeatPeriodicTaskScheduler {
  return new NeatPeriodicTaskScheduler({
    name: "triggered",
    interval: HOUR,
    timeout: 10_000,
    clock: world.clock(),
    log: SILENT,
    task: () => world.delay(1_000),
    ...options,
  });
}

Deno.test("trigger runs the task before it is due and leaves the due times as they are", async () => {
  const world = new World();
  const begin = world.nowMs;
  const runs: Run[] = [];
  await using scheduler = schedulerOf(world, { task: (run) => void runs.push(run) });
  scheduler.start();
  await world.advance(HOUR / 2);
  const { outcome, run } = await scheduler.trigger();
  assertEquals([outcome, run?.term], ["finished", 2]);
  await world.advance(HOUR);
  const minutes = runs.map(({ started, scheduled }) => [started, scheduled].map((t) => (t.getTime() - begin) / 60_000));
  assertEquals(minutes, [[0, 0], [30, 0], [60, 60]]);
});

Deno.test("trigger works before start, and leaves no timer", async () => {
  const world = new World();
  const scheduler = schedulerOf(world, { task: () => {} });
  assertEquals((await scheduler.trigger()).outcome, "finished");
  await world.settle();
  assertEquals([world.timers, scheduler.explain().state], [0, "new"]);
});

Deno.test("triggers while a run is in progress here all answer with its outcome", async () => {
  const world = new World();
  let runs = 0;
  await using scheduler = schedulerOf(world, {
    task: async () => {
      runs++;
      await world.delay(1_000);
      throw new Error("no luck");
    },
  });
  scheduler.start();
  await world.advance(500);
  const answers = [scheduler.trigger(), scheduler.trigger(), scheduler.trigger()];
  await world.advance(600);
  for (const { outcome, error, run } of await Promise.all(answers)) {
    assertEquals([outcome, String(error), run?.term], ["failed", "Error: no luck", 1]);
  }
  assertEquals(runs, 1);
});

Deno.test("trigger answers that the task is running elsewhere", async () => {
  const world = new World();
  const store = new ScriptedStore();
  await using one = schedulerOf(world, { store });
  await using other = schedulerOf(world, { store });
  one.start();
  await world.advance(100);
  assertEquals((await other.trigger()).outcome, "running-elsewhere");
  await world.advance(1_000);
});

Deno.test("a trigger whose claim is lost answers by what the other made of the record", async () => {
  const world = new World();
  const store = new ScriptedStore();
  await using one = schedulerOf(world, { store });
  await using other = schedulerOf(world, { store });
  const answers = [one.trigger(), other.trigger()];
  await world.advance(5_000);
  const outcomes = (await Promise.all(answers)).map(({ outcome }) => outcome);
  assertEquals(outcomes.sort(), ["finished", "running-elsewhere"]);
});

Deno.test("trigger rejects with the store's error and with a foreign record, and does no harm unawaited", async () => {
  const world = new World();
  const store = new ScriptedStore();
  const scheduler = schedulerOf(world, { store });
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
  assertEquals(world.timers, 0);
});

Deno.test("a trigger that stop overtakes answers that the scheduler is stopped", async () => {
  const world = new World();
  const store = new ScriptedStore();
  store.script = async () => {
    await world.delay(10);
    return undefined;
  };
  const scheduler = schedulerOf(world, { store });
  const answer = scheduler.trigger();
  await world.advance(5);
  const stopped = scheduler.stop();
  assertEquals((await answer).outcome, "stopped");
  await world.advance(50);
  assertEquals(await stopped, { clean: true, abandoned: 0 });
});

Deno.test("a trigger is served although it comes at any moment of an iteration", async () => {
  for (let ms = 0; ms < 40; ms++) {
    const world = new World();
    const store = new ScriptedStore();
    store.script = async () => {
      await world.delay(3);
      return undefined;
    };
    const scheduler = schedulerOf(world, { store, task: () => world.delay(5) });
    scheduler.start();
    await world.advance(ms);
    const answer = scheduler.trigger();
    await world.advance(100);
    assertEquals((await answer).outcome, "finished", `after ${ms} ms`);
    await Promise.all([scheduler.stop(), world.advance(50)]);
    assertEquals(world.timers, 0);
  }
});
