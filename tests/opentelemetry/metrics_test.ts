/** The metrics of tasks, as Prometheus reads them. */
import { assert, assertEquals } from "@std/assert";
import {
  MemoryStore,
  type NeatPeriodicTaskEventType,
  NeatPeriodicTaskGroup,
  type NeatPeriodicTaskOptions,
  NeatPeriodicTaskScheduler,
  type Schedule,
  type StatusStore,
} from "../../mod.ts";
import { pauseTask } from "../../src/control.ts";
import { cron } from "../../src/cron.ts";
import { instrument } from "../../src/opentelemetry.ts";
import { SILENT } from "../helpers/log.ts";
import { bytesOf, ours } from "../helpers/records.ts";
import { VirtualTime } from "../helpers/virtual_time.ts";
import { Telemetry } from "./telemetry.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const PREFIX = "neat_periodic_task";

type Options = Partial<NeatPeriodicTaskOptions> & { readonly virtual: VirtualTime };

function schedulerOf({ virtual, ...options }: Options): NeatPeriodicTaskScheduler {
  const timing = options.schedule ? {} : { interval: HOUR };
  const common = { name: "backup", timeout: MINUTE, retryDelay: 10 * MINUTE, log: SILENT, task: () => {} };
  return new NeatPeriodicTaskScheduler(
    { ...common, ...timing, clock: virtual.clock(), ...options } as NeatPeriodicTaskOptions,
  );
}

/** The only value of a metric; `undefined` if it has none. */
async function valueOf(telemetry: Telemetry, metric: string): Promise<number | undefined> {
  const values = Object.values(await telemetry.values(`${PREFIX}_${metric}`));
  assert(values.length < 2, `${metric} has ${values.length} values`);
  return values[0];
}

Deno.test("every series of a counter is there before the first event", async () => {
  await using telemetry = new Telemetry();
  using _ = instrument(schedulerOf({ virtual: new VirtualTime() }), telemetry);
  assertEquals(
    await telemetry.values(`${PREFIX}_runs_total`, `${PREFIX}_outcome`),
    { finished: 0, failed: 0, timeout: 0, leaselost: 0, aborted: 0 },
  );
  assertEquals(
    await telemetry.values(`${PREFIX}_takeovers_total`, `${PREFIX}_takeover_reason`),
    { "lease-over": 0, stopped: 0, overdue: 0, triggered: 0 },
  );
  assertEquals(await valueOf(telemetry, "abandoned_runs_total"), 0);
  assertEquals(await valueOf(telemetry, "store_errors_total"), 0);
});

Deno.test("runs are counted and measured by their outcome", async () => {
  await using telemetry = new Telemetry();
  const virtual = new VirtualTime();
  const outcomes = [
    () => virtual.delay(3_000),
    () => Promise.reject(new Error("no luck")),
    () => new Promise(() => {}),
  ];
  const scheduler = schedulerOf({ virtual, task: () => outcomes.shift()?.() });
  using _ = instrument(scheduler, telemetry);
  scheduler.start();
  await virtual.settle();
  assertEquals(await valueOf(telemetry, "active_runs"), 1);
  await virtual.advance(HOUR + 15 * MINUTE);
  assertEquals(
    await telemetry.values(`${PREFIX}_runs_total`, `${PREFIX}_outcome`),
    { finished: 1, failed: 1, timeout: 1, leaselost: 0, aborted: 0 },
  );
  assertEquals(
    await telemetry.values(`${PREFIX}_run_duration_sum`, `${PREFIX}_outcome`),
    { finished: 3, failed: 0, timeout: 60 },
  );
  // the repetition is ten minutes late
  assertEquals(await valueOf(telemetry, "run_lateness_sum"), 600);
  assertEquals(await valueOf(telemetry, "abandoned_runs_total"), 1);
  assertEquals(await valueOf(telemetry, "active_runs"), 0);
  await scheduler.stop();
});

