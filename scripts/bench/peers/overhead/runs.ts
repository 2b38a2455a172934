import { MemoryStore, NeatPeriodicTaskScheduler, type Run, type StatusStore } from "../../../../mod.ts";
import { SILENT } from "../../schedulers.ts";
import { LeapingClock } from "./leaping_clock.ts";
import type { Writer } from "./order.ts";
import type { Place, Write } from "./places.ts";

/** Does one run of a task, or what stands for it. */
export type RunOnce = (task: number) => Promise<void>;

const HOUR_MS = 3_600_000;
const OPTIONS = { interval: HOUR_MS, timeout: 60_000, log: SILENT };
/** More runs than a record keeps. */
const MANY = 25;
/** No scheduler looks more often from one run to the next. */
const MOST_LEAPS = 4;
/** How many schedulers are started at a time. */
const BATCH = 50;

/** The records of a claim and of a finished run, as they are once a task has run many times. */
async function usualRecords(): Promise<Uint8Array[]> {
  const store = new MemoryStore();
  const written: Uint8Array[] = [];
  const watched: StatusStore = {
    read: (key) => store.read(key),
    write: (key, value, version) => {
      written.push(value);
      return store.write(key, value, version);
    },
  };
  await using scheduler = new NeatPeriodicTaskScheduler({ ...OPTIONS, name: "usual", store: watched, task: () => {} });
  for (let run = 0; run < MANY; run++) await scheduler.trigger();
  return written.slice(-2);
}

/** Two writes, each on the condition of the one before. */
async function bareRuns(write: Write, tasks: number): Promise<RunOnce> {
  const records = await usualRecords();
  const versions = new Array<string | null>(tasks).fill(null);
  return async (task) => {
    let version = versions[task] ?? null;
    for (const record of records) {
      version = await write(`task-${task}`, record, version);
      if (version === null) throw new Error(`Cannot measure as a write was refused: current value is task ${task}`);
    }
    versions[task] = version;
  };
}

/** Runs of schedulers that sleep; `leapMs` is how far each leaps, or as far as it wants to, until it has run. */
async function leapingRuns(store: StatusStore, tasks: number, leapMs: number | undefined): Promise<RunOnce> {
  const runs = new Uint32Array(tasks);
  const clocks = Array.from({ length: tasks }, () => new LeapingClock());
  for (const [task, clock] of clocks.entries()) {
    const body = () => void runs[task]!++;
    const options = { ...OPTIONS, name: `task-${task}`, store: clock.ahead(store), clock, task: body };
    new NeatPeriodicTaskScheduler(options).start();
    if (task % BATCH === BATCH - 1) await Promise.all(clocks.slice(task + 1 - BATCH, task + 1).map(asleep));
  }
  await Promise.all(clocks.map(asleep));
  return async (task) => {
    const before = runs[task]!;
    const clock = clocks[task]!;
    // the look halfway, another if the store's clock has gone back by a fraction of a second, and the run
    for (let leap = 0; leap < MOST_LEAPS && runs[task] === before; leap++) await clock.leap(leapMs);
    if (runs[task] !== before + 1) {
      throw new Error(`Cannot measure as there was not one run: current value is ${runs[task]! - before}`);
    }
  };
}

function asleep(clock: LeapingClock): Promise<void> {
  return clock.asleep;
}

function triggeredRuns(store: StatusStore, tasks: number): RunOnce {
  const schedulers = Array.from(
    { length: tasks },
    (_, task) => new NeatPeriodicTaskScheduler({ ...OPTIONS, name: `task-${task}`, store, task: () => {} }),
  );
  return async (task) => {
    const { outcome } = await schedulers[task]!.trigger();
    if (outcome !== "finished") throw new Error(`Cannot measure as a run did not finish: current value is ${outcome}`);
  };
}

/** The runs of a writer. */
export async function runsOf({ store, write }: Place, writer: Writer, tasks: number): Promise<RunOnce> {
  if (writer === "client") return await bareRuns(write, tasks);
  if (writer === "store") return await bareRuns((key, value, version) => store.write(key, value, version), tasks);
  if (writer === "trigger") return triggeredRuns(store, tasks);
  return await leapingRuns(store, tasks, writer === "due" ? HOUR_MS : undefined);
}

/** Starts schedulers that run at an interval, evenly spread over it; calls back at each run. */
export async function startSpread(
  { store }: Place,
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
