import { MemoryStore, NeatPeriodicTaskScheduler, type Run, type StatusStore } from "../../../mod.ts";
import { SILENT } from "../../core/schedulers.ts";
import type { Writer } from "./request.ts";
import { SkippingClock } from "./skipping_clock.ts";
import type { MeasuredStore, Write } from "./stores.ts";

/** Performs one run of a task, or the writes of one. */
export type RunOnce = (task: number) => Promise<void>;

const HOUR_MS = 3_600_000;
const OPTIONS = { interval: HOUR_MS, timeout: 60_000, log: SILENT };
/** More than the runs that a record keeps. */
const MANY_RUNS = 25;
/** The most waits between two runs. */
const MAX_SKIPS = 4;
/** How many schedulers are started at once. */
const BATCH = 50;

/** Returns the records of a claim and of a finished run after many runs. */
async function typicalRecords(): Promise<Uint8Array[]> {
  const store = new MemoryStore();
  const written: Uint8Array[] = [];
  const watched: StatusStore = {
    read: (key) => store.read(key),
    write: (key, value, version) => {
      written.push(value);
      return store.write(key, value, version);
    },
  };
  await using scheduler = new NeatPeriodicTaskScheduler({
    ...OPTIONS,
    name: "typical",
    store: watched,
    task: () => {},
  });
  for (let run = 0; run < MANY_RUNS; run++) await scheduler.trigger();
  return written.slice(-2);
}

/** Performs two writes, each conditional on the one before. */
async function writeTwice(write: Write, tasks: number): Promise<RunOnce> {
  const records = await typicalRecords();
  const versions = new Array<string | null>(tasks).fill(null);
  return async (task) => {
    let version = versions[task] ?? null;
    for (const record of records) {
      version = await write(`task-${task}`, record, version);
      if (version === null) throw new Error(`Cannot measure as a write conflicts: current value is task ${task}`);
    }
    versions[task] = version;
  };
}

/** Performs runs of schedulers that skip their waits: `skipMs` at a time, or whole waits if absent. */
async function skippingRuns(store: StatusStore, tasks: number, skipMs?: number): Promise<RunOnce> {
  const runs = new Uint32Array(tasks);
  const clocks = Array.from({ length: tasks }, () => new SkippingClock());
  for (const [task, clock] of clocks.entries()) {
    const count = () => void (runs[task] = (runs[task] ?? 0) + 1);
    const options = { ...OPTIONS, name: `task-${task}`, store: clock.skipStoreTime(store), clock, task: count };
    new NeatPeriodicTaskScheduler(options).start();
    if (task % BATCH === BATCH - 1) await Promise.all(clocks.slice(task + 1 - BATCH, task + 1).map(waiting));
  }
  await Promise.all(clocks.map(waiting));
  return async (task) => {
    const before = runs[task] ?? 0;
    // the check halfway, another if the store time has gone back by a fraction of a second, and the run
    for (let skip = 0; skip < MAX_SKIPS && runs[task] === before; skip++) await clocks[task]?.skip(skipMs);
    const count = (runs[task] ?? 0) - before;
    if (count !== 1) throw new Error(`Cannot measure as there must be one run: current value is ${count}`);
  };
}

function waiting(clock: SkippingClock): Promise<void> {
  return clock.waiting;
}

function triggeredRuns(store: StatusStore, tasks: number): RunOnce {
  const schedulers = Array.from(
    { length: tasks },
    (_, task) => new NeatPeriodicTaskScheduler({ ...OPTIONS, name: `task-${task}`, store, task: () => {} }),
  );
  return async (task) => {
    const outcome = (await schedulers[task]?.trigger())?.outcome;
    if (outcome !== "finished") throw new Error(`Cannot measure as a run did not finish: current value is ${outcome}`);
  };
}

/** Returns a function that performs a run by a writer. */
export async function runsOf({ store, write }: MeasuredStore, writer: Writer, tasks: number): Promise<RunOnce> {
  if (writer === "client") return await writeTwice(write, tasks);
  if (writer === "store") return await writeTwice((key, value, version) => store.write(key, value, version), tasks);
  if (writer === "trigger") return triggeredRuns(store, tasks);
  return writer === "due" ? await skippingRuns(store, tasks, HOUR_MS) : await skippingRuns(store, tasks);
}

/** Starts schedulers spread evenly over their interval. `onRun` is their task. */
export async function startSpread(
  { store }: MeasuredStore,
  tasks: number,
  intervalMs: number,
  onRun: (run: Run) => void,
): Promise<void> {
  const startedMs = performance.now();
  for (let task = 0; task < tasks; task++) {
    const dueMs = startedMs + intervalMs * task / tasks;
    if (dueMs > performance.now()) await new Promise((resolve) => setTimeout(resolve, dueMs - performance.now()));
    const options = { ...OPTIONS, interval: intervalMs, name: `task-${task}`, store, task: onRun };
    new NeatPeriodicTaskScheduler(options).start();
  }
}
