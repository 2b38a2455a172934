// The condition of a task: what people see first.

import { assertEquals } from "@std/assert";
import type { Explanation, TaskStatus } from "../../mod.ts";
import { conditionOf } from "../../src/monitoring/condition.ts";
import type { TaskTiming } from "../../src/monitoring/missed_due_times.ts";
import { bySeverity, type Condition, type WatchedRecord, type WatchedTask } from "../../src/monitoring/watched_task.ts";
import { IntervalDueTimes } from "../../src/schedule/due_times.ts";
import { scheduleDueTimes } from "../../src/schedule/schedule_due_times.ts";

const MINUTE = 60_000;
const NOW = new Date("2026-01-31T12:05:00Z");

function ago(minutes: number): Date {
  return new Date(NOW.getTime() - minutes * MINUTE);
}

const TIMING: TaskTiming = {
  kind: "scheduler",
  dueTimes: new IntervalDueTimes(10 * MINUTE, 0),
  timeoutMs: MINUTE,
  watchedFromMs: NOW.getTime(),
};

const STARTED = { state: "started", message: "", abandoned: 0 } as const;
const WAITING: Explanation = { ...STARTED, reason: "not-due", until: ago(-1), due: ago(-5) };

const STATUS: TaskStatus = {
  state: "finished",
  term: 3,
  failures: 0,
  started: ago(5),
  finished: ago(4),
  scheduled: ago(5),
  due: ago(-5),
  recent: [{ start: ago(5).toISOString(), length: MINUTE, outcome: "finished" }],
};

const FAILED = { state: "failed", failures: 2, error: "no luck" } as const;
const OVERDUE = { started: ago(50), scheduled: ago(50), due: ago(40) };
const OVERDUE_RECENT = [{ start: ago(50).toISOString(), length: MINUTE, outcome: "finished" }] as const;

interface Row {
  readonly title: string;
  readonly record?: WatchedRecord;
  readonly status?: Partial<TaskStatus>;
  readonly explanation?: Explanation;
  readonly expected: Pick<Condition, "severity" | "reason" | "message"> & Partial<Condition>;
}

const ROWS: readonly Row[] = [
  {
    title: "a record that cannot be read",
    record: { kind: "unreadable", error: new Error("away") },
    expected: {
      severity: "critical",
      reason: "unreadable",
      message: "the record cannot be read",
      detail: "Error: away",
    },
  },
  {
    title: "data of another format",
    record: { kind: "foreign", description: "it is not JSON" },
    expected: {
      severity: "critical",
      reason: "foreign",
      message: "the data is not a status record",
      detail: "it is not JSON",
    },
  },
  {
    title: "a record of a newer version",
    record: { kind: "newer", description: "version 2" },
    expected: {
      severity: "critical",
      reason: "foreign",
      message: "the record is of a newer version",
      detail: "version 2",
    },
  },
  {
    title: "a scheduler that is a minute late with its check",
    explanation: { ...WAITING, until: ago(1) },
    expected: {
      severity: "critical",
      reason: "stuck",
      message: "the scheduler in this process has not made its check in time",
      since: ago(1),
    },
  },
  {
    title: "a schedule that fails",
    explanation: { ...STARTED, reason: "schedule-error", until: ago(-1), message: "The schedule failed" },
    expected: { severity: "critical", reason: "blocked", message: "the schedule failed" },
  },
  {
    title: "too many abandoned calls, even if a run is overdue",
    status: { ...OVERDUE, recent: OVERDUE_RECENT },
    explanation: { ...STARTED, reason: "too-many-abandoned", until: ago(-1), message: "Too many calls" },
    expected: { severity: "critical", reason: "blocked", message: "too many calls" },
  },
  {
    title: "three due times without a finished run",
    status: { ...OVERDUE, ...FAILED, recent: OVERDUE_RECENT },
    expected: {
      severity: "critical",
      reason: "overdue",
      message: "no run has finished for the last 3 due times",
      since: ago(50),
      detail: "no luck",
    },
  },
  {
    title: "a pause, even if a run is overdue",
    status: { ...OVERDUE, recent: OVERDUE_RECENT, paused: ago(60), pausedBy: "Ada", pauseReason: "migration" },
    expected: {
      severity: "notice",
      reason: "paused",
      message: "the task is paused",
      since: ago(60),
      detail: "by Ada: migration",
    },
  },
  {
    title: "a pause by nobody known",
    status: { paused: ago(60) },
    expected: { severity: "notice", reason: "paused", message: "the task is paused", since: ago(60) },
  },
  {
    title: "failures in a row",
    status: FAILED,
    expected: {
      severity: "warning",
      reason: "failing",
      message: "the last 2 runs failed",
      since: ago(5),
      detail: "no luck",
    },
  },
  {
    title: "a failure, during the run after it",
    status: { state: "running", failures: 1, leaseEnd: ago(-1) },
    expected: { severity: "warning", reason: "failing", message: "the last run failed", since: ago(5) },
  },
  {
    title: "a run whose lease is over",
    status: { state: "running", leaseEnd: ago(1) },
    expected: {
      severity: "warning",
      reason: "lease-over",
      message: "the last run has not ended, and its lease is over",
      since: ago(1),
    },
  },
  {
    title: "a run in progress",
    status: { state: "running", leaseEnd: ago(-1) },
    expected: { severity: "ok", reason: "running", message: "a run is in progress", since: ago(5) },
  },
  {
    title: "a scheduler that has stopped",
    explanation: { ...STARTED, state: "stopped", reason: "stopped" },
    expected: { severity: "notice", reason: "stopped", message: "the scheduler in this process has stopped" },
  },
  {
    title: "a task that has never run",
    status: { state: "idle", recent: [] },
    expected: { severity: "notice", reason: "never-run", message: "the task has never run" },
  },
  {
    title: "a run that finished",
    expected: { severity: "ok", reason: "finished", message: "the last run finished", since: ago(4) },
  },
];

