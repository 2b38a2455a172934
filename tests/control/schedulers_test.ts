// Control functions and the schedulers of real replicas, in virtual time.

import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import { type IntervalTaskOptions, MemoryStore, NeatPeriodicTaskScheduler, type StatusStore } from "../../mod.ts";
import { listTasks, pauseTask, readTask, requestRun, resetTask, resumeTask } from "../../src/control.ts";
import type { Clock } from "../../src/time/clock.ts";
import { KeptLog } from "../helpers/log.ts";
import { HOUR, MINUTE, SECOND } from "../helpers/records.ts";
import { ScriptedStore } from "../helpers/scripted_store.ts";
import { VirtualTime } from "../helpers/virtual_time.ts";
import { NAME } from "./setup.ts";

/** A run of the task. */
interface RanTask {
  readonly replica: string;
  readonly term: number;
  readonly startedMs: number;
  endedMs?: number;
}

/** Replicas of an hourly task whose runs take ten seconds, on one store. */
class Replicas implements AsyncDisposable {
  readonly virtual = new VirtualTime();
  readonly clock: Clock = this.virtual.clock();
  readonly log = new KeptLog();
  readonly runs: RanTask[] = [];
  readonly schedulers: NeatPeriodicTaskScheduler[];

  constructor(readonly store: StatusStore, count = 3, options: Partial<IntervalTaskOptions> = {}) {
    this.schedulers = Array.from({ length: count }, (_, index) => this.#scheduler(`replica ${index}`, options));
    for (const scheduler of this.schedulers) scheduler.start();
  }

  #scheduler(replica: string, options: Partial<IntervalTaskOptions>): NeatPeriodicTaskScheduler {
    return new NeatPeriodicTaskScheduler({
      name: NAME,
      interval: HOUR,
      timeout: 5 * MINUTE,
      instance: replica,
      store: this.store,
      clock: this.clock,
      log: this.log,
      task: async ({ term }) => {
        const run: RanTask = { replica, term, startedMs: this.virtual.nowMs };
        this.runs.push(run);
        await this.virtual.delay(10 * SECOND);
        run.endedMs = this.virtual.nowMs;
      },
      ...options,
    });
  }

  /** Waits for the first run and some time more. */
  async ready(): Promise<void> {
    await this.virtual.advance(MINUTE);
    assertEquals(this.runs.length, 1);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const stopping = Promise.all(this.schedulers.map((scheduler) => scheduler.stop({ abort: true, timeout: SECOND })));
    await this.virtual.advance(MINUTE);
    await stopping;
  }
}

/** Returns whether no run started before the last one had ended. */
function areApart(runs: readonly RanTask[]): boolean {
  return runs.slice(1).every(({ startedMs }, index) => startedMs >= (runs[index]?.endedMs ?? Infinity));
}

Deno.test("requestRun() is served once, within a second, if the store has watch()", async () => {
  await using replicas = new Replicas(new MemoryStore());
  const { virtual, store, clock, runs } = replicas;
  await replicas.ready();
  for (let count = 2; count <= 4; count++) {
    const requestedMs = virtual.nowMs;
    assertEquals((await requestRun(store, NAME, { clock, by: "Ada" })).outcome, "requested");
    await virtual.advance(SECOND);
    assertEquals(runs.length, count);
    assertLessOrEqual((runs.at(-1)?.startedMs ?? Infinity) - requestedMs, SECOND);
    assertEquals((await readTask(store, NAME, { clock }))?.requested, undefined);
    await virtual.advance(3 * MINUTE);
    assertEquals(runs.length, count);
  }
  assert(areApart(runs));
});

Deno.test("requestRun() does not move the due times", async () => {
  await using replicas = new Replicas(new MemoryStore());
  const { virtual, store, clock, runs } = replicas;
  const startMs = virtual.nowMs;
  await replicas.ready();
  await requestRun(store, NAME, { clock });
  await virtual.advance(2 * HOUR);
  const minutes = runs.map(({ startedMs }) => Math.round((startedMs - startMs) / MINUTE));
  assertEquals(minutes, [0, 1, 60, 120]);
});

Deno.test("requestRun() is served within a second although its clock is ahead of those of the replicas", async () => {
  await using replicas = new Replicas(new MemoryStore());
  await replicas.ready();
  await requestRun(replicas.store, NAME, { clock: replicas.virtual.clock({ offsetMs: 10 * MINUTE }) });
  await replicas.virtual.advance(SECOND);
  assertEquals(replicas.runs.length, 2);
});

Deno.test("requestRun() is served at a later check if the store has no watch()", async () => {
  await using replicas = new Replicas(new ScriptedStore());
  const { virtual, store, clock, runs } = replicas;
  await replicas.ready();
  await requestRun(store, NAME, { clock });
  await virtual.advance(10 * SECOND);
  assertEquals(runs.length, 1);
  // the replica that ran last checks halfway to the due time
  await virtual.advance(30 * MINUTE);
  assertEquals(runs.length, 2);
});

