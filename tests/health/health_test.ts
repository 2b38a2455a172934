// Health checks: what is healthy, by which probe.

import { assertEquals, assertThrows } from "@std/assert";
import { type Clock, MemoryStore, NeatPeriodicTaskGroup, NeatPeriodicTaskScheduler } from "../../mod.ts";
import { pauseTask } from "../../src/control.ts";
import { health, type HealthCheck, type HealthOptions, type HealthReport } from "../../src/health.ts";
import { SILENT } from "../helpers/log.ts";
import { ScriptedStore } from "../helpers/scripted_store.ts";
import { VirtualTime } from "../helpers/virtual_time.ts";

const MINUTE = 60_000;
const COMMON = { name: "backup", interval: 10 * MINUTE, timeout: MINUTE, log: SILENT, task: () => {} };

async function answer(check: HealthCheck, method = "GET"): Promise<[status: number, ...reasons: string[]]> {
  const response = await check(new Request("http://127.0.0.1/health", { method }));
  const report: HealthReport = await response.json();
  assertEquals(report.status, response.status === 200 ? "healthy" : "unhealthy");
  return [response.status, ...report.tasks.map(({ name, reason }) => `${name}: ${reason}`)];
}

Deno.test("health() is 503 when no replica has finished a run for three due times, and 200 when one has", async () => {
  const time = new VirtualTime();
  const clock = time.clock();
  let isBroken = false;
  await using scheduler = new NeatPeriodicTaskScheduler({
    ...COMMON,
    clock,
    task: () => {
      if (isBroken) throw new Error("no luck");
    },
  });
  const check = health(scheduler, { clock });
  scheduler.start();
  await time.advance(MINUTE);
  assertEquals(await answer(check), [200, "backup: finished"]);
  isBroken = true;
  await time.advance(20 * MINUTE);
  assertEquals(await answer(check), [200, "backup: failing"]);
  await time.advance(11 * MINUTE);
  assertEquals(await answer(check), [503, "backup: overdue"]);
  isBroken = false;
  await time.advance(10 * MINUTE);
  assertEquals(await answer(check), [200, "backup: finished"]);
});

Deno.test("health() is 200 for a paused task, and 503 for data that is no record", async () => {
  const store = new MemoryStore();
  await pauseTask(store, "paused", { create: true });
  await store.write("foreign", new TextEncoder().encode("hello"), null);
  const tasks = (...names: string[]): NeatPeriodicTaskGroup =>
    new NeatPeriodicTaskGroup(names.map((name) => new NeatPeriodicTaskScheduler({ ...COMMON, name, store })));
  assertEquals(await answer(health(tasks("paused"))), [200, "paused: paused"]);
  assertEquals(await answer(health(tasks("paused", "foreign"))), [503, "foreign: foreign", "paused: paused"]);
});

/** Returns a scheduler whose store is away, after its store has answered once or not. */
function setting(clock?: Clock): { readonly store: ScriptedStore; readonly scheduler: NeatPeriodicTaskScheduler } {
  const store = new ScriptedStore();
  return { store, scheduler: new NeatPeriodicTaskScheduler({ ...COMMON, store, clock }) };
}

Deno.test("health() by records is 503 while the store is away; live and ready are 200 then", async () => {
  const time = new VirtualTime();
  const clock = time.clock();
  const { store, scheduler } = setting(clock);
  await using _ = scheduler;
  const [tasks, live, ready] = (["tasks", "live", "ready"] as const).map((probe) =>
    health(scheduler, { probe, clock })
  );
  if (!tasks || !live || !ready) throw new Error("unreachable");
  assertEquals(await answer(ready), [503, "backup: not-started"]);
  assertEquals(await answer(live), [200, "backup: alive"]);
  store.script = () => ({ fails: new Error("away") });
  scheduler.start();
  await time.advance(1_000);
  assertEquals(await answer(ready), [503, "backup: not-ready"]);
  store.script = () => undefined;
  await time.advance(5 * MINUTE);
  assertEquals([await answer(ready), await answer(tasks)], [[200, "backup: ready"], [200, "backup: finished"]]);
  store.script = () => ({ fails: new Error("away") });
  await time.advance(20 * MINUTE);
  assertEquals(await answer(tasks), [503, "backup: unreadable"]);
  assertEquals([await answer(live), await answer(ready)], [[200, "backup: alive"], [200, "backup: ready"]]);
  await scheduler.stop();
  assertEquals(await answer(ready), [503, "backup: stopped"]);
});

Deno.test("health() with the probe ready stays 200 when one of several schedulers stops itself", async () => {
  const time = new VirtualTime();
  const clock = time.clock();
  const once = new NeatPeriodicTaskScheduler({ ...COMMON, name: "once", clock, task: (run) => run.stopAfter() });
  await using group = new NeatPeriodicTaskGroup([once, new NeatPeriodicTaskScheduler({ ...COMMON, clock })]);
  const ready = health(group, { probe: "ready", clock });
  group.start();
  await time.advance(MINUTE);
  assertEquals(await answer(ready), [200, "once: stopped", "backup: ready"]);
  await group.stop();
  assertEquals(await answer(ready), [503, "backup: stopped", "once: stopped"]);
});

