// To be bundled for Node and Bun, whose runner of `node:test` runs it: what the core does in real time.
//
// Nothing here hangs on how fast the machine is: what must come is waited for, and what must not come is given an hour or a lease
// that is far off.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as core from "@neat/periodic-task";
import type { Logger, NeatPeriodicTaskEvent, NeatPeriodicTaskOptions, Run, StatusStore } from "@neat/periodic-task";

const { LeaseLostError, MemoryStore, NeatPeriodicTaskGroup, NeatPeriodicTaskScheduler } = core;
type Scheduler = core.NeatPeriodicTaskScheduler;

const LIMIT_MS = 30_000;

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Waits until something is so; fails if it isn't for long. */
async function until(what: string, isSo: () => unknown): Promise<void> {
  for (const endMs = Date.now() + LIMIT_MS; !(await isSo()); await sleep(5)) {
    if (Date.now() > endMs) throw new Error(`Waited in vain: ${what}`);
  }
}

/** A promise, and the function that resolves it. */
function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => open = resolve);
  return { opened, open };
}

/** Keeps what is logged, as `level message`, with the error if there is one. */
class Lines implements Logger {
  readonly all: string[] = [];

  info(message: string): void {
    this.all.push(`info ${message}`);
  }

  warn(message: string, error?: unknown): void {
    this.all.push(`warn ${message}: ${error}`);
  }

  error(message: string, error?: unknown): void {
    this.all.push(`error ${message}: ${error}`);
  }

  /** Those of the interface, without what all have in common. */
  get short(): string[] {
    return this.all.map((line) => line.replace(/### | neat-periodic-task: "task"/g, ""));
  }
}

/** A scheduler that runs once, and then in an hour. */
function make(options: Partial<NeatPeriodicTaskOptions> = {}): { scheduler: Scheduler; log: Lines } {
  const log = new Lines();
  const scheduler = new NeatPeriodicTaskScheduler({
    name: "task",
    interval: { hours: 1 },
    timeout: { minutes: 1 },
    task: () => {},
    log,
    ...options,
  });
  return { scheduler, log };
}

/** A task that ends with the reason of its signal. */
function untilAborted({ signal }: Run): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));
}

/** A store that does what a test says before it writes. */
function storeThat(beforeWrite: (count: number) => unknown): StatusStore {
  const inner = new MemoryStore();
  let count = 0;
  return {
    read: (key, options) => inner.read(key, options),
    write: async (key, value, version, options) => {
      await beforeWrite(++count);
      return await inner.write(key, value, version, options);
    },
  };
}

test("the package exports what its documentation names, and nothing else", () => {
  const names = Object.keys(core).filter((name) => /^[A-Z]/.test(name)).sort();
  const expected = ["LeaseLostError", "MemoryStore", "NeatPeriodicTaskEvent"];
  assert.deepEqual(names, [...expected, "NeatPeriodicTaskGroup", "NeatPeriodicTaskScheduler"]);
});

test("a run logs START, then runs the task, and then logs FINISHED, to the letter", async () => {
  const { scheduler, log } = make({ task: ({ name, term }) => log.info(`the task ${name} ${term}`) });
  scheduler.start();
  await until("FINISHED", () => log.all.length === 3);
  await scheduler.stop();
  assert.deepEqual(log.all, [
    'info ### [START] neat-periodic-task: "task"',
    "info the task task 1",
    'info ### [FINISHED] neat-periodic-task: "task"',
  ]);
});

test("the console gets the lines where there is no logger", async () => {
  const lines: unknown[] = [];
  const { info, error } = console;
  console.info = (line: unknown) => lines.push(line);
  console.error = (line: unknown, { message }: Error) => lines.push(line, message);
  try {
    const { scheduler } = make({ log: undefined, task: () => Promise.reject(new Error("no luck")) });
    await scheduler.trigger();
    await scheduler.stop();
  } finally {
    Object.assign(console, { info, error });
  }
  const name = 'neat-periodic-task: "task"';
  assert.deepEqual(lines, [`### [START] ${name}`, `### [FAILED] ${name}`, "no luck"]);
});

