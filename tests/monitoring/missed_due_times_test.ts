// How many due times have passed without a finished run.

import { assertEquals } from "@std/assert";
import type { TaskStatus } from "../../mod.ts";
import { missedDueTimes, type TaskTiming } from "../../src/monitoring/missed_due_times.ts";
import { IntervalDueTimes } from "../../src/schedule/due_times.ts";
import { scheduleDueTimes } from "../../src/schedule/schedule_due_times.ts";

const MINUTE = 60_000;

/** Returns a moment by its minute. */
function at(minute: number): Date {
  return new Date(Date.parse("2026-01-31T12:00:00Z") + minute * MINUTE);
}

/** A task every ten minutes whose runs take up to two. */
const EVERY_10: TaskTiming = {
  kind: "scheduler",
  dueTimes: new IntervalDueTimes(10 * MINUTE, 0),
  timeoutMs: 2 * MINUTE,
  watchedFromMs: at(0).getTime(),
};

/** A task at the full hour and a quarter past it. */
const UNEVEN: TaskTiming = {
  ...EVERY_10,
  dueTimes: scheduleDueTimes({
    next: (after) => [-45, 0, 15, 60, 75].map(at).find((due) => due > after) ?? null,
  }, 0),
};

const ONLY_RECORD: TaskTiming = { kind: "record" };

function run(minute: number, outcome: TaskStatus["recent"][number]["outcome"]): TaskStatus["recent"][number] {
  return { start: at(minute).toISOString(), length: 1_000, outcome };
}

function status(fields: Partial<TaskStatus>): TaskStatus {
  return {
    state: "finished",
    term: 1,
    failures: 0,
    recent: [],
    scheduled: at(0),
    due: at(10),
    started: at(0),
    ...fields,
  };
}

const FINISHED_AT_0 = status({ recent: [run(0, "finished")] });
const NEVER: TaskStatus = { state: "idle", term: 0, failures: 0, recent: [] };

interface Row {
  readonly title: string;
  readonly status: TaskStatus;
  readonly timing: TaskTiming;
  readonly nowMinute: number;
  readonly count: number;
  readonly sinceMinute: number;
}

const ROWS: readonly Row[] = [
  ...([EVERY_10, ONLY_RECORD] as const).flatMap((timing): Row[] => {
    // without its scheduler, a run may take as long as the gap between two due times
    const grace = timing.kind === "scheduler" ? 2 : 10;
    const row = { status: FINISHED_AT_0, timing, sinceMinute: 0 };
    const { kind } = timing;
    return [
      { ...row, title: `${kind}: not due`, nowMinute: 9, count: 0 },
      { ...row, title: `${kind}: due, and a run could be in progress`, nowMinute: 10 + grace - 1, count: 0 },
      { ...row, title: `${kind}: a run could have reached its timeout`, nowMinute: 10 + grace, count: 1 },
      { ...row, title: `${kind}: one more due time`, nowMinute: 20 + grace, count: 2 },
      { ...row, title: `${kind}: not more than the limit`, nowMinute: 1_000, count: 5 },
    ];
  }),
  {
    title: "failed runs after the last that finished do not count as runs",
    status: status({
      state: "failed",
      scheduled: at(20),
      due: at(30),
      recent: [run(0, "finished"), run(10, "failed"), run(20, "timeout")],
    }),
    timing: EVERY_10,
    nowMinute: 23,
    count: 2,
    sinceMinute: 0,
  },
  {
    title: "if all known runs failed, the first of them counts",
    status: status({ state: "failed", scheduled: at(20), due: at(30), recent: [run(0, "failed"), run(20, "failed")] }),
    timing: EVERY_10,
    nowMinute: 23,
    count: 2,
    sinceMinute: 0,
  },
  {
    title: "during a run whose lease is not over, later due times do not count",
    status: status({ state: "running", started: at(10), leaseEnd: at(70), recent: [run(0, "finished")] }),
    timing: EVERY_10,
    nowMinute: 60,
    count: 0,
    sinceMinute: 0,
  },
  {
    title: "after the end of its lease, they count",
    status: status({ state: "running", started: at(10), leaseEnd: at(12), recent: [run(0, "finished")] }),
    timing: EVERY_10,
    nowMinute: 32,
    count: 3,
    sinceMinute: 0,
  },
  {
    title: "a task that has never run is late from the time on at which it is watched",
    status: NEVER,
    timing: EVERY_10,
    nowMinute: 22,
    count: 2,
    sinceMinute: 0,
  },
  {
    title: "a record without runs and without a scheduler says nothing",
    status: NEVER,
    timing: ONLY_RECORD,
    nowMinute: 500,
    count: 0,
    sinceMinute: 500,
  },
  {
    title: "a record of Dart has only its last start",
    status: { state: "finished", term: 0, failures: 0, recent: [], started: at(0) },
    timing: EVERY_10,
    nowMinute: 32,
    count: 3,
    sinceMinute: 0,
  },
  {
    title: "a record of Dart without a scheduler has no due times",
    status: { state: "finished", term: 0, failures: 0, recent: [], started: at(0) },
    timing: ONLY_RECORD,
    nowMinute: 500,
    count: 0,
    sinceMinute: 0,
  },
  {
    title: "a task that has ended its process in each run is late from the time on at which it is watched",
    status: {
      state: "running",
      term: 9,
      failures: 0,
      recent: [],
      started: at(31),
      scheduled: at(30),
      leaseEnd: at(32),
    },
    timing: EVERY_10,
    nowMinute: 40,
    count: 3,
    sinceMinute: 0,
  },
  {
    title: "due times of the own interval count, not that of an earlier one in the record",
    status: status({ due: at(1), recent: [run(0, "finished")] }),
    timing: EVERY_10,
    nowMinute: 11,
    count: 0,
    sinceMinute: 0,
  },
  ...([EVERY_10, ONLY_RECORD] as const).map((timing): Row => ({
    title: `${timing.kind}: due times during a pause do not count`,
    status: FINISHED_AT_0,
    timing: { ...timing, pausedUntilMs: at(500).getTime() },
    nowMinute: 505,
    count: 0,
    sinceMinute: 500,
  })),
  ...([[16, 0], [17, 1], [61, 1], [62, 2], [500, 3]] as const).map(([nowMinute, count]): Row => ({
    title: `an uneven schedule at minute ${nowMinute}`,
    status: FINISHED_AT_0,
    timing: UNEVEN,
    nowMinute,
    count,
    sinceMinute: 0,
  })),
];

for (const { title, status, timing, nowMinute, count, sinceMinute } of ROWS) {
  Deno.test(`missedDueTimes() ${title}`, () => {
    const missed = missedDueTimes(status, timing, at(nowMinute).getTime(), 5);
    assertEquals(missed, { count, sinceMs: at(sinceMinute).getTime() });
  });
}