Deno.test("health() with the probe ready is 200 for a record that this version cannot use, as the store has answered", async () => {
  const time = new VirtualTime();
  const clock = time.clock();
  const { store, scheduler } = setting(clock);
  await using _ = scheduler;
  await store.put("backup", { format: "neat-periodic-task-status", version: 2 });
  scheduler.start();
  await time.advance(MINUTE);
  assertEquals(await answer(health(scheduler, { probe: "ready", clock })), [200, "backup: ready"]);
});

Deno.test("health() with the probe ready remembers answers beyond one check", async () => {
  const time = new VirtualTime();
  const clock = time.clock();
  const { store, scheduler } = setting(clock);
  await using _ = scheduler;
  health(scheduler, { probe: "ready", clock });
  scheduler.start();
  await time.advance(MINUTE);
  store.script = () => ({ fails: new Error("away") });
  await time.advance(20 * MINUTE);
  assertEquals(await answer(health(scheduler, { probe: "ready", clock })), [200, "backup: ready"]);
});

Deno.test("health() by records never rejects: a schedule that fails is a condition", async () => {
  const time = new VirtualTime();
  const clock = time.clock();
  let isBroken = false;
  const schedule = {
    next: (after: Date) => {
      if (isBroken) throw new Error("no calendar");
      return new Date(after.getTime() + 10 * MINUTE);
    },
  };
  const { interval: _, ...common } = COMMON;
  const scheduler = new NeatPeriodicTaskScheduler({ ...common, schedule, clock });
  await scheduler.trigger();
  isBroken = true;
  assertEquals(await answer(health(scheduler, { clock })), [503, "backup: blocked"]);
});

Deno.test("health() by records has one reading in progress at a time", async () => {
  const time = new VirtualTime();
  const clock = time.clock();
  const { store, scheduler } = setting(clock);
  store.script = () => ({ hangs: true });
  const check = health(scheduler, { timeout: 8_000, maxAge: 1_000, clock });
  const answers = [answer(check)];
  await time.advance(5_000);
  answers.push(answer(check));
  await time.advance(5_000);
  assertEquals(await Promise.all(answers), [[503, "backup: unreadable"], [503, "backup: unreadable"]]);
  assertEquals(store.count("read"), 1);
});

Deno.test("health() by records waits for a store at most as long as its timeout", async () => {
  const time = new VirtualTime();
  const clock = time.clock();
  const { store, scheduler } = setting(clock);
  store.script = () => ({ hangs: true });
  const check = health(scheduler, { timeout: { seconds: 2 }, details: true, clock });
  const pending = check(new Request("http://127.0.0.1/"));
  await time.advance(2_000);
  const report: HealthReport = await (await pending).json();
  assertEquals(report.tasks[0]?.detail, "TimeoutError: the store has not answered within 2000 ms");
});

Deno.test("health() with the probe live is 503 when the loop is a minute late with its check", async () => {
  const time = new VirtualTime();
  const clock = time.clock();
  await using scheduler = new NeatPeriodicTaskScheduler({ ...COMMON, clock });
  const check = health(scheduler, { probe: "live", clock });
  scheduler.start();
  await time.advance(MINUTE);
  assertEquals(await answer(check), [200, "backup: alive"]);
  // the clock goes on, and the timers of the process do not
  time.nowMs += 30 * MINUTE;
  assertEquals(await answer(check), [503, "backup: stuck"]);
});

Deno.test("health() shows texts of errors and records only with details", async () => {
  const { store, scheduler } = setting();
  store.script = () => ({ fails: new Error("password authentication failed") });
  const textOf = async (options: HealthOptions): Promise<string> =>
    await (await health(scheduler, options)(new Request("http://127.0.0.1/"))).text();
  assertEquals((await textOf({})).includes("password"), false);
  assertEquals((await textOf({ details: true })).includes("password"), true);
});

Deno.test("health() reads the records once for checks within its maximum age", async () => {
  const time = new VirtualTime();
  const clock = time.clock();
  const { store, scheduler } = setting(clock);
  const check = health(scheduler, { maxAge: { seconds: 10 }, clock });
  await Promise.all([answer(check), answer(check)]);
  await time.advance(9_999);
  await answer(check);
  assertEquals(store.count("read"), 1);
  await time.advance(1);
  await answer(check);
  assertEquals(store.count("read"), 2);
});

Deno.test("health() answers HEAD without a body, and refuses other methods", async () => {
  const check = health(new NeatPeriodicTaskScheduler(COMMON));
  const head = await check(new Request("http://127.0.0.1/", { method: "HEAD" }));
  assertEquals([head.status, await head.text()], [200, ""]);
  assertEquals(head.headers.get("cache-control"), "no-store");
  const post = await check(new Request("http://127.0.0.1/", { method: "POST" }));
  assertEquals([post.status, post.headers.get("allow")], [405, "GET, HEAD"]);
});

Deno.test("health() refuses wrong arguments", () => {
  const tasks = new NeatPeriodicTaskGroup();
  const refused = (options: unknown, error: new (...args: never[]) => Error, message: string): void => {
    assertThrows(() => health(tasks, options as HealthOptions), error as ErrorConstructor, message);
  };
  refused({ probes: "live" }, TypeError, '"probes" is not an option, did you mean "probe"?');
  refused({ probe: "alive" }, RangeError, '"probe" must be "tasks", "live" or "ready"');
  refused({ missedDueTimes: 0 }, RangeError, '"missedDueTimes" must be a whole number from 1 on');
  assertThrows(() => health({} as NeatPeriodicTaskGroup), TypeError, "must be a NeatPeriodicTaskGroup");
});
