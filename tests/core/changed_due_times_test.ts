// Deployments that change the due times of a task: no run is lost, and none is done twice.

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { MemoryStore, NeatPeriodicTaskScheduler, type Schedule } from "../../mod.ts";
import { cases } from "../helpers/cases.ts";
import { jitterDelayMs } from "../../src/schedule/jitter.ts";
import { SILENT } from "../helpers/log.ts";
import { dailyAt, patternOf } from "../helpers/schedules.ts";
import { VirtualTime } from "../helpers/virtual_time.ts";
import { CHANGED_DUE_TIMES_ROWS, type ChangedDueTimesRow } from "./changed_due_times_rows.ts";

const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 86_400_000;

const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const SUNDAY_MS = Date.UTC(2026, 1, 1);

/** Returns a moment of the week, such as "Tue 12:30". */
function momentMs(text: string): number {
  const [, day = "", hours, minutes] = /^(\w+) (\d+):(\d+)$/.exec(text) ?? [];
  return SUNDAY_MS + DAYS.indexOf(day) * DAY + Number(hours) * HOUR + Number(minutes) * MINUTE;
}

function momentText(ms: number): string {
  return `${DAYS[new Date(ms).getUTCDay()]} ${new Date(ms).toISOString().slice(11, 16)}`;
}

/** The share of its jitter that the task is delayed by. */
const SHARE = jitterDelayMs("changed", 1e9) / 1e9;

type DueTimeOptions = { readonly interval: number } | { readonly schedule: Schedule; readonly jitter?: number };

/** Returns the options for due times as rows describe them. */
function dueTimesOf(text: string): DueTimeOptions {
  const [, hours] = /^every (\d+) h$/.exec(text) ?? [];
  if (hours) return { interval: Number(hours) * HOUR };
  if (text === "hourly") return { schedule: patternOf(SUNDAY_MS, [HOUR]) };
  const [, hour, delay] = /^(\d+):00(?: \+ (\d+) min)?$/.exec(text) ?? [];
  const schedule = dailyAt(Number(hour));
  return delay ? { schedule, jitter: Math.ceil((Number(delay) * MINUTE + 1) / SHARE) } : { schedule };
}

interface Fixture {
  readonly virtual: VirtualTime;
  /** The minutes in which the runs started. */
  readonly runs: number[];
  readonly create: (dueTimes: DueTimeOptions) => NeatPeriodicTaskScheduler;
  /** Runs a scheduler until a time, and stops it. */
  readonly runUntil: (dueTimes: DueTimeOptions, untilMs: number) => Promise<void>;
}

function fixture(startMs: number): Fixture {
  const virtual = new VirtualTime(new Date(startMs).toISOString());
  const store = new MemoryStore();
  const runs: number[] = [];
  const create = (dueTimes: DueTimeOptions): NeatPeriodicTaskScheduler =>
    new NeatPeriodicTaskScheduler({
      name: "changed",
      timeout: MINUTE,
      store,
      clock: virtual.clock(),
      log: SILENT,
      // the first run of a process may be up to a second late
      task: () => void runs.push(Math.floor(virtual.nowMs / MINUTE) * MINUTE),
      ...dueTimes,
    });
  const runUntil = async (dueTimes: DueTimeOptions, untilMs: number): Promise<void> => {
    await using scheduler = create(dueTimes);
    scheduler.start();
    await virtual.advance(untilMs - virtual.nowMs);
  };
  return { virtual, runs, create, runUntil };
}

/** Returns the starts of the runs after a deployment. */
async function runsAfter(
  { before, after, deployed, lastRun }: ChangedDueTimesRow,
  restartMs: number,
): Promise<string[]> {
  const lastMs = momentMs(lastRun);
  // an interval counts from the first run
  const isInterval = before.startsWith("every");
  const { virtual, runs, runUntil } = fixture(SUNDAY_MS - DAY + (isInterval ? lastMs % DAY : 0));
  await runUntil(dueTimesOf(before), lastMs + MINUTE);
  assertEquals(runs.at(-1), lastMs);
  const { length } = runs;
  virtual.nowMs = momentMs(deployed);
  while (virtual.nowMs < momentMs("Fri 00:00")) await runUntil(dueTimesOf(after), virtual.nowMs + restartMs);
  return runs.slice(length).map(momentText);
}

for (const row of CHANGED_DUE_TIMES_ROWS) {
  const { before, after, deployed, lastRun, nextRuns } = row;
  const name = `a task moved from ${before} to ${after} on ${deployed} after a run on ${lastRun}`;
  Deno.test(`${name} runs on ${nextRuns.join(", ")}`, async () => {
    assertEquals((await runsAfter(row, 7 * DAY)).slice(0, nextRuns.length), nextRuns);
  });

  Deno.test(`${name} runs on the same days if its process restarts all the time`, async () => {
    assertEquals((await runsAfter(row, 25 * MINUTE - 1)).slice(0, nextRuns.length), nextRuns);
  });
}

Deno.test("a daily task moved at any time runs at each new due time, and at no time more than one and a half days apart", async () => {
  const anyMinute = fc.integer({ min: 0, max: DAY / MINUTE - 1 }).map((minute) => minute * MINUTE);
  await fc.assert(
    fc.asyncProperty(anyMinute, anyMinute, anyMinute, async (beforeMs, afterMs, deployedMs) => {
      const { runs, runUntil } = fixture(SUNDAY_MS);
      const deployMs = SUNDAY_MS + 2 * DAY + deployedMs + MINUTE / 2;
      await runUntil({ schedule: patternOf(beforeMs, [DAY]) }, deployMs);
      const { length } = runs;
      await runUntil({ schedule: patternOf(afterMs, [DAY]) }, deployMs + 3 * DAY);
      const gaps = runs.slice(1).map((runMs, index) => runMs - (runs[index] ?? NaN));
      assert(gaps.every((gapMs) => gapMs > 0 && gapMs <= 1.5 * DAY), `${gaps}`);
      const newRuns = runs.slice(length).filter((runMs) => runMs % DAY === afterMs);
      assertEquals(newRuns.length, 3, "a new due time was left out");
      assert(runs.length - length <= 4, "more than one run at the old due time");
    }),
    { numRuns: cases(200) },
  );
});

for (const [before, after] of [["12:00", "12:00 + 20 min"], ["12:00 + 20 min", "12:00"]] as const) {
  Deno.test(`replicas at ${before} and at ${after} do not repeat each other's runs while they are side by side`, async () => {
    const { virtual, runs, create } = fixture(SUNDAY_MS);
    await using older = create(dueTimesOf(before));
    await using newer = create(dueTimesOf(after));
    older.start();
    await virtual.advance(2 * DAY);
    newer.start();
    await virtual.advance(3 * DAY);
    const days = runs.map((runMs) => Math.floor((runMs - SUNDAY_MS) / DAY));
    assertEquals(days, [0, 1, 2, 3, 4]);
  });
}