Deno.test("a run is late by the time since its due time, unless a run has finished since then", async () => {
  await using telemetry = new Telemetry();
  const virtual = new VirtualTime("2026-01-31T00:00:00.000Z");
  const store = new MemoryStore();
  const one = schedulerOf({ virtual, store, interval: 24 * HOUR });
  await one.trigger();
  const two = schedulerOf({ virtual, store, interval: 24 * HOUR });
  for (const scheduler of [one, two]) instrument(scheduler, telemetry);
  // the run of this due time was that of the first replica
  await virtual.advance(12 * HOUR);
  await two.trigger();
  await two.trigger();
  assertEquals(await valueOf(telemetry, "run_lateness_count"), undefined);
  assertEquals(telemetry.endedSpans.map(({ attributes }) => attributes["neat.periodic_task.lateness"]), [
    undefined,
    undefined,
  ]);
  await virtual.advance(14 * HOUR);
  await two.trigger();
  assertEquals([await valueOf(telemetry, "run_lateness_count"), await valueOf(telemetry, "run_lateness_sum")], [
    1,
    2 * 3_600,
  ]);
  assertEquals(telemetry.endedSpans.at(-1)?.attributes["neat.periodic_task.lateness"], 2 * 3_600);
});

Deno.test("a run that is in progress when the instrumentation begins is active until it ends", async () => {
  for (const stops of [false, true]) {
    await using telemetry = new Telemetry();
    const virtual = new VirtualTime();
    const scheduler = schedulerOf({ virtual, task: ({ signal }) => virtual.delay(3_000, signal) });
    scheduler.start();
    await virtual.settle();
    using _ = instrument(scheduler, telemetry);
    assertEquals(await valueOf(telemetry, "active_runs"), 1);
    if (stops) void scheduler.stop({ abort: true });
    await virtual.advance(MINUTE);
    // a run that is aborted has no event: the first collection after it notices its end
    await telemetry.page();
    assertEquals([stops, await valueOf(telemetry, "active_runs")], [stops, 0]);
    await scheduler.stop();
  }
});

Deno.test("a run whose error or span throws is no longer active at its end", async () => {
  await using telemetry = new Telemetry();
  class Hostile extends Error {
    override get message(): string {
      throw new Error("a getter");
    }
    override get name(): string {
      throw new Error("a getter");
    }
  }
  const endSpan = (): void => {
    throw new Error("a span processor");
  };
  const getTracer = (...args: Parameters<typeof telemetry.tracerProvider.getTracer>) => {
    const tracer = telemetry.tracerProvider.getTracer(...args);
    const startSpan: typeof tracer.startSpan = (...args) => Object.assign(tracer.startSpan(...args), { end: endSpan });
    return { startSpan, startActiveSpan: tracer.startActiveSpan.bind(tracer) };
  };
  for (const options of [telemetry, { ...telemetry, tracerProvider: { getTracer } }]) {
    const scheduler = schedulerOf({ virtual: new VirtualTime(), task: () => Promise.reject(new Hostile()) });
    using _ = instrument(scheduler, options);
    assertEquals((await scheduler.trigger()).outcome, "failed");
    assertEquals(await valueOf(telemetry, "active_runs"), 0);
  }
  assertEquals((await telemetry.values(`${PREFIX}_runs_total`, `${PREFIX}_outcome`))["failed"], 2);
});

Deno.test("an instrumentation that ends during a run counts its abandoned call, and shows no active run", async () => {
  await using telemetry = new Telemetry();
  const virtual = new VirtualTime();
  const scheduler = schedulerOf({ virtual, task: () => new Promise(() => {}) });
  const instrumentation = instrument(scheduler, telemetry);
  scheduler.start();
  await virtual.settle();
  assertEquals(await valueOf(telemetry, "active_runs"), 1);
  instrumentation[Symbol.dispose]();
  await virtual.advance(2 * MINUTE);
  assertEquals([await valueOf(telemetry, "abandoned_runs_total"), await valueOf(telemetry, "active_runs")], [1, 0]);
  await virtual.advance(10 * MINUTE);
  assertEquals(await valueOf(telemetry, "abandoned_runs_total"), 1);
  await scheduler.stop({ abort: true });
});

