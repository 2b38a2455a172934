import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import { LeaseLostError, NeatPeriodicTaskScheduler, type Run } from "../../mod.ts";
import { KeptLog, SILENT } from "../helpers/log.ts";
import { ScriptedStore } from "../helpers/scripted_store.ts";
import { VirtualTime } from "../helpers/virtual_time.ts";

const HOUR = 3_600_000;
const never = (): Promise<void> => new Promise(() => {});

Deno.test("a run tells the task its name, term, owner, times and signal", async () => {
  const virtual = new VirtualTime();
  const runs: Run[] = [];
  await using scheduler = new NeatPeriodicTaskScheduler({
    name: "told",
    interval: HOUR,
    timeout: 5_000,
    clock: virtual.clock(),
    log: SILENT,
    task: (run) => void runs.push(run),
  });
  scheduler.start();
  await virtual.advance(HOUR);
  const [first, second] = runs;
  assertEquals([first?.name, first?.term, second?.term], ["told", 1, 2]);
  assertEquals(second?.scheduled.getTime(), virtual.nowMs);
  assertEquals(second?.started.getTime(), virtual.nowMs);
  assertEquals(second?.deadline.getTime(), virtual.nowMs + 5_000);
  assertEquals(second?.signal.aborted, false);
  assert(first?.owner !== second?.owner && first?.owner.length === 22);
});

Deno.test("a run that exceeds its timeout is aborted with a TimeoutError, recorded as failed and repeated", async () => {
  const virtual = new VirtualTime();
  const log = new KeptLog();
  const store = new ScriptedStore();
  const reasons: string[] = [];
  await using scheduler = new NeatPeriodicTaskScheduler({
    name: "slow",
    interval: HOUR,
    timeout: 5_000,
    retryDelay: { minutes: 1 },
    store,
    clock: virtual.clock(),
    log,
    task: async ({ signal }) => {
      await virtual.delay(HOUR, signal).catch((error) => reasons.push(error.name));
      throw signal.reason;
    },
  });
  scheduler.start();
  await virtual.advance(4_999);
  assertEquals(log.count("FAILED"), 0);
  await virtual.advance(1);
  assertEquals(reasons, ["TimeoutError"]);
  assertEquals(log.lines, [
    'info: ### [START] neat-periodic-task: "slow"',
    'error: ### [FAILED] neat-periodic-task: "slow", timeout exceeded!',
  ]);
  const record = await store.record("slow");
  assertEquals([record.state, record.failures], ["failed", 1]);
  assert(String(record.error).startsWith("TimeoutError"));
  await virtual.advance(55_000);
  assertEquals(log.count("START"), 2);
  await Promise.all([scheduler.stop({ abort: true }), virtual.advance(0)]);
});

Deno.test("a failure is logged with the task's error and recorded, whatever was thrown and however", async () => {
  const hostile = {
    toString() {
      throw new Error("not even this");
    },
  };
  const thrown: [unknown, string][] = [
    [new Error("no luck"), "Error: no luck"],
    ["a string", "a string"],
    [undefined, "undefined"],
    [null, "null"],
    [hostile, "of type object"],
    [Symbol("sign"), "Symbol(sign)"],
    [Object.create(null), "of type object"],
  ];
  for (const [error, text] of thrown) {
    for (
      const task of [() => Promise.reject(error), () => {
        throw error;
      }]
    ) {
      const virtual = new VirtualTime();
      const log = new KeptLog();
      const store = new ScriptedStore();
      await using scheduler = new NeatPeriodicTaskScheduler({
        name: "failing",
        interval: HOUR,
        timeout: 5_000,
        store,
        clock: virtual.clock(),
        log,
        task,
      });
      scheduler.start();
      await virtual.advance(0);
      assertEquals(log.lines.at(-1), 'error: ### [FAILED] neat-periodic-task: "failing"');
      assert(Object.is(log.details.at(-1)?.[0], error));
      const record = await store.record("failing");
      assertEquals([record.state, record.error], ["failed", text]);
    }
  }
});

Deno.test("a success clears the failures in a row and the error", async () => {
  const virtual = new VirtualTime();
  const store = new ScriptedStore();
  let runs = 0;
  await using scheduler = new NeatPeriodicTaskScheduler({
    name: "recovering",
    interval: HOUR,
    timeout: 5_000,
    store,
    clock: virtual.clock(),
    log: SILENT,
    task: () => {
      if (++runs < 3) throw new Error("no luck");
    },
  });
  scheduler.start();
  await virtual.advance(6_000);
  assertEquals((await scheduler.status()).failures, 2);
  await virtual.advance(6_000);
  const status = await scheduler.status();
  assertEquals([status.state, status.failures, status.error], ["finished", 0, undefined]);
  assertEquals(status.recent.map(({ outcome }) => outcome), ["failed", "failed", "finished"]);
});