test("ALIVE is logged between two runs", async () => {
  const alive: NeatPeriodicTaskEvent[] = [];
  const { scheduler, log } = make({ interval: 400, task: () => {} });
  scheduler.addEventListener("alive", (event) => alive.push(event));
  scheduler.start();
  await until("ALIVE", () => alive.length > 0);
  await scheduler.stop();
  // on a busy machine a run may be due before there was time to say so
  assert.equal(log.short[log.short.indexOf("info [ALIVE]") - 1], "info [FINISHED]");
});

test("runs are due on a grid of intervals, each with a higher term", async () => {
  const runs: Run[] = [];
  const { scheduler } = make({ interval: { milliseconds: 60 }, task: (run) => runs.push(run) });
  scheduler.start();
  await until("five runs", () => runs.length >= 5);
  await scheduler.stop();
  for (const [index, { scheduled, started, term }] of runs.entries()) {
    assert.equal((scheduled.getTime() - runs[0]!.scheduled.getTime()) % 60, 0);
    assert.ok(started >= scheduled, "a run began before it was due");
    assert.equal(term, index + 1);
  }
});

test("a run of a long interval is not repeated at once, though no timer is as long", async () => {
  let runs = 0;
  const { scheduler } = make({
    interval: { days: 100 },
    minCycle: { days: 40 },
    maxCycle: { days: 90 },
    task: () => runs++,
  });
  scheduler.start();
  await until("a run", () => runs > 0);
  await sleep(100);
  await scheduler.stop();
  assert.equal(runs, 1);
});

test("a timeout aborts the signal with a TimeoutError", async () => {
  let reason: unknown;
  const { scheduler, log } = make({
    timeout: 150,
    task: async (run) => {
      await untilAborted(run).catch((error) => reason = error);
    },
  });
  const { outcome, error, run } = await scheduler.trigger();
  assert.ok(reason instanceof DOMException && reason.name === "TimeoutError");
  assert.equal(error, reason);
  assert.equal(run?.signal.reason, reason);
  assert.equal(outcome, "timeout");
  assert.deepEqual(log.short.map((line) => line.replace(/!: .*/, "!")), [
    "info [START]",
    "error [FAILED], timeout exceeded!",
  ]);
  await scheduler.stop();
});

test("a task that goes on after its timeout is left behind, and no more than maxAbandoned are", async () => {
  const { opened, open } = gate();
  let left = 0;
  const { scheduler } = make({ timeout: 100, maxAbandoned: 0, task: () => opened });
  scheduler.addEventListener("abandoned", () => left++);
  assert.equal((await scheduler.trigger()).outcome, "timeout");
  assert.equal((await scheduler.trigger()).outcome, "too-many-abandoned");
  assert.deepEqual([left, scheduler.explain().abandoned], [1, 1]);
  assert.deepEqual(await scheduler.stop(), { clean: false, abandoned: 1 });
  open();
  await until("the body's end", () => scheduler.explain().abandoned === 0);
});

test("a failed run is repeated after retryDelay, and not before", async () => {
  const { scheduler: hasty, log } = make({
    retryDelay: 300,
    task: ({ term }) => Promise.reject(new Error(`luck ${term}`)),
  });
  hasty.start();
  await until("two failures", async () => (await hasty.status()).failures >= 2);
  await hasty.stop();
  assert.deepEqual(log.short.slice(0, 2), ["info [START]", "error [FAILED]: Error: luck 1"]);
  // as the record has them: a busy machine may take its time between the claim and the run
  const [first, second] = (await hasty.status()).recent.map(({ start }) => Date.parse(start));
  assert.ok(second! - first! >= 290, `repeated after ${second! - first!} ms`);

  let failures = 0;
  const { scheduler: patient } = make({
    retryDelay: { hours: 2 },
    task: () => {
      failures++;
      throw new Error("no luck");
    },
  });
  patient.start();
  await until("a failure", () => patient.explain().reason === "retry later");
  await sleep(100);
  await patient.stop();
  assert.equal(failures, 1);
});