Deno.test("a run that is in progress when the instrumentation begins counts too, and has no span", async () => {
  await using telemetry = new Telemetry();
  const virtual = new VirtualTime();
  const scheduler = schedulerOf({ virtual, task: () => virtual.delay(3_000) });
  scheduler.start();
  await virtual.settle();
  using _ = instrument(scheduler, telemetry);
  await virtual.advance(MINUTE);
  assertEquals((await telemetry.values(`${PREFIX}_runs_total`, `${PREFIX}_outcome`))["finished"], 1);
  assertEquals([telemetry.endedSpans.length, await valueOf(telemetry, "success_age")], [0, 57]);
  await scheduler.stop();
});

Deno.test("a record of Dart's package shows the start of the last run, as it has no end", async () => {
  await using telemetry = new Telemetry();
  const virtual = new VirtualTime();
  const store = new MemoryStore();
  const started = new Date(virtual.nowMs - MINUTE).toISOString();
  const record = { format: "neat-periodic-task-status", version: 1, state: "finished", started, owner: "A".repeat(22) };
  await store.write("backup", new TextEncoder().encode(JSON.stringify(record)), null);
  const scheduler = schedulerOf({ virtual, store });
  using _ = instrument(scheduler, telemetry);
  scheduler.start();
  await virtual.advance(MINUTE);
  assertEquals(await valueOf(telemetry, "success_age"), 120);
  await scheduler.stop();
});

Deno.test("all replicas show the last success, the failures in a row and the next due time of the task", async () => {
  await using telemetry = new Telemetry();
  await using onStandby = new Telemetry();
  const virtual = new VirtualTime();
  const store = new MemoryStore();
  let fails = false;
  const task = () => {
    if (fails) throw new Error("no luck");
  };
  const [one, two] = ["one", "two"].map((instance) => schedulerOf({ virtual, store, instance, task })) as [
    NeatPeriodicTaskScheduler,
    NeatPeriodicTaskScheduler,
  ];
  using _one = instrument(one, telemetry);
  using _two = instrument(two, onStandby);
  assertEquals(await valueOf(telemetry, "success_age"), undefined);
  one.start();
  await virtual.settle();
  two.start();
  await virtual.advance(90 * MINUTE);
  assertEquals((await Promise.all([telemetry, onStandby].map((each) => valueOf(each, "success_age")))).sort(), [
    1_800,
    1_800,
  ]);
  const dueS = Date.parse("2026-01-31T14:00:00.000Z") / 1_000;
  for (const each of [telemetry, onStandby]) {
    assertEquals(await valueOf(each, "next_due_time"), dueS);
    assertEquals(await valueOf(each, "consecutive_failures"), 0);
    assertEquals(await valueOf(each, "due_times_missed"), 0);
    assertEquals(await valueOf(each, "term"), 2);
    assertEquals(await valueOf(each, "paused"), 0);
  }
  fails = true;
  await virtual.advance(2 * HOUR);
  const failures = await Promise.all([telemetry, onStandby].map((each) => valueOf(each, "consecutive_failures")));
  assert(failures.every((count) => (count ?? 0) > 0), failures.join());
  // the last success of a record whose last run has failed
  const ages = await Promise.all([telemetry, onStandby].map((each) => valueOf(each, "success_age")));
  assertEquals(ages, [9_000, 9_000]);
  await Promise.all([one.stop(), two.stop()]);
});

Deno.test("a collection never calls the store", async () => {
  await using telemetry = new Telemetry();
  const virtual = new VirtualTime();
  const store = new MemoryStore();
  let calls = 0;
  const counting: StatusStore = {
    read: (...args) => (calls++, store.read(...args)),
    write: (...args) => (calls++, store.write(...args)),
  };
  const scheduler = schedulerOf({ virtual, store: counting });
  using _ = instrument(scheduler, telemetry);
  scheduler.start();
  await virtual.advance(MINUTE);
  const before = calls;
  for (let count = 0; count < 10; count++) assert((await valueOf(telemetry, "success_age") ?? 0) > 0);
  assertEquals(calls, before);
  await scheduler.stop();
});

