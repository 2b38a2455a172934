// Schedulers and their record in the store, in real time.

import assert from "node:assert/strict";
import { test } from "node:test";
import { MemoryStore, type Run } from "@neat/periodic-task";
import { create, deferred, sleep, storeWith, waitFor } from "./helpers.ts";

test("status() counts failures until a run finishes", async () => {
  let isConnected = false;
  const { scheduler } = create({ task: () => isConnected || Promise.reject(new Error("no connection")) });
  await scheduler.trigger();
  await scheduler.trigger();
  const failed = await scheduler.status();
  assert.deepEqual([failed.state, failed.failures, failed.error, failed.term], [
    "failed",
    2,
    "Error: no connection",
    2,
  ]);
  isConnected = true;
  assert.equal((await scheduler.trigger()).outcome, "finished");
  const { state, failures, error, term, recent } = await scheduler.status();
  assert.deepEqual([state, failures, error, term], ["finished", 0, undefined, 3]);
  assert.deepEqual(recent.map(({ outcome }) => outcome), ["failed", "failed", "finished"]);
  await scheduler.stop();
});

test("status() is idle before the first run, and has dates after it", async () => {
  const { scheduler } = create();
  assert.deepEqual(await scheduler.status(), { state: "idle", term: 0, failures: 0, recent: [] });
  await scheduler.trigger();
  const { owner, started, scheduled, finished } = await scheduler.status();
  assert.match(owner!, /^[\w-]{22}$/);
  assert.ok(started instanceof Date && scheduled instanceof Date && finished instanceof Date);
  assert.ok(finished >= started && started >= scheduled);
  await scheduler.stop();
});

test("trigger() returns the run in progress, or runs the task now", async () => {
  const { promise, resolve } = deferred();
  let runs = 0;
  const { scheduler } = create({
    task: () => {
      runs++;
      return promise;
    },
  });
  const [one, other] = [scheduler.trigger(), scheduler.trigger()];
  resolve();
  assert.equal((await one).run, (await other).run);
  assert.equal(runs, 1);
  scheduler.start();
  const { outcome, run } = await scheduler.trigger();
  assert.deepEqual([outcome, run?.term, runs], ["finished", 2, 2]);
  await scheduler.stop();
});

test("trigger() does not run a task that runs on another replica", async () => {
  const store = new MemoryStore();
  const { promise, resolve } = deferred();
  const { scheduler: one, log } = create({ store, task: () => promise });
  const { scheduler: other } = create({ store });
  const triggered = one.trigger();
  await waitFor("START", () => log.lines.length === 1);
  assert.deepEqual(await other.trigger(), { outcome: "running-elsewhere" });
  resolve();
  assert.equal((await triggered).outcome, "finished");
  assert.equal((await other.trigger()).run?.term, 2);
  await Promise.all([one.stop(), other.stop()]);
});

test("the loop continues after a store error", async () => {
  const errors: unknown[] = [];
  const { scheduler, log } = create({ store: storeWith((count) => count === 1 && Promise.reject(new Error("down"))) });
  scheduler.addEventListener("storeerror", ({ error }) => errors.push(error));
  scheduler.start();
  await waitFor("a run", () => log.shortLines.includes("info [FINISHED]"));
  await scheduler.stop();
  assert.deepEqual(errors.map(String), ["Error: down"]);
  assert.ok(log.shortLines[0]!.startsWith("warn") && log.shortLines[0]!.includes("down"), log.shortLines.join("\n"));
});

test("a foreign record is neither overwritten nor run", async () => {
  const store = new MemoryStore();
  const value = new TextEncoder().encode("a poem");
  await store.write("task", value, null);
  const { scheduler } = create({ store });
  const foreignRecord = /^Error: Cannot use the record at "task" as it [^:]+: current value is data of another format$/;
  await assert.rejects(scheduler.trigger(), foreignRecord);
  await assert.rejects(scheduler.status(), foreignRecord);
  await scheduler.stop();
  assert.deepEqual((await store.read("task"))?.value, value);
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
  const schedulers = [create, create].map((one) => one({ store, interval: 30, task }).scheduler);
  for (const scheduler of schedulers) scheduler.start();
  await waitFor("fifteen runs", () => terms.length >= 15);
  await Promise.all(schedulers.map((scheduler) => scheduler.stop()));
  assert.equal(most, 1);
  assert.deepEqual(terms, terms.map((_, index) => index + 1));
});
