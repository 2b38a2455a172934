// What a run tells the task, in whose time, and that nothing a task does to it changes the outcome.

import { assert, assertEquals } from "@std/assert";
import {
  type IntervalTaskOptions,
  type NeatPeriodicTaskEvent,
  NeatPeriodicTaskScheduler,
  type Run,
  type RunEventDetail,
} from "../../mod.ts";
import { KeptLog, SILENT } from "../helpers/log.ts";
import { ScriptedStore } from "../helpers/scripted_store.ts";
import { VirtualTime } from "../helpers/virtual_time.ts";

const SECOND = 1_000;
const MINUTE = 60_000;
const HOUR = 3_600_000;

type Mutable = { -readonly [Field in keyof Run]: Run[Field] };

const REPLACEMENTS: [name: string, change: (run: Mutable) => void][] = [
  ["replaces run.signal by one that combines it", (run) => run.signal = AbortSignal.any([run.signal])],
  ["replaces run.signal by one that has aborted", (run) => run.signal = AbortSignal.abort(new Error("mine"))],
  ["removes run.signal", (run) => delete (run as Partial<Mutable>).signal],
  [
    "replaces run.term, run.owner and run.name",
    (run) => Object.assign(run, { term: 99, owner: "mine", name: "other" }),
  ],
  ["moves the dates of the run", (run) => {
    for (const date of [run.scheduled, run.started, run.deadline]) date.setTime(0);
  }],
  ["makes the signal of the run throw", (run) =>
    Object.defineProperty(run, "signal", {
      get() {
        throw new Error("no signal");
      },
    })],
];

for (const [name, change] of REPLACEMENTS) {
  for (const where of ["task", "wrapRun"] as const) {
    Deno.test(`a ${where} that ${name} changes neither the outcome nor the record`, async () => {
      const virtual = new VirtualTime();
      const log = new KeptLog();
      const store = new ScriptedStore();
      const events: string[] = [];
      await using scheduler = new NeatPeriodicTaskScheduler({
        name: "changed",
        interval: HOUR,
        timeout: MINUTE,
        store,
        clock: virtual.clock(),
        log,
        wrapRun: (run, task) => {
          if (where === "wrapRun") change(run as Mutable);
          return task();
        },
        task: (run) => {
          if (where === "task") change(run as Mutable);
        },
      });
      const note = ({ type, name, term }: NeatPeriodicTaskEvent & RunEventDetail): void =>
        void events.push(`${type} ${name} ${term}`);
      scheduler.addEventListener("start", note);
      scheduler.addEventListener("finished", note);
      const answer = scheduler.trigger();
      await virtual.advance(SECOND);
      const { outcome, run } = await answer;
      assertEquals([outcome, run?.name, run?.term, run?.started.getTime()], ["finished", "changed", 1, START_MS]);
      assertEquals([log.count("FINISHED"), log.count("FAILED"), log.count("warn")], [1, 0, 0]);
      assertEquals(events, ["start changed 1", "finished changed 1"]);
      assertEquals((await store.record("changed")).state, "finished");
    });
  }
}

const START_MS = Date.parse("2026-01-31T12:00:00.000Z");

Deno.test("a run that replaced its signal still times out, with its outcome recorded", async () => {
  const virtual = new VirtualTime();
  const log = new KeptLog();
  const store = new ScriptedStore();
  await using scheduler = new NeatPeriodicTaskScheduler({
    name: "replaced",
    interval: HOUR,
    timeout: MINUTE,
    store,
    clock: virtual.clock(),
    log,
    task: (run) => {
      (run as Mutable).signal = AbortSignal.any([run.signal, new AbortController().signal]);
      return virtual.delay(HOUR, run.signal);
    },
  });
  const answer = scheduler.trigger();
  await virtual.advance(MINUTE);
  assertEquals((await answer).outcome, "timeout");
  assertEquals(log.count("timeout exceeded!"), 1);
  assertEquals((await store.record("replaced")).state, "failed");
});

/** A task of 10 s with a timeout of a minute on a store whose clock is ahead of the host's. */
function ahead(storeAheadMs: number, options: Partial<IntervalTaskOptions> = {}) {
  const virtual = new VirtualTime();
  const store = new ScriptedStore();
  store.storeTime = () => virtual.nowMs + storeAheadMs;
  const runs: Run[] = [];
  const scheduler = new NeatPeriodicTaskScheduler({
    name: "ahead",
    interval: HOUR,
    timeout: MINUTE,
    store,
    clock: virtual.clock(),
    log: SILENT,
    task: async (run) => {
      runs.push(run);
      await virtual.delay(10 * SECOND);
    },
    ...options,
  });
  return { virtual, store, runs, scheduler };
}

for (const aheadMs of [3, HOUR + 3, -5 * HOUR - 3, 2 * MINUTE + 5]) {
  Deno.test(`times that users see are the host's, with a store clock ${aheadMs} ms ahead`, async () => {
    const { virtual, runs, scheduler } = ahead(aheadMs);
    const started: (Date | undefined)[] = [];
    scheduler.addEventListener("finished", (event) => started.push(event.started, event.scheduled, event.time));
    scheduler.start();
    await virtual.advance(HOUR + 20 * SECOND);
    const [, second] = runs;
    assert(second);
    const times = [second.scheduled, second.started, second.deadline].map((date) => date.getTime() - START_MS);
    // due times move by whole minutes, so that replicas whose clocks differ by less agree on them
    const dueMs = HOUR + (aheadMs % MINUTE);
    assertEquals(times, [dueMs, HOUR, HOUR + MINUTE]);
    assertEquals(
      started.slice(3).map((date) => date && date.getTime() - START_MS),
      [HOUR, dueMs, HOUR + 10 * SECOND],
    );
    const status = await scheduler.status();
    assertEquals(
      [status.started, status.scheduled, status.finished].map((date) => date && date.getTime() - START_MS),
      [HOUR, dueMs, HOUR + 10 * SECOND],
    );
    assertEquals(Date.parse(status.recent.at(-1)!.start) - START_MS, HOUR);
    const explanation = scheduler.explain();
    assertEquals(explanation.due!.getTime() - START_MS, 2 * HOUR + (aheadMs % MINUTE));
    await Promise.all([scheduler.stop(), virtual.advance(SECOND)]);
  });
}

Deno.test("run.deadline is the timeout after run.started, whatever the heartbeat's lease", async () => {
  const { virtual, runs, scheduler } = ahead(0, { heartbeatTimeout: 3 * SECOND });
  scheduler.start();
  await virtual.advance(0);
  assertEquals(runs[0]!.deadline.getTime() - runs[0]!.started.getTime(), MINUTE);
  await Promise.all([scheduler.stop(), virtual.advance(20 * SECOND)]);
});
