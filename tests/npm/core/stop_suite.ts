// Stopping schedulers and groups, in real time.

import assert from "node:assert/strict";
import { test } from "node:test";
import { NeatPeriodicTaskGroup } from "@neat/periodic-task";
import { create, deferred, sleep, untilAborted, waitFor } from "./helpers.ts";

test("stop() waits for the run in progress", async () => {
  const { promise, resolve } = deferred();
  const { scheduler, log } = create({ task: () => promise });
  scheduler.start();
  await waitFor("START", () => log.lines.length === 1);
  let isStopped = false;
  const stopping = scheduler.stop().finally(() => isStopped = true);
  await sleep(50);
  assert.deepEqual([isStopped, scheduler.state], [false, "stopping"]);
  resolve();
  assert.deepEqual(await stopping, { clean: true, abandoned: 0 });
  assert.deepEqual([scheduler.state, log.interfaceLines], ["stopped", ["info [START]", "info [FINISHED]"]]);
});

test("stop({ abort }) aborts the run and restores its record", async () => {
  const { scheduler, log } = create({ task: untilAborted });
  scheduler.start();
  await waitFor("START", () => log.lines.length === 1);
  const triggered = scheduler.trigger();
  assert.deepEqual(await scheduler.stop({ abort: true }), { clean: true, abandoned: 0 });
  const { outcome, error } = await triggered;
  assert.ok(error instanceof DOMException && error.name === "AbortError");
  assert.equal(outcome, "aborted");
  assert.deepEqual([(await scheduler.status()).state, log.interfaceLines], ["idle", ["info [START]"]]);
});

test("stop({ timeout }) abandons a task that ignores its signal", async () => {
  const { promise, resolve } = deferred();
  const { scheduler, log } = create({ task: () => promise });
  scheduler.start();
  await waitFor("START", () => log.lines.length === 1);
  assert.deepEqual(await scheduler.stop({ timeout: 50 }), { clean: false, abandoned: 1 });
  resolve();
});

test("stop() may be called before start() and twice, and start() then throws", async () => {
  const { scheduler } = create();
  assert.equal(scheduler.state, "new");
  assert.deepEqual(await scheduler.stop(), { clean: true, abandoned: 0 });
  assert.deepEqual(await scheduler.stop(), { clean: true, abandoned: 0 });
  assert.throws(
    () => scheduler.start(),
    /^Error: Cannot start the scheduler as it [^:]+: current value is "stopped"$/,
  );
  assert.equal((await scheduler.trigger()).outcome, "stopped");
});

test("[Symbol.asyncDispose]() stops and waits for the run in progress", async () => {
  let hasFinished = false;
  const { scheduler } = create({ task: () => sleep(50).then(() => hasFinished = true) });
  scheduler.start();
  await waitFor("a run", () => scheduler.explain().reason.startsWith("running"));
  await scheduler[Symbol.asyncDispose]();
  assert.deepEqual([scheduler.state, hasFinished], ["stopped", true]);
});

test("a group starts and stops its members together", async () => {
  const finished: string[] = [];
  const members = ["backup", "clean-up"].map((name) => create({ name, task: () => finished.push(name) }).scheduler);
  const group = new NeatPeriodicTaskGroup(members);
  assert.deepEqual([...group], members);
  assert.throws(() => group.add(create({ name: "backup" }).scheduler), /its name is taken: current value is "backup"/);
  group.start();
  await waitFor("both", () => finished.length === 2);
  const stopped = await group.stop();
  assert.deepEqual([...stopped], members.map(({ name }) => [name, { clean: true, abandoned: 0 }]));
  assert.ok(members.every(({ state }) => state === "stopped"));
  await group[Symbol.asyncDispose]();
});
