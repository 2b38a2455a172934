// Measures how late tasks with a period of a second start. The argument is an Order as JSON; prints a Lateness as JSON.

import process from "node:process";
import { median, percentile } from "../../percentile.ts";
import { type ContestantName, CONTESTANTS } from "./contestants.ts";
import { putClockBack } from "./moved_clock.ts";
import { fineClock } from "./real_time.ts";
import { PERIOD_MS, Starts } from "./starts.ts";

/** What is to be measured, and when. */
export interface Order {
  readonly name: ContestantName;
  readonly tasks: number;
  /** How long each run takes. */
  readonly taskMs: number;
  /** Over how long a time the tasks are added evenly. */
  readonly spreadMs: number;
  /** For how many seconds they are watched. */
  readonly seconds: number;
  /** A whole second of the machine's clock, before which nothing is added, and how long after such ones this process's come. */
  readonly beginMs: number;
  readonly phaseMs: number;
}

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

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms));
}

async function measure({ name, tasks, taskMs, spreadMs, seconds, beginMs }: Order): Promise<Lateness> {
  const nowMs = fineClock();
  const contestant = await CONTESTANTS[name]("second");
  const beganMs = Math.ceil(Math.max(nowMs(), beginMs) / PERIOD_MS) * PERIOD_MS;
  await pause(beganMs - nowMs());
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
  // whoever is late by less than a period is still seen, and the sum is done when neighbours need not be left alone any more
  await pause(untilMs + 1.5 * PERIOD_MS - nowMs());
  const latenesses = all.flatMap(({ latenessesMs }) => latenessesMs).sort((one, other) => one - other);
  const drifts = all.flatMap(({ driftMs }) => driftMs ?? []);
  if (kept.length !== tasks) throw new Error("Cannot measure tasks that are not there");
  return {
    percentiles: Object.fromEntries(PARTS.map((part) => [String(part), percentile(latenesses, part)])),
    drift: median(drifts),
    missed: 1 - all.reduce((sum, starts) => sum + starts.kept, 0) / (tasks * seconds),
  };
}

const order = JSON.parse(process.argv[2]!) as Order;
putClockBack(order.phaseMs);
console.log(JSON.stringify(await measure(order)));
process.exit(0);
