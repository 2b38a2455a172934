// Runs, their events and log lines, in real time.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as core from "@neat/periodic-task";
import type { NeatPeriodicTaskEventMap, Run } from "@neat/periodic-task";
import { create, deferred, sleep, storeWith, untilAborted, waitFor } from "./helpers.ts";

const { LeaseLostError } = core;

test("the package exports the documented classes, and no others", () => {
  const names = Object.keys(core).filter((name) => /^[A-Z]/.test(name)).sort();
  const expected = ["LeaseLostError", "MemoryStore", "NeatPeriodicTaskEvent"];
  assert.deepEqual(names, [...expected, "NeatPeriodicTaskGroup", "NeatPeriodicTaskScheduler"]);
});

test("a run logs exactly START before the task and FINISHED after it", async () => {
  const { scheduler, log } = create({ task: ({ name, term }) => log.info(`the task ${name} ${term}`) });
  scheduler.start();
  await waitFor("FINISHED", () => log.lines.length === 3);
  await scheduler.stop();
  assert.deepEqual(log.lines, [
    'info ### [START] neat-periodic-task: "task"',
    "info the task task 1",
    'info ### [FINISHED] neat-periodic-task: "task"',
  ]);
});

test("log defaults to the console", async () => {
  const lines: unknown[] = [];
  const { info, error } = console;
  console.info = (line: unknown) => lines.push(line);
  console.error = (line: unknown, { message }: Error) => lines.push(line, message);
  try {
    const { scheduler } = create({ log: undefined, task: () => Promise.reject(new Error("no connection")) });
    await scheduler.trigger();
    await scheduler.stop();
  } finally {
    Object.assign(console, { info, error });
  }
  const name = 'neat-periodic-task: "task"';
  assert.deepEqual(lines, [`### [START] ${name}`, `### [FAILED] ${name}`, "no connection"]);
});

test("ALIVE is logged between two runs", async () => {
  const alive: NeatPeriodicTaskEventMap["alive"][] = [];
  const { scheduler, log } = create({ interval: 400, task: () => {} });
  scheduler.addEventListener("alive", (event) => alive.push(event));
  scheduler.start();
  await waitFor("ALIVE", () => alive.length > 0);
  await scheduler.stop();
  // on a slow machine the next run may be due before ALIVE is logged, so only the line before the first ALIVE is compared
  assert.equal(log.shortLines[log.shortLines.indexOf("info [ALIVE]") - 1], "info [FINISHED]");
});

test("runs are due on a grid of intervals, each with the next term", async () => {
  const runs: Run[] = [];
  const { scheduler } = create({ interval: { milliseconds: 60 }, task: (run) => runs.push(run) });
  scheduler.start();
  await waitFor("five runs", () => runs.length >= 5);
  await scheduler.stop();
  for (const [index, { scheduled, started, term }] of runs.entries()) {
    assert.equal((scheduled.getTime() - runs[0]!.scheduled.getTime()) % 60, 0);
    assert.ok(started >= scheduled, "a run started before it was due");
    assert.equal(term, index + 1);
  }
});

test("an interval longer than the longest timer is waited for", async () => {
  let runs = 0;
  const { scheduler } = create({
    interval: { days: 100 },
    minCycle: { days: 40 },
    maxCycle: { days: 90 },
    task: () => runs++,
  });
  scheduler.start();
  await waitFor("a run", () => runs > 0);
  await sleep(100);
  await scheduler.stop();
  assert.equal(runs, 1);
});