test("the record tells of failures until a run finishes", async () => {
  let hasLuck = false;
  const { scheduler } = make({ task: () => hasLuck || Promise.reject(new Error("no luck")) });
  await scheduler.trigger();
  await scheduler.trigger();
  const failed = await scheduler.status();
  assert.deepEqual([failed.state, failed.failures, failed.error, failed.term], ["failed", 2, "Error: no luck", 2]);
  hasLuck = true;
  assert.equal((await scheduler.trigger()).outcome, "finished");
  const { state, failures, error, term, recent } = await scheduler.status();
  assert.deepEqual([state, failures, error, term], ["finished", 0, undefined, 3]);
  assert.deepEqual(recent.map(({ outcome }) => outcome), ["failed", "failed", "finished"]);
  await scheduler.stop();
});

test("status() has dates, and idle before the first run", async () => {
  const { scheduler } = make();
  assert.deepEqual(await scheduler.status(), { state: "idle", term: 0, failures: 0, recent: [] });
  await scheduler.trigger();
  const { owner, started, scheduled, finished } = await scheduler.status();
  assert.match(owner!, /^[\w-]{22}$/);
  assert.ok(started instanceof Date && scheduled instanceof Date && finished instanceof Date);
  assert.ok(finished >= started && started >= scheduled);
  await scheduler.stop();
});

test("stop() waits for the run in progress", async () => {
  const { opened, open } = gate();
  const { scheduler, log } = make({ task: () => opened });
  scheduler.start();
  await until("START", () => log.all.length === 1);
  let isStopped = false;
  const stopping = scheduler.stop().finally(() => isStopped = true);
  await sleep(50);
  assert.deepEqual([isStopped, scheduler.state], [false, "stopping"]);
  open();
  assert.deepEqual(await stopping, { clean: true, abandoned: 0 });
  assert.deepEqual([scheduler.state, log.short], ["stopped", ["info [START]", "info [FINISHED]"]]);
});

test("stop({ abort }) aborts the run, and gives its record back", async () => {
  const { scheduler, log } = make({ task: untilAborted });
  scheduler.start();
  await until("START", () => log.all.length === 1);
  const triggered = scheduler.trigger();
  assert.deepEqual(await scheduler.stop({ abort: true }), { clean: true, abandoned: 0 });
  const { outcome, error } = await triggered;
  assert.ok(error instanceof DOMException && error.name === "AbortError");
  assert.equal(outcome, "aborted");
  assert.deepEqual([(await scheduler.status()).state, log.short], ["idle", ["info [START]"]]);
});

test("stop({ timeout }) leaves a task behind that does not obey", async () => {
  const { opened, open } = gate();
  const { scheduler, log } = make({ task: () => opened });
  scheduler.start();
  await until("START", () => log.all.length === 1);
  assert.deepEqual(await scheduler.stop({ timeout: 50 }), { clean: false, abandoned: 1 });
  open();
});

test("stop() may come before start(), and twice, but nothing starts again", async () => {
  const { scheduler } = make();
  assert.equal(scheduler.state, "new");
  assert.deepEqual(await scheduler.stop(), { clean: true, abandoned: 0 });
  assert.deepEqual(await scheduler.stop(), { clean: true, abandoned: 0 });
  assert.throws(
    () => scheduler.start(),
    /^Error: Cannot start the scheduler as it was started or stopped before: current value is "stopped"$/,
  );
  assert.equal((await scheduler.trigger()).outcome, "stopped");
});

test("[Symbol.asyncDispose]() stops, and waits for the run in progress", async () => {
  let isDone = false;
  const { scheduler } = make({ task: () => sleep(50).then(() => isDone = true) });
  scheduler.start();
  await until("a run", () => scheduler.explain().reason.startsWith("running"));
  await scheduler[Symbol.asyncDispose]();
  assert.deepEqual([scheduler.state, isDone], ["stopped", true]);
});

test("trigger() answers with the run in progress, or runs the task now", async () => {
  const { opened, open } = gate();
  let runs = 0;
  const { scheduler } = make({
    task: () => {
      runs++;
      return opened;
    },
  });
  const [one, other] = [scheduler.trigger(), scheduler.trigger()];
  open();
  assert.equal((await one).run, (await other).run);
  assert.equal(runs, 1);
  scheduler.start();
  const { outcome, run } = await scheduler.trigger();
  assert.deepEqual([outcome, run?.term, runs], ["finished", 2, 2]);
  await scheduler.stop();
});

