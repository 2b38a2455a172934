// Measures how late tasks with a period of a second start. The argument is a LatenessRequest as JSON; prints a Lateness as JSON.

import process from "node:process";
import { median, percentile } from "../../percentile.ts";
import { type CandidateName, CANDIDATES } from "../in_process/candidates.ts";
import { setClockBack } from "./moved_clock.ts";
import { fineClock } from "../in_process/real_time.ts";
import { PERIOD_MS, Starts } from "./starts.ts";

/** The argument of this script. */
export interface LatenessRequest {
  readonly name: CandidateName;
  readonly tasks: number;
  /** The length of each run. */
  readonly taskMs: number;
  /** The time over which the tasks are added evenly. */
  readonly spreadMs: number;
  /** How many seconds they are watched. */
  readonly seconds: number;
  /** A whole second of the machine's clock. No task is added before. */
  readonly beginMs: number;
  /** How long after the machine's whole seconds those of this process come. */
  readonly phaseMs: number;
}

/** The starts of all tasks together. Lengths are in milliseconds. */
export interface Lateness {
  /** Start minus due time, by the share of the runs that are no later. */
  readonly percentiles: Readonly<Record<string, number>>;
  /** How far the starts move in a minute against whole periods after the first one. */
  readonly drift: number;
  /** The share of the due times without a run. */
  readonly missed: number;
}

/** The shares of {@linkcode Lateness.percentiles}. */
const SHARES = [0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.98, 0.99, 1];

/** The first seconds do not count, as code is compiled in them. */
const WARM_UP_S = 3;

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms));
}

async function measure({ name, tasks, taskMs, spreadMs, seconds, beginMs }: LatenessRequest): Promise<Lateness> {
  const nowMs = fineClock();
  const candidate = await CANDIDATES[name]("second");
  const startedMs = Math.ceil(Math.max(nowMs(), beginMs) / PERIOD_MS) * PERIOD_MS;
  await pause(startedMs - nowMs());
  const fromMs = startedMs + spreadMs + WARM_UP_S * PERIOD_MS;
  const untilMs = fromMs + seconds * PERIOD_MS;
  const kept: unknown[] = [];
  const all: Starts[] = [];
  for (let index = 0; index < tasks; index++) {
    const earlyMs = startedMs + spreadMs * index / tasks - nowMs();
    if (earlyMs > 0) await pause(earlyMs);
    const starts = new Starts(candidate.dueTimes, nowMs(), fromMs, untilMs);
    const task = candidate.add(`task-${index}`, (dueMs) => {
      starts.add(nowMs(), dueMs);
      // a task without a length returns no promise
      return taskMs > 0 ? pause(taskMs) : undefined;
    });
    kept.push(task);
    all.push(starts);
  }
  // a run that is late by less than a period still counts, and the other processes are done when this one computes
  await pause(untilMs + 1.5 * PERIOD_MS - nowMs());
  const latenesses = all.flatMap(({ latenessesMs }) => latenessesMs).sort((one, other) => one - other);
  const drifts = all.flatMap(({ driftMs }) => driftMs ?? []);
  if (kept.length !== tasks) throw new Error("Cannot measure tasks that are not there");
  return {
    percentiles: Object.fromEntries(SHARES.map((share) => [String(share), percentile(latenesses, share)])),
    drift: median(drifts),
    missed: 1 - all.reduce((sum, starts) => sum + starts.met, 0) / (tasks * seconds),
  };
}

const request = JSON.parse(process.argv[2] ?? "") as LatenessRequest;
setClockBack(request.phaseMs);
console.log(JSON.stringify(await measure(request)));
process.exit(0);