Deno.test("a takeover is counted by its reason", async () => {
  await using telemetry = new Telemetry();
  const virtual = new VirtualTime();
  const store = new MemoryStore();
  const one = schedulerOf({ virtual, store });
  await one.trigger();
  await one.stop();
  const two = schedulerOf({ virtual, store });
  using _ = instrument(new NeatPeriodicTaskGroup([two]), telemetry);
  two.start();
  await virtual.advance(HOUR + MINUTE);
  const takeovers = await telemetry.values(`${PREFIX}_takeovers_total`, `${PREFIX}_takeover_reason`);
  assertEquals(takeovers["stopped"], 1);
  await two.stop();
});

Deno.test("an outage of the store is measured from the first failed call to the next answer", async () => {
  await using telemetry = new Telemetry();
  const virtual = new VirtualTime();
  const store = new MemoryStore();
  let isAway = false;
  const unreliable: StatusStore = {
    read: (...args) => isAway ? Promise.reject(new Error("away")) : store.read(...args),
    write: (...args) => isAway ? Promise.reject(new Error("away")) : store.write(...args),
  };
  const scheduler = schedulerOf({ virtual, store: unreliable });
  const failedAtMs: number[] = [];
  scheduler.addEventListener("storeerror", () => failedAtMs.push(virtual.nowMs));
  using _ = instrument(scheduler, telemetry);
  scheduler.start();
  await virtual.advance(MINUTE);
  assertEquals(await valueOf(telemetry, "store_outage_duration"), 0);
  isAway = true;
  await virtual.advance(2 * HOUR);
  const [firstMs = NaN] = failedAtMs;
  assertEquals(await valueOf(telemetry, "store_outage_duration"), (virtual.nowMs - firstMs) / 1_000);
  assertEquals(await valueOf(telemetry, "store_errors_total"), failedAtMs.length);
  isAway = false;
  await virtual.advance(HOUR);
  assertEquals(await valueOf(telemetry, "store_outage_duration"), 0);
  await scheduler.stop();
});

Deno.test("an outage of a store that refuses claims ends with the next check that is answered", async () => {
  await using telemetry = new Telemetry();
  const virtual = new VirtualTime();
  const store = new MemoryStore();
  let refuses = true;
  await schedulerOf({ virtual, store }).trigger();
  const refusing: StatusStore = {
    read: (...args) => store.read(...args),
    write: (...args) => refuses ? Promise.resolve(null) : store.write(...args),
  };
  const scheduler = schedulerOf({ virtual, store: refusing });
  using _ = instrument(scheduler, telemetry);
  scheduler.start();
  await virtual.advance(2 * HOUR);
  assert((await valueOf(telemetry, "store_outage_duration") ?? 0) > 0);
  refuses = false;
  await pauseTask(store, "backup", { clock: virtual.clock() });
  await virtual.advance(10 * MINUTE);
  // a paused task has no further event
  assertEquals([scheduler.explain().reason, await valueOf(telemetry, "store_outage_duration")], ["paused", 0]);
  await scheduler.stop();
});

Deno.test("a call that fails before start() is no outage", async () => {
  await using telemetry = new Telemetry();
  const away = () => Promise.reject(new Error("away"));
  const virtual = new VirtualTime();
  const scheduler = schedulerOf({ virtual, store: { read: away, write: away } });
  using _ = instrument(scheduler, telemetry);
  await scheduler.trigger().catch(() => {});
  await virtual.advance(HOUR);
  assertEquals([await valueOf(telemetry, "store_errors_total"), await valueOf(telemetry, "store_outage_duration")], [
    1,
    0,
  ]);
});

Deno.test("a paused task is shown as paused", async () => {
  await using telemetry = new Telemetry();
  const virtual = new VirtualTime();
  const store = new MemoryStore();
  const scheduler = schedulerOf({ virtual, store });
  using _ = instrument(scheduler, telemetry);
  scheduler.start();
  await virtual.advance(MINUTE);
  await pauseTask(store, "backup", { clock: virtual.clock() });
  await virtual.advance(5 * HOUR);
  assertEquals([await valueOf(telemetry, "paused"), await valueOf(telemetry, "due_times_missed")], [1, 0]);
  await scheduler.stop();
});