test("a task that runs elsewhere is not run here", async () => {
  const store = new MemoryStore();
  const { opened, open } = gate();
  const { scheduler: one, log } = make({ store, task: () => opened });
  const { scheduler: other } = make({ store });
  const triggered = one.trigger();
  await until("START", () => log.all.length === 1);
  assert.deepEqual(await other.trigger(), { outcome: "running-elsewhere" });
  open();
  assert.equal((await triggered).outcome, "finished");
  assert.equal((await other.trigger()).run?.term, 2);
  await Promise.all([one.stop(), other.stop()]);
});

test("events tell of a run, and a listener that throws harms nobody", async () => {
  const heard: NeatPeriodicTaskEvent[] = [];
  const { scheduler, log } = make({ task: ({ term }) => term === 2 && Promise.reject(new Error("no luck")) });
  const listener = (event: NeatPeriodicTaskEvent): number => heard.push(event);
  for (const type of ["start", "finished", "failed"] as const) scheduler.addEventListener(type, listener);
  scheduler.addEventListener("start", () => {
    throw new Error("a listener");
  });
  await scheduler.trigger();
  await scheduler.trigger();
  for (const type of ["start", "finished", "failed"] as const) scheduler.removeEventListener(type, listener);
  await scheduler.trigger();
  await scheduler.stop();
  assert.deepEqual(heard.map(({ type, name, term }) => `${type} ${name} ${term}`), [
    "start task 1",
    "finished task 1",
    "start task 2",
    "failed task 2",
  ]);
  const [, finished, , failed] = heard;
  assert.ok(finished instanceof core.NeatPeriodicTaskEvent && finished instanceof Event);
  assert.ok(finished.durationMs! >= 0 && finished.scheduled! <= finished.time);
  assert.equal((failed!.error as Error).message, "no luck");
  assert.ok(log.short.some((line) => line.startsWith("warn") && line.includes("a listener")), log.short.join("\n"));
});

test("a run gives signs of life while it lasts", async () => {
  const { opened, open } = gate();
  const { scheduler, log } = make({ heartbeatInterval: 20, heartbeatTimeout: { minutes: 1 }, task: () => opened });
  const triggered = scheduler.trigger();
  await until("START", () => log.all.length === 1);
  const beats = new Set<number>();
  await until("three signs of life", async () => {
    const { heartbeat } = await scheduler.status();
    if (heartbeat) beats.add(heartbeat.getTime());
    return beats.size >= 3;
  });
  open();
  assert.equal((await triggered).outcome, "finished");
  assert.equal((await scheduler.status()).heartbeat, undefined);
  await scheduler.stop();
});

test("a lease that can't be kept aborts the signal with a LeaseLostError", async () => {
  let isDown = false;
  const { scheduler, log } = make({
    store: storeThat(() => isDown && Promise.reject(new Error("down"))),
    heartbeatTimeout: 200,
    heartbeatInterval: 20,
    task: (run) => {
      isDown = true;
      return untilAborted(run).catch(() => isDown = false);
    },
  });
  let isHeard = false;
  scheduler.addEventListener("leaselost", () => isHeard = true);
  const { outcome, error, run } = await scheduler.trigger();
  assert.ok(error instanceof LeaseLostError && error instanceof Error);
  assert.equal(error.name, "LeaseLostError");
  assert.equal(run?.signal.reason, error);
  assert.deepEqual([outcome, isHeard], ["leaselost", true]);
  assert.ok(log.short.some((line) => line.startsWith("error [FAILED]: LeaseLostError")), log.short.join("\n"));
  await scheduler.stop();
});

test("wrapRun is called around the task", async () => {
  const order: string[] = [];
  const { scheduler } = make({
    task: () => order.push("task"),
    wrapRun: async (run, task) => {
      order.push(`before ${run.term}`);
      await task();
      order.push("after");
    },
  });
  await scheduler.trigger();
  await scheduler.stop();
  assert.deepEqual(order, ["before 1", "task", "after"]);
});

test("the loop outlives a store that fails", async () => {
  const errors: unknown[] = [];
  const { scheduler, log } = make({ store: storeThat((count) => count === 1 && Promise.reject(new Error("down"))) });
  scheduler.addEventListener("storeerror", ({ error }) => errors.push(error));
  scheduler.start();
  await until("a run", () => log.short.includes("info [FINISHED]"));
  await scheduler.stop();
  assert.deepEqual(errors.map(String), ["Error: down"]);
  assert.ok(log.short[0]!.startsWith("warn") && log.short[0]!.includes("down"), log.short.join("\n"));
});