Deno.test("requestRun() during a run is served after it", async () => {
  await using replicas = new Replicas(new MemoryStore());
  const { virtual, store, clock, runs } = replicas;
  await virtual.advance(5 * SECOND);
  const { status } = await requestRun(store, NAME, { clock });
  assertEquals(status.state, "running");
  await virtual.advance(30 * SECOND);
  assertEquals([runs.length, areApart(runs)], [2, true]);
  await virtual.advance(50 * MINUTE);
  assertEquals(runs.length, 2);
});

Deno.test("requestRun() before the first replica starts is served by its first run", async () => {
  const store = new MemoryStore();
  await requestRun(store, NAME, { create: true });
  await using replicas = new Replicas(store);
  await replicas.virtual.advance(30 * MINUTE);
  assertEquals(replicas.runs.length, 1);
  assertEquals((await readTask(store, NAME))?.requested, undefined);
});

Deno.test("pauseTask() during a run takes effect after it, and silences ALIVE", async () => {
  await using replicas = new Replicas(new MemoryStore());
  const { virtual, store, clock, runs, log } = replicas;
  await virtual.advance(5 * SECOND);
  const { status } = await pauseTask(store, NAME, { clock, by: "Ada" });
  assertEquals([status.state, status.pausedBy], ["running", "Ada"]);
  await virtual.advance(MINUTE);
  assertEquals([runs.length, log.count("FINISHED"), log.count("LeaseLost")], [1, 1, 0]);
  const alive = log.count("ALIVE");
  await virtual.advance(5 * HOUR);
  assertEquals([runs.length, log.count("ALIVE")], [1, alive]);
  const after = await readTask(store, NAME, { clock });
  assertEquals([after?.state, after?.pausedBy], ["finished", "Ada"]);
});

Deno.test("trigger() of a paused task answers that it is paused", async () => {
  await using replicas = new Replicas(new MemoryStore(), 1);
  const { virtual, store, clock, runs, schedulers: [scheduler] } = replicas;
  await replicas.ready();
  await pauseTask(store, NAME, { clock });
  const answer = scheduler?.trigger();
  await virtual.advance(SECOND);
  assertEquals([await answer, runs.length], [{ outcome: "paused" }, 1]);
  assertEquals(scheduler?.explain().reason, "paused");
});

Deno.test("resumeTask() lets one overdue run start within a second, if the store has watch()", async () => {
  await using replicas = new Replicas(new MemoryStore());
  const { virtual, store, clock, runs } = replicas;
  const startMs = virtual.nowMs;
  await replicas.ready();
  await pauseTask(store, NAME, { clock });
  await virtual.advance(3 * HOUR + 10 * MINUTE);
  assertEquals(runs.length, 1);
  const resumedMs = virtual.nowMs;
  await resumeTask(store, NAME, { clock });
  await virtual.advance(30 * MINUTE);
  assertEquals(runs.length, 2);
  assertLessOrEqual((runs[1]?.startedMs ?? Infinity) - resumedMs, SECOND);
  await virtual.advance(30 * MINUTE);
  assertEquals(Math.round(((runs[2]?.startedMs ?? NaN) - startMs) / MINUTE), 4 * 60);
});

Deno.test("requestRun() during a pause is served after it, once", async () => {
  await using replicas = new Replicas(new MemoryStore());
  const { virtual, store, clock, runs } = replicas;
  await replicas.ready();
  await pauseTask(store, NAME, { clock });
  await requestRun(store, NAME, { clock });
  await virtual.advance(10 * MINUTE);
  assertEquals(runs.length, 1);
  await resumeTask(store, NAME, { clock });
  await virtual.advance(SECOND);
  assertEquals(runs.length, 2);
  await virtual.advance(20 * MINUTE);
  assertEquals(runs.length, 2);
});

Deno.test("pauseTask() before the first replica starts prevents its first run", async () => {
  const store = new MemoryStore();
  await pauseTask(store, NAME, { create: true });
  await using replicas = new Replicas(store);
  await replicas.virtual.advance(5 * HOUR);
  assertEquals(replicas.runs, []);
});

Deno.test("resetTask() lets the replicas treat the task as new, with a higher term", async () => {
  await using replicas = new Replicas(new MemoryStore(), 3, {
    task: () => Promise.reject(new Error("wrong credentials")),
    retryDelay: 5 * HOUR,
  });
  const { virtual, store, clock, log } = replicas;
  await virtual.advance(MINUTE);
  assertEquals([(await readTask(store, NAME, { clock }))?.failures, log.count("START")], [1, 1]);
  assertEquals((await resetTask(store, NAME, { clock })).status.failures, 0);
  await virtual.advance(SECOND);
  const { term, failures, recent } = await readTask(store, NAME, { clock }) ?? {};
  assertEquals([term, failures, recent?.length, log.count("START")], [2, 1, 1, 2]);
});

Deno.test("listTasks() shows which replica ran last", async () => {
  await using replicas = new Replicas(new MemoryStore());
  await replicas.ready();
  const instances: unknown[] = [];
  for await (const task of listTasks(replicas.store, { clock: replicas.clock })) {
    instances.push(task.name, task.kind === "task" && task.status.instance);
  }
  assertEquals(instances, [NAME, replicas.runs[0]?.replica]);
});