Deno.test("a schedule that pauses at night misses no due time, and counts them while no run finishes", async () => {
  await using telemetry = new Telemetry();
  const virtual = new VirtualTime("2026-01-30T15:05:00.000Z");
  let fails = false;
  const scheduler = schedulerOf({
    virtual,
    schedule: cron("*/10 9-17 * * *"),
    task: () => {
      if (fails) throw new Error("no luck");
    },
  });
  using _ = instrument(scheduler, telemetry);
  scheduler.start();
  for (let hours = 0; hours < 48; hours++) {
    await virtual.advance(HOUR);
    assertEquals(await valueOf(telemetry, "due_times_missed"), 0);
  }
  fails = true;
  // 15:10 to 15:50; that of 16:00 may still finish
  await virtual.advance(55 * MINUTE + 30_000);
  assertEquals(await valueOf(telemetry, "due_times_missed"), 5);
  await virtual.advance(6 * HOUR);
  assertEquals(await valueOf(telemetry, "due_times_missed"), 10);
  await scheduler.stop();
});

Deno.test("a task whose runs never end misses due times, has a term that rises, and no success", async () => {
  const virtual = new VirtualTime();
  const store = new MemoryStore();
  const terms: number[] = [];
  for (let process = 0; process < 5; process++) {
    await using telemetry = new Telemetry();
    // a process that is killed during its run: it writes nothing more, and its successor begins
    let isKilled = false;
    const scheduler = schedulerOf({
      virtual,
      store: {
        read: (...args) => isKilled ? new Promise<never>(() => {}) : store.read(...args),
        write: (...args) => isKilled ? new Promise<never>(() => {}) : store.write(...args),
      },
      task: () => new Promise(() => {}),
    });
    using _ = instrument(scheduler, telemetry);
    scheduler.start();
    while (scheduler.explain().reason !== "running") await virtual.advance(1_000);
    terms.push(await valueOf(telemetry, "term") ?? NaN);
    assertEquals(await valueOf(telemetry, "success_age"), undefined);
    isKilled = true;
    void scheduler.stop({ abort: true });
    await virtual.advance(HOUR);
  }
  assertEquals(terms, [1, 2, 3, 4, 5]);
});

Deno.test("the next due time is the one for which the scheduler waits", async () => {
  await using telemetry = new Telemetry();
  const virtual = new VirtualTime();
  const store = new MemoryStore();
  const daily = schedulerOf({ virtual, store, interval: 24 * HOUR });
  await daily.trigger();
  await daily.stop();
  // a deploy makes the interval shorter; the record has the due time of the longer one
  const hourly = schedulerOf({ virtual, store });
  using _ = instrument(hourly, telemetry);
  hourly.start();
  await virtual.advance(MINUTE);
  assertEquals(await valueOf(telemetry, "next_due_time"), (hourly.explain().due?.getTime() ?? NaN) / 1_000);
  assert((await valueOf(telemetry, "next_due_time") ?? NaN) <= virtual.nowMs / 1_000 + 3_600);
  await hourly.stop();
});

Deno.test("a due time that was given up at the start deadline is not the next one", async () => {
  await using telemetry = new Telemetry();
  const virtual = new VirtualTime();
  const store = new MemoryStore();
  const one = schedulerOf({ virtual, store, startDeadline: 5 * MINUTE });
  await one.trigger();
  await one.stop();
  virtual.nowMs += HOUR + 30 * MINUTE;
  const two = schedulerOf({ virtual, store, startDeadline: 5 * MINUTE });
  using _ = instrument(two, telemetry);
  two.start();
  await virtual.advance(1_000);
  assert((await valueOf(telemetry, "next_due_time") ?? NaN) > virtual.nowMs / 1_000);
  await two.stop();
});

