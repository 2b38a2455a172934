// Measures how late tasks with a period of a second start. Arguments: the contestant, how many tasks, how long each run
// takes, over how long a time they are added evenly, both in milliseconds, and for how many seconds they are watched.

import process from "node:process";
import { median, percentile } from "../../percentile.ts";
import { type ContestantName, CONTESTANTS } from "./contestants.ts";
import { fineClock } from "./real_time.ts";
import { PERIOD_MS, Starts } from "./starts.ts";

/** What was seen of all tasks together. Lengths are in milliseconds. */
export interface Lateness {
  /** Start minus slot, by the part of the runs that are no later. */
  readonly percentiles: Readonly<Record<string, number>>;
  /** By how much the starts move away from where whole periods from the first one would have them, in a minute. */
  readonly drift: number;
  /** The part of the slots in which no run started. */
  readonly missed: number;
}

/** Which percentiles are told. */
const PARTS = [0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.98, 0.99, 1];

/** The first seconds, in which code is compiled, don't count. */
const WARM_UP_S = 3;

const nowMs = fineClock();

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms));
}

async function measure(
  name: ContestantName,
  tasks: number,
  taskMs: number,
  spreadMs: number,
  seconds: number,
): Promise<Lateness> {
  const contestant = await CONTESTANTS[name]("second");
  const beganMs = nowMs();
  const fromMs = beganMs + spreadMs + WARM_UP_S * PERIOD_MS;
  const untilMs = fromMs + seconds * PERIOD_MS;
  const kept: unknown[] = [];
  const all: Starts[] = [];
  for (let index = 0; index < tasks; index++) {
    const earlyMs = beganMs + spreadMs * index / tasks - nowMs();
    if (earlyMs > 0) await pause(earlyMs);
    const starts = new Starts(contestant.slots, nowMs(), fromMs, untilMs);
    const task = contestant.add(`task-${index}`, (slotMs) => {
      starts.note(nowMs(), slotMs);
      // a task that takes no time has no promise either
      return taskMs > 0 ? pause(taskMs) : undefined;
    });
    kept.push(task);
    all.push(starts);
  }
  // whoever is late by less than a period is still seen
  await pause(untilMs + PERIOD_MS / 2 - nowMs());
  const latenesses = all.flatMap(({ latenessesMs }) => latenessesMs).sort((one, other) => one - other);
  const drifts = all.flatMap(({ driftMs }) => driftMs ?? []);
  if (kept.length !== tasks) throw new Error("Cannot measure tasks that are not there");
  return {
    percentiles: Object.fromEntries(PARTS.map((part) => [String(part), percentile(latenesses, part)])),
    drift: median(drifts),
    missed: 1 - all.reduce((sum, starts) => sum + starts.kept, 0) / (tasks * seconds),
  };
}

const [name, ...numbers] = process.argv.slice(2);
const [tasks, taskMs, spreadMs, seconds] = numbers.map(Number) as [number, number, number, number];
console.log(JSON.stringify(await measure(name as ContestantName, tasks, taskMs, spreadMs, seconds)));
process.exit(0);