test("timeout aborts the signal with a TimeoutError", async () => {
  let reason: unknown;
  const { scheduler, log } = create({
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
  assert.deepEqual(log.shortLines.map((line) => line.replace(/!: .*/, "!")), [
    "info [START]",
    "error [FAILED], timeout exceeded!",
  ]);
  await scheduler.stop();
});

test("maxAbandoned limits the tasks that continue after their timeout", async () => {
  const { promise, resolve } = deferred();
  let abandoned = 0;
  const { scheduler } = create({ timeout: 100, maxAbandoned: 0, task: () => promise });
  scheduler.addEventListener("abandoned", () => abandoned++);
  assert.equal((await scheduler.trigger()).outcome, "timeout");
  assert.equal((await scheduler.trigger()).outcome, "too-many-abandoned");
  assert.deepEqual([abandoned, scheduler.explain().abandoned], [1, 1]);
  assert.deepEqual(await scheduler.stop(), { clean: false, abandoned: 1 });
  resolve();
  await waitFor("the end of the task", () => scheduler.explain().abandoned === 0);
});

test("retryDelay is waited for after a failed run", async () => {
  const { scheduler: retrying, log } = create({
    retryDelay: 300,
    task: ({ term }) => Promise.reject(new Error(`failure ${term}`)),
  });
  retrying.start();
  await waitFor("two failures", async () => (await retrying.status()).failures >= 2);
  await retrying.stop();
  assert.deepEqual(log.shortLines.slice(0, 2), ["info [START]", "error [FAILED]: Error: failure 1"]);
  // as the record has them: a slow machine may delay a run after its claim
  const [first, second] = (await retrying.status()).recent.map(({ start }) => Date.parse(start));
  assert.ok(second! - first! >= 290, `repeated after ${second! - first!} ms`);

  let failures = 0;
  const { scheduler: waiting } = create({
    retryDelay: { hours: 2 },
    task: () => {
      failures++;
      throw new Error("no connection");
    },
  });
  waiting.start();
  await waitFor("a failure", () => waiting.explain().reason === "retry-delay");
  await sleep(100);
  await waiting.stop();
  assert.equal(failures, 1);
});

test("events describe a run, and a listener that throws is logged", async () => {
  type RunEvent = NeatPeriodicTaskEventMap["start" | "finished" | "failed"];
  const events: RunEvent[] = [];
  const { scheduler, log } = create({ task: ({ term }) => term === 2 && Promise.reject(new Error("no connection")) });
  const listener = (event: RunEvent): number => events.push(event);
  for (const type of ["start", "finished", "failed"] as const) scheduler.addEventListener(type, listener);
  scheduler.addEventListener("start", () => {
    throw new Error("a listener");
  });
  await scheduler.trigger();
  await scheduler.trigger();
  for (const type of ["start", "finished", "failed"] as const) scheduler.removeEventListener(type, listener);
  await scheduler.trigger();
  await scheduler.stop();
  assert.deepEqual(events.map(({ type, name, term }) => `${type} ${name} ${term}`), [
    "start task 1",
    "finished task 1",
    "start task 2",
    "failed task 2",
  ]);
  const [, finished, , failed] = events;
  assert.ok(finished instanceof core.NeatPeriodicTaskEvent && finished instanceof Event);
  assert.ok(finished.type === "finished" && finished.durationMs >= 0 && finished.scheduled <= finished.time);
  assert.equal(failed?.type === "failed" && (failed.error as Error).message, "no connection");
  assert.ok(
    log.shortLines.some((line) => line.startsWith("warn") && line.includes("a listener")),
    log.shortLines.join("\n"),
  );
});

test("heartbeats are written during a run", async () => {
  const { promise, resolve } = deferred();
  const { scheduler, log } = create({ heartbeatInterval: 20, heartbeatTimeout: { minutes: 1 }, task: () => promise });
  const triggered = scheduler.trigger();
  await waitFor("START", () => log.lines.length === 1);
  const beats = new Set<number>();
  await waitFor("three heartbeats", async () => {
    const { heartbeat } = await scheduler.status();
    if (heartbeat) beats.add(heartbeat.getTime());
    return beats.size >= 3;
  });
  resolve();
  assert.equal((await triggered).outcome, "finished");
  assert.equal((await scheduler.status()).heartbeat, undefined);
  await scheduler.stop();
});

test("a lost lease aborts the signal with a LeaseLostError", async () => {
  let isDown = false;
  const { scheduler, log } = create({
    store: storeWith(() => isDown && Promise.reject(new Error("down"))),
    heartbeatTimeout: 200,
    heartbeatInterval: 20,
    task: (run) => {
      isDown = true;
      return untilAborted(run).catch(() => isDown = false);
    },
  });
  let isDispatched = false;
  scheduler.addEventListener("leaselost", () => isDispatched = true);
  const { outcome, error, run } = await scheduler.trigger();
  assert.ok(error instanceof LeaseLostError && error instanceof Error);
  assert.equal(error.name, "LeaseLostError");
  assert.equal(run?.signal.reason, error);
  assert.deepEqual([outcome, isDispatched], ["leaselost", true]);
  assert.ok(
    log.shortLines.some((line) => line.startsWith("error [FAILED]: LeaseLostError")),
    log.shortLines.join("\n"),
  );
  await scheduler.stop();
});

test("wrapRun is called around the task", async () => {
  const order: string[] = [];
  const { scheduler } = create({
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