test("data of others at the key is neither overwritten nor run", async () => {
  const store = new MemoryStore();
  const value = new TextEncoder().encode("a poem");
  await store.write("task", value, null);
  const { scheduler } = make({ store });
  const refusal =
    /^Error: Cannot use the record at "task" as it is no status record: current value is data of another format$/;
  await assert.rejects(scheduler.trigger(), refusal);
  await assert.rejects(scheduler.status(), refusal);
  await scheduler.stop();
  assert.deepEqual((await store.read("task"))?.value, value);
});

test("a group starts and stops its members together", async () => {
  const finished: string[] = [];
  const members = ["backup", "clean-up"].map((name) => make({ name, task: () => finished.push(name) }).scheduler);
  const group = new NeatPeriodicTaskGroup(members);
  assert.deepEqual([...group], members);
  assert.throws(() => group.add(make({ name: "backup" }).scheduler), /its name is taken: current value is "backup"/);
  group.start();
  await until("both", () => finished.length === 2);
  const stopped = await group.stop();
  assert.deepEqual([...stopped], members.map(({ name }) => [name, { clean: true, abandoned: 0 }]));
  assert.ok(members.every(({ state }) => state === "stopped"));
  await group[Symbol.asyncDispose]();
});

test("two schedulers on one store never run at once", async () => {
  const store = new MemoryStore();
  const terms: number[] = [];
  let running = 0;
  let most = 0;
  const task = async ({ term }: Run): Promise<void> => {
    terms.push(term);
    most = Math.max(most, ++running);
    await sleep(10);
    running--;
  };
  const schedulers = [make, make].map((one) => one({ store, interval: 30, task }).scheduler);
  for (const scheduler of schedulers) scheduler.start();
  await until("fifteen runs", () => terms.length >= 15);
  await Promise.all(schedulers.map((scheduler) => scheduler.stop()));
  assert.equal(most, 1);
  assert.deepEqual(terms, terms.map((_, index) => index + 1));
});

test("wrong options are refused by name", () => {
  const wrong: [Record<string, unknown>, ErrorConstructor, string][] = [
    [{ name: undefined }, TypeError, '"name" must be a string: current value is undefined'],
    [{ name: "" }, RangeError, '"name" must be 1 to 500 printable characters: current value is ""'],
    [{ task: undefined }, TypeError, '"task" must be a function: current value is undefined'],
    [{ intervall: 1_000 }, TypeError, '"intervall" must be left out: current value is 1000'],
    [{ maxAbandoned: 1.5 }, RangeError, '"maxAbandoned" must be a whole number from 0 on: current value is 1.5'],
    [{ minCycle: { hours: 1 } }, RangeError, '"interval" must be at least 7200000 ms, see minCycle'],
    [{ store: {} }, TypeError, '"store" must be { read(), write() }: current value is {}'],
    [{ log: { info() {} } }, TypeError, '"log" must be { info(), warn(), error() }'],
    [{ interval: 0 }, RangeError, '"interval"'],
    [{ timeout: NaN }, RangeError, '"timeout"'],
    [{ timeout: { weeks: 1 } }, TypeError, '"timeout'],
    [{ retryDelay: -1 }, RangeError, '"retryDelay"'],
  ];
  for (const [options, { name }, message] of wrong) {
    assert.throws(() => make(options), (error: Error) => {
      assert.ok(
        error.message.startsWith("Cannot create the scheduler as ") && error.message.includes(message),
        String(error),
      );
      return error.name === name;
    });
  }
});

test("a duration may be a Temporal.Duration, where there is one", async () => {
  const { Temporal } = globalThis as unknown as { Temporal?: { Duration: { from(text: string): { hours: number } } } };
  const interval = Temporal?.Duration.from("PT1H30M") ?? { hours: 1, minutes: 30 };
  const { scheduler } = make({ interval });
  scheduler.start();
  await until("a run", () => scheduler.explain().reason === "not due");
  const { scheduled } = await scheduler.status();
  assert.equal(scheduler.explain().due!.getTime() - scheduled!.getTime(), 5_400_000);
  await scheduler.stop();
});
