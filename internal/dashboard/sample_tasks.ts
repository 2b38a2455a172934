/**
 * Tasks in all conditions, for the tests and the pictures of the dashboard.
 *
 * @module
 */
import {
  type Clock,
  MemoryStore,
  NeatPeriodicTaskGroup,
  NeatPeriodicTaskScheduler,
  type StatusStore,
} from "../../mod.ts";
import { cron } from "../../src/cron.ts";

const MINUTE = 60_000;
const HOUR = 3_600_000;
const SILENT = { debug() {}, info() {}, warn() {}, error() {} };

/** A run, as a record holds it. */
interface SampleRun {
  readonly start: string;
  readonly length: number;
  readonly outcome: string;
}

/** A task with its record. */
export interface SampleTask {
  readonly name: string;
  readonly intervalMs: number;
  /** Instead of the interval. */
  readonly cron?: string;
  /** The time since the last start; `undefined` if the task has never run. */
  readonly agoMs?: number;
  /** A typical length of a run. */
  readonly lengthMs?: number;
  /** The outcomes of the last runs, by their first letters: finished, failed (`x`), timeout, aborted. */
  readonly outcomes?: string;
  /** Further fields of the record. */
  readonly fields?: Readonly<Record<string, unknown>>;
}

const OUTCOMES: Readonly<Record<string, string>> = { f: "finished", x: "failed", t: "timeout", a: "aborted" };
const ALL_FINE = "f".repeat(20);

/** The tasks of the pictures. */
export const SAMPLE_TASKS: readonly SampleTask[] = [
  {
    name: "invoices/send",
    intervalMs: 15 * MINUTE,
    agoMs: 4 * MINUTE,
    lengthMs: 6_200,
    outcomes: "ffffffffffffffffxxxx",
    fields: {
      state: "failed",
      failures: 4,
      error: "Error: 535 Authentication failed: the password of billing@example.com has expired",
      instance: "web-2",
    },
  },
  {
    name: "search-index",
    intervalMs: 10 * MINUTE,
    agoMs: 74 * MINUTE,
    lengthMs: 48_000,
    outcomes: ALL_FINE,
    fields: { instance: "web-1" },
  },
  {
    name: "thumbnails",
    intervalMs: 5 * MINUTE,
    agoMs: 2 * MINUTE,
    lengthMs: 21_000,
    outcomes: "fffffffftffffffffftf",
    fields: { instance: "web-3" },
  },
  {
    name: "backup",
    intervalMs: 24 * HOUR,
    cron: "0 3 * * *",
    agoMs: 9 * HOUR,
    lengthMs: 312_000,
    outcomes: "fffffffffxffffffffff",
    fields: { instance: "web-1" },
  },
  {
    name: "import-prices",
    intervalMs: 30 * MINUTE,
    agoMs: 95_000,
    lengthMs: 140_000,
    outcomes: "ffffffffffffffffffff",
    fields: { state: "running", instance: "web-2", lease: 10 * MINUTE },
  },
  {
    name: "newsletter",
    intervalMs: 24 * HOUR,
    cron: "30 8 * * MON-FRI",
    agoMs: 26 * HOUR,
    lengthMs: 84_000,
    outcomes: "fffffffffffffffffffa",
    fields: { instance: "web-3", pausedBy: "Ada", pauseReason: "new templates go live on Thursday" },
  },
  {
    name: "clean-up/sessions",
    intervalMs: HOUR,
    agoMs: 21 * MINUTE,
    lengthMs: 900,
    outcomes: ALL_FINE,
    fields: { instance: "web-1" },
  },
  {
    name: "clean-up/uploads",
    intervalMs: 6 * HOUR,
    agoMs: 2 * HOUR,
    lengthMs: 12_400,
    outcomes: ALL_FINE,
    fields: { instance: "web-2" },
  },
  {
    name: "exchange-rates",
    intervalMs: 30 * MINUTE,
    agoMs: 11 * MINUTE,
    lengthMs: 640,
    outcomes: "fffxffffffffffffffff",
    fields: { instance: "web-3" },
  },
  { name: "report-weekly", intervalMs: 168 * HOUR, cron: "0 6 * * MON" },
];

/** Returns the last runs of a task: their lengths vary, in the same way each time. */
function runsOf(
  { intervalMs, agoMs = 0, lengthMs = 0, outcomes = "", fields }: SampleTask,
  nowMs: number,
): SampleRun[] {
  const isRunning = fields?.["state"] === "running";
  return [...outcomes].map((letter, index) => {
    const before = outcomes.length - 1 - index + (isRunning ? 1 : 0);
    const variation = 0.75 + ((index * 7_919 + lengthMs) % 50) / 100;
    return {
      start: new Date(nowMs - agoMs - before * intervalMs).toISOString(),
      length: Math.round(lengthMs * (letter === "t" ? 2.2 : letter === "x" ? 0.35 : 1) * variation),
      outcome: OUTCOMES[letter] ?? "finished",
    };
  });
}

/** Returns the record of a task; `undefined` if it has never run. */
export function sampleRecord(task: SampleTask, nowMs: number): Record<string, unknown> | undefined {
  const { agoMs, intervalMs, fields = {} } = task;
  if (agoMs === undefined) return undefined;
  const recent = runsOf(task, nowMs);
  const time = (ms: number): string => new Date(ms).toISOString();
  const startMs = nowMs - agoMs;
  return {
    format: "neat-periodic-task-status",
    version: 1,
    state: "finished",
    started: time(startMs),
    owner: "c2FtcGxlLW93bmVyLWlkMA",
    term: 1_200 + recent.length,
    lease: 10 * MINUTE,
    write: "c2FtcGxlLXdyaXRlLWlkMA",
    scheduled: time(startMs - 400),
    due: time(startMs - 400 + intervalMs),
    ...fields["state"] === "running" ? {} : { finished: time(startMs + (recent.at(-1)?.length ?? 0)) },
    ...fields["pausedBy"] === undefined ? {} : { paused: time(nowMs - 25 * HOUR) },
    recent,
    ...fields,
  };
}

/** Returns a store with the records of some tasks. */
export async function sampleStore(tasks: readonly SampleTask[], nowMs: number = Date.now()): Promise<MemoryStore> {
  const store = new MemoryStore();
  for (const task of tasks) {
    const record = sampleRecord(task, nowMs);
    if (record) await store.write(task.name, new TextEncoder().encode(JSON.stringify(record)), null);
  }
  return store;
}

/** Returns a group with some tasks, which are not started. */
export function sampleGroup(tasks: readonly SampleTask[], store: StatusStore, clock?: Clock): NeatPeriodicTaskGroup {
  return new NeatPeriodicTaskGroup(tasks.map(({ name, intervalMs, cron: expression }) =>
    new NeatPeriodicTaskScheduler({
      name,
      store,
      clock,
      log: SILENT,
      timeout: { seconds: 60 },
      instance: "web-1",
      task: () => {},
      ...expression === undefined
        ? { interval: intervalMs }
        : { schedule: cron(expression, { timeZone: "Europe/Berlin" }) },
    })
  ));
}