Deno.test("a schedule that has ended or fails has no figure that is not finite", async () => {
  await using telemetry = new Telemetry();
  const virtual = new VirtualTime();
  const [end] = [new Date(virtual.nowMs + HOUR)];
  let fails = false;
  const schedule: Schedule = {
    next: (after) => {
      if (fails) throw new Error("no schedule");
      return after < end ? end : null;
    },
  };
  const scheduler = schedulerOf({ virtual, schedule });
  using _ = instrument(scheduler, telemetry);
  scheduler.start();
  await virtual.advance(2 * HOUR);
  assertEquals([await valueOf(telemetry, "next_due_time"), await valueOf(telemetry, "due_times_missed")], [8.64e12, 0]);
  fails = true;
  for (const { value, labels } of await telemetry.samples()) assert(Number.isFinite(value) || labels["le"]);
  await scheduler.stop();
});

Deno.test("a schedule that fails misses its due times", async () => {
  await using telemetry = new Telemetry();
  const virtual = new VirtualTime();
  let fails = false;
  const schedule: Schedule = {
    next: (after) => {
      if (fails) throw new Error("no schedule");
      return new Date((Math.floor(after.getTime() / HOUR) + 1) * HOUR);
    },
  };
  const scheduler = schedulerOf({ virtual, schedule });
  using _ = instrument(scheduler, telemetry);
  scheduler.start();
  await virtual.advance(2 * HOUR + MINUTE);
  assertEquals(await valueOf(telemetry, "due_times_missed"), 0);
  fails = true;
  await virtual.advance(3 * HOUR);
  assertEquals(await valueOf(telemetry, "due_times_missed"), 10);
  assert((await valueOf(telemetry, "success_age") ?? 0) > 3_600);
  await scheduler.stop();
});

Deno.test("nothing remains of a disposed instrumentation", async () => {
  await using telemetry = new Telemetry();
  const virtual = new VirtualTime();
  const scheduler = schedulerOf({ virtual });
  const listeners = new Map<NeatPeriodicTaskEventType, number>();
  const { addEventListener, removeEventListener } = scheduler;
  const count = (type: NeatPeriodicTaskEventType, by: number) => listeners.set(type, (listeners.get(type) ?? 0) + by);
  scheduler.addEventListener = (type, ...rest) => {
    count(type, 1);
    addEventListener.call(scheduler, type, ...rest as [never]);
  };
  scheduler.removeEventListener = (type, ...rest) => {
    count(type, -1);
    removeEventListener.call(scheduler, type, ...rest as [never]);
  };
  const instrumentation = instrument(scheduler, telemetry);
  assert([...listeners.values()].every((count) => count === 1));
  instrumentation[Symbol.dispose]();
  assertEquals(new Set(listeners.values()), new Set([0]));
  await scheduler.trigger();
  const { finished } = await telemetry.values(`${PREFIX}_runs_total`, `${PREFIX}_outcome`);
  assertEquals([finished, await valueOf(telemetry, "success_age")], [0, undefined]);
});

Deno.test("a standby that leaves checks to others shows neither failures nor a pause", async () => {
  await using telemetry = new Telemetry();
  const virtual = new VirtualTime();
  const store = new MemoryStore();
  const scheduler = schedulerOf({ virtual, store });
  using _ = instrument(scheduler, telemetry);
  const standbys = [..."abcd"].map((id) => ({ id, until: 90 }));
  /** What another replica has written. */
  const put = async (fields: Record<string, unknown>): Promise<void> => {
    const now = new Date(virtual.nowMs).toISOString();
    const record = { ...ours({ started: now, scheduled: now, finished: now, ...fields }) };
    await store.write("backup", bytesOf(record), (await store.read("backup"))?.version ?? null);
  };
  await put({ state: "failed", failures: 3, paused: new Date(virtual.nowMs).toISOString() });
  scheduler.start();
  await virtual.advance(1_000);
  assertEquals([await valueOf(telemetry, "consecutive_failures"), await valueOf(telemetry, "paused")], [3, 1]);
  await virtual.advance(HOUR - 1_000);
  await put({ state: "failed", failures: 4, paused: new Date(virtual.nowMs).toISOString(), standbys });
  await virtual.advance(3 * HOUR);
  assertEquals(await valueOf(telemetry, "term"), 7);
  assertEquals([await valueOf(telemetry, "consecutive_failures"), await valueOf(telemetry, "paused")], [0, 0]);
  await scheduler.stop();
});
