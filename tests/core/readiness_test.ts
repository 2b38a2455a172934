import { assertEquals, assertRejects } from "@std/assert";
import { type IntervalTaskOptions, NeatPeriodicTaskScheduler } from "../../mod.ts";
import { Readiness } from "../../src/core/readiness.ts";
import { MAX_TERM } from "../../src/record/status_record.ts";
import { SILENT } from "../helpers/log.ts";
import { ScriptedStore } from "../helpers/scripted_store.ts";
import { VirtualTime } from "../helpers/virtual_time.ts";

const HOUR = 3_600_000;
const GONE = new Error("gone");

/** Returns "ready", the message of the rejection, or "pending". */
async function outcomeOf(promise: Promise<void>): Promise<string> {
  let outcome = "pending";
  promise.then(() => outcome = "ready", (error: unknown) => outcome = `${error}`);
  await new Promise<void>((resolve) => setTimeout(resolve));
  return outcome;
}

const STOPPED =
  'Error: Cannot wait for the first check as the scheduler was stopped before: current value is "stopping"';

type Call = "answered" | "failed" | "stopped";

/** Calls of a {@linkcode Readiness}, and the outcomes of a `ready()` before and of one after them. */
const TABLE: readonly (readonly [calls: readonly Call[], before: string, after: string])[] = [
  [[], "pending", "pending"],
  [["answered"], "ready", "ready"],
  [["failed"], "Error: gone", "Error: gone"],
  [["failed", "answered"], "Error: gone", "ready"],
  [["answered", "failed"], "ready", "Error: gone"],
  [["answered", "failed", "answered"], "ready", "ready"],
  [["stopped"], STOPPED, STOPPED],
  [["stopped", "stopped"], STOPPED, STOPPED],
  [["stopped", "answered"], STOPPED, STOPPED],
  [["answered", "stopped"], "ready", "ready"],
  [["failed", "stopped"], "Error: gone", "Error: gone"],
  [["failed", "stopped", "answered"], "Error: gone", "Error: gone"],
];

for (const [calls, before, after] of TABLE) {
  Deno.test(`Readiness.ready() before and after [${calls}] settles by the first and by the last check`, async () => {
    const readiness = new Readiness();
    const early = [readiness.ready(), readiness.ready()];
    for (const call of calls) {
      if (call === "answered") readiness.answered();
      else if (call === "failed") readiness.failed(GONE);
      else readiness.stopped("stopping");
    }
    const late = readiness.ready();
    assertEquals(await Promise.all([...early, late].map(outcomeOf)), [before, before, after]);
  });
}

interface Setting {
  readonly virtual: VirtualTime;
  readonly store: ScriptedStore;
  readonly scheduler: NeatPeriodicTaskScheduler;
}