Deno.test("a task that ignores its signal is abandoned, at most maxAbandoned + 1 times", async () => {
  const virtual = new VirtualTime();
  const log = new KeptLog();
  let bodies = 0;
  const scheduler = new NeatPeriodicTaskScheduler({
    name: "stuck",
    interval: 60_000,
    timeout: 5_000,
    minCycle: 5_000,
    clock: virtual.clock(),
    log,
    task: () => {
      bodies++;
      return never();
    },
  });
  scheduler.start();
  await virtual.advance(5_000);
  assertEquals(log.count("timeout exceeded!"), 1);
  await virtual.advance(HOUR);
  assertEquals(bodies, 4);
  assertEquals(Math.sign(log.count("4 runs have not returned")), 1);
  assertEquals((await scheduler.trigger()).outcome, "too-many-abandoned");
  assertEquals(scheduler.explain().abandoned, 4);
  assertEquals(await scheduler.stop(), { clean: false, abandoned: 4 });
  assertEquals(virtual.timers, 0);
});

Deno.test("an abandoned call that returns lets the next run start", async () => {
  const virtual = new VirtualTime();
  let bodies = 0;
  let release = (): void => {};
  await using scheduler = new NeatPeriodicTaskScheduler({
    name: "stuck",
    interval: HOUR,
    timeout: 5_000,
    maxAbandoned: 0,
    clock: virtual.clock(),
    log: SILENT,
    task: () => ++bodies === 1 ? new Promise<void>((resolve) => release = resolve) : undefined,
  });
  scheduler.start();
  await virtual.advance(20_000);
  assertEquals([bodies, scheduler.explain().abandoned], [1, 1]);
  release();
  await virtual.advance(0);
  assertEquals([bodies, scheduler.explain().abandoned], [2, 0]);
});

Deno.test("a run sends heartbeats, each with its lease", async () => {
  const virtual = new VirtualTime();
  const store = new ScriptedStore();
  await using scheduler = new NeatPeriodicTaskScheduler({
    name: "beating",
    interval: HOUR,
    timeout: 10_000,
    heartbeatTimeout: 3_000,
    store,
    clock: virtual.clock(),
    log: SILENT,
    task: () => virtual.delay(9_500),
  });
  scheduler.start();
  await virtual.advance(0);
  assertEquals((await store.record("beating")).lease, 3_000);
  await virtual.advance(5_500);
  const record = await store.record("beating");
  assertEquals(Date.parse(String(record.heartbeat)), Date.parse(String(record.started)) + 5_000);
  assertEquals(record.lease, 3_000);
  await virtual.advance(3_500);
  assertEquals((await store.record("beating")).lease, 3_000);
  await virtual.advance(1_000);
  const after = await store.record("beating");
  assertEquals([after.state, after.heartbeat, after.lease], ["finished", undefined, undefined]);
});

Deno.test("a run whose heartbeats fail is aborted with a LeaseLostError before its lease is over", async () => {
  const virtual = new VirtualTime();
  const log = new KeptLog();
  const store = new ScriptedStore();
  let reason: unknown;
  await using scheduler = new NeatPeriodicTaskScheduler({
    name: "cut-off",
    interval: HOUR,
    timeout: 60_000,
    heartbeatTimeout: 3_000,
    store,
    clock: virtual.clock(),
    log,
    task: ({ signal }) => virtual.delay(50_000, signal).catch((error) => reason = error),
  });
  scheduler.start();
  await virtual.advance(1_500);
  store.script = () => ({ fails: new Error("unreachable") });
  await virtual.advance(2_499);
  assertEquals(reason, undefined);
  await virtual.advance(1);
  assertInstanceOf(reason, LeaseLostError);
  assertEquals(log.count("### [FAILED]"), 1);
  store.script = () => undefined;
  await virtual.advance(120_000);
});

Deno.test("a run whose record shows another owner is aborted and changes nothing in it", async () => {
  const virtual = new VirtualTime();
  const log = new KeptLog();
  const store = new ScriptedStore();
  const events: string[] = [];
  let reason: unknown;
  await using scheduler = new NeatPeriodicTaskScheduler({
    name: "taken",
    interval: HOUR,
    timeout: 60_000,
    heartbeatTimeout: 3_000,
    store,
    clock: virtual.clock(),
    log,
    task: ({ signal }) => virtual.delay(50_000, signal).catch((error) => reason = error),
  });
  scheduler.addEventListener("leaselost", (event) => events.push(`${event.type} ${event.term}`));
  scheduler.start();
  await virtual.advance(500);
  const other = { ...await store.record("taken"), owner: "BBBBBBBBBBBBBBBBBBBBBB", term: 2, write: "other" };
  await store.put("taken", other);
  await virtual.advance(500);
  assertInstanceOf(reason, LeaseLostError);
  assertEquals(await store.record("taken"), other);
  assertEquals(events, ["leaselost 1"]);
});

Deno.test("a run keeps a request that was added to its record", async () => {
  const virtual = new VirtualTime();
  const store = new ScriptedStore();
  let runs = 0;
  await using scheduler = new NeatPeriodicTaskScheduler({
    name: "asked",
    interval: HOUR,
    timeout: 60_000,
    heartbeatTimeout: 3_000,
    store,
    clock: virtual.clock(),
    log: SILENT,
    task: () => ++runs === 1 ? virtual.delay(2_500) : undefined,
  });
  scheduler.start();
  await virtual.advance(500);
  const requested = new Date(virtual.nowMs).toISOString();
  await store.put("asked", { ...await store.record("asked"), requested });
  await virtual.advance(2_500);
  assertEquals(runs, 2);
  assertEquals((await store.record("asked")).requested, undefined);
});