for (const { title, record, status, explanation = WAITING, expected } of ROWS) {
  Deno.test(`conditionOf() is ${expected.reason} for ${title}`, () => {
    const found = record ?? { kind: "task", status: { ...STATUS, ...status } } as const;
    const condition = conditionOf({
      record: found,
      explanation,
      timing: TIMING,
      missedDueTimes: 3,
      nowMs: NOW.getTime(),
    });
    assertEquals(condition, { since: undefined, detail: undefined, ...expected });
  });
}

Deno.test("conditionOf() is blocked if the schedule throws, whatever the scheduler does", () => {
  const schedule = {
    next: () => {
      throw new Error("no calendar");
    },
  };
  const timing: TaskTiming = { ...TIMING, dueTimes: scheduleDueTimes(schedule, 0) };
  const record = { kind: "task", status: STATUS } as const;
  const input = { record, explanation: WAITING, timing, missedDueTimes: 3, nowMs: NOW.getTime() };
  const { severity, reason, detail } = conditionOf(input);
  assertEquals([severity, reason, detail?.includes("schedule.next()")], ["critical", "blocked", true]);
});

Deno.test("conditionOf() is failing since the first failed run after the last that finished", () => {
  const run = (minutes: number, outcome: "finished" | "failed") =>
    ({ start: ago(minutes).toISOString(), length: 1, outcome }) as const;
  const since = (recent: TaskStatus["recent"]): Date | undefined => {
    const record = { kind: "task", status: { ...STATUS, ...FAILED, recent } } as const;
    return conditionOf({ record, explanation: WAITING, timing: TIMING, missedDueTimes: 9, nowMs: NOW.getTime() }).since;
  };
  assertEquals(since([run(20, "failed"), run(15, "finished"), run(10, "failed"), run(5, "failed")]), ago(10));
  assertEquals(since([run(10, "failed"), run(5, "failed")]), ago(10));
  assertEquals(since([]), ago(5));
});

Deno.test("bySeverity() puts the more severe tasks first, and then sorts by name", () => {
  const task = (name: string, severity: Condition["severity"]): WatchedTask => ({
    kind: "task",
    status: STATUS,
    name,
    schedule: undefined,
    explanation: undefined,
    condition: { severity, reason: "finished", message: "", since: undefined, detail: undefined },
  });
  const tasks = [task("b", "ok"), task("a", "ok"), task("d", "critical"), task("c", "notice"), task("e", "warning")];
  assertEquals(tasks.sort(bySeverity).map(({ name }) => name).join(""), "decab");
});