function setting(options: Partial<IntervalTaskOptions> = {}): Setting {
  const virtual = new VirtualTime();
  const store = new ScriptedStore();
  const scheduler = new NeatPeriodicTaskScheduler({
    name: "ready",
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

Deno.test("ready() waits for start() and the first check, and leaves no timer", async () => {
  const { virtual, store, scheduler } = setting();
  const ready = scheduler.ready();
  await virtual.advance(HOUR);
  assertEquals([await outcomeOf(ready), virtual.timers, store.calls], ["pending", 0, []]);
  scheduler.start();
  await virtual.advance(0);
  assertEquals(await outcomeOf(ready), "ready");
  await scheduler.stop();
  assertEquals(virtual.timers, 0);
});

Deno.test("ready() resolves while the first run is in progress", async () => {
  const { virtual, scheduler } = setting({ task: () => virtual.delay(5_000) });
  scheduler.start();
  await virtual.advance(1_000);
  assertEquals([scheduler.explain().reason, await outcomeOf(scheduler.ready())], ["running", "ready"]);
  await Promise.all([scheduler.stop(), virtual.advance(5_000)]);
});

Deno.test("ready() rejects with the error of the first check, and follows the last check from then on", async () => {
  const { virtual, store, scheduler } = setting();
  store.script = () => ({ fails: GONE });
  const first = scheduler.ready();
  scheduler.start();
  await virtual.advance(0);
  assertEquals(await assertRejects(() => first), GONE);
  assertEquals(await assertRejects(() => scheduler.ready()), GONE);
  store.script = () => undefined;
  await virtual.advance(10_000);
  assertEquals(await outcomeOf(scheduler.ready()), "ready");
  store.script = () => ({ fails: new Error("gone again") });
  await virtual.advance(HOUR);
  assertEquals(await outcomeOf(scheduler.ready()), "Error: gone again");
  await Promise.all([scheduler.stop(), virtual.advance(1_000)]);
});

Deno.test("ready() rejects if the store refuses to write the first record", async () => {
  const { virtual, store, scheduler } = setting();
  store.script = (call) => call === "write" ? { fails: new Error("read-only") } : undefined;
  scheduler.start();
  await virtual.advance(0);
  assertEquals(await outcomeOf(scheduler.ready()), "Error: read-only");
  await Promise.all([scheduler.stop(), virtual.advance(1_000)]);
});

Deno.test("ready() of a preferred replica, which claims without a read, follows its claims", async () => {
  const { virtual, store, scheduler } = setting();
  scheduler.start();
  await virtual.advance(HOUR / 2 + 1);
  store.calls.length = 0;
  store.script = () => ({ fails: GONE });
  await virtual.advance(HOUR / 2 + 10_000);
  const unanswered = 'Error: Cannot run the task as the claim was not answered in time: current value is "ready"';
  assertEquals([store.calls[0], await outcomeOf(scheduler.ready())], ["write", unanswered]);
  store.script = () => undefined;
  await virtual.advance(HOUR / 4);
  assertEquals(await outcomeOf(scheduler.ready()), "ready");
  await scheduler.stop();
});

Deno.test("ready() resolves after a claim without a read, although the last read failed", async () => {
  const { virtual, store, scheduler } = setting();
  scheduler.start();
  await virtual.advance(HOUR / 4);
  store.script = (call) => call === "read" ? { fails: GONE } : undefined;
  await virtual.advance(HOUR / 2);
  assertEquals(await outcomeOf(scheduler.ready()), "Error: gone");
  await virtual.advance(HOUR / 4 + 300_000);
  assertEquals([(await store.record("ready"))["term"], await outcomeOf(scheduler.ready())], [2, "ready"]);
  await Promise.all([scheduler.stop(), virtual.advance(1_000)]);
});

Deno.test("ready() resolves if the store answers, but loses its records", async () => {
  const virtual = new VirtualTime();
  const store = { read: () => Promise.resolve(null), write: () => Promise.resolve("1") };
  const { scheduler } = setting({ store, clock: virtual.clock() });
  scheduler.start();
  await virtual.advance(0);
  assertEquals(await outcomeOf(scheduler.ready()), "ready");
  await scheduler.stop();
});

Deno.test("ready() rejects for data that cannot be used, until there is a record", async () => {
  const record = { format: "neat-periodic-task-status", version: 1 };
  const started = "2026-01-31T11:59:00.000Z";
  const cases: [unknown, string][] = [
    ["notes", 'use the record at "ready" as it is not a status record'],
    [{ ...record, version: 2 }, 'use the record at "ready" as it is of a newer version'],
    [
      { ...record, state: "finished", started, owner: "someone", term: MAX_TERM },
      'use the record at "ready" as the highest term seen cannot rise',
    ],
  ];
  for (const [data, message] of cases) {
    const { virtual, store, scheduler } = setting();
    await store.put("ready", data);
    scheduler.start();
    await virtual.advance(0);
    await assertRejects(() => scheduler.ready(), Error, message);
    await scheduler.stop();
  }
});

Deno.test("ready() rejects with the error of a schedule that fails", async () => {
  const virtual = new VirtualTime();
  let isBroken = false;
  const scheduler = new NeatPeriodicTaskScheduler({
    name: "scheduled",
    schedule: {
      next(after) {
        if (isBroken) throw new Error("no calendar");
        return new Date(after.getTime() + HOUR);
      },
    },
    timeout: 10_000,
    clock: virtual.clock(),
    log: SILENT,
    task: () => {},
  });
  isBroken = true;
  scheduler.start();
  await virtual.advance(0);
  await assertRejects(() => scheduler.ready(), Error, "schedule");
  await scheduler.stop();
});

Deno.test("ready() rejects at stop() if no check was answered, also while the first read hangs", async () => {
  const { virtual, store, scheduler } = setting();
  store.script = () => ({ hangs: true });
  scheduler.start();
  await virtual.advance(0);
  const ready = scheduler.ready();
  const stopped = scheduler.stop();
  assertEquals([await outcomeOf(ready), await outcomeOf(scheduler.ready())], [STOPPED, STOPPED]);
  await virtual.advance(1_000);
  await stopped;
  assertEquals([await outcomeOf(scheduler.ready()), virtual.timers], [STOPPED, 0]);
});

Deno.test("ready() that nobody awaits is no unhandled rejection", async () => {
  const { virtual, scheduler } = setting();
  scheduler.ready();
  await scheduler.stop();
  scheduler.ready();
  await virtual.settle();
});

Deno.test("a trigger before start() answers ready()", async () => {
  const { scheduler } = setting();
  const ready = scheduler.ready();
  await scheduler.trigger();
  await ready;
});
