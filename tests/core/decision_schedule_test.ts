// Which runs are due by a schedule with uneven due times, and what else moves or prevents a run. Times are counted from noon of
// Saturday, 31 January 2026, UTC.

import { assert, assertEquals } from "@std/assert";
import type { TakeoverReason } from "../../mod.ts";
import { IntervalDueTimes } from "../../src/schedule/due_times.ts";
import { scheduleDueTimes } from "../../src/schedule/schedule_due_times.ts";
import type { DecisionRules } from "../../src/core/decision.ts";
import { decide } from "../../src/core/decision.ts";
import {
  at,
  DAY,
  HOUR,
  inputOf,
  MINUTE,
  NOON_MS,
  original,
  ours,
  type Row,
  rulesOf,
  runningNow,
  runs,
  testRows,
  waits,
  writes,
} from "../helpers/records.ts";
import { dailyAt, MONTHLY, scheduleOf } from "../helpers/schedules.ts";

const FIRST = { isPreferred: true };
const LATER = { isFirstVersion: false };

/** At 09:00 on workdays: Friday's was 27 h ago, Monday's is in 45 h. */
const WORKDAYS: Partial<DecisionRules> = { dueTimes: scheduleDueTimes(dailyAt(9, { workdays: true }), 0) };
const FRIDAY = -27 * HOUR;
const MONDAY = 45 * HOUR;
const TUESDAY = MONDAY + DAY;

const onFriday = (fields: Record<string, unknown> = {}): Record<string, unknown> =>
  ours({ started: at(FRIDAY), scheduled: at(FRIDAY), finished: at(FRIDAY + 2_000), due: at(MONDAY), ...fields });

const UNEVEN: Row[] = [
  {
    name: "checks halfway between two due times, however far apart",
    record: onFriday(),
    knows: { now: FRIDAY + MINUTE, ...FIRST },
    rules: { ...WORKDAYS, maxCycleMs: 7 * DAY },
    expected: waits("not-due", FRIDAY + 36 * HOUR, MONDAY, true),
  },
  {
    name: "checks at least every maxCycle over a weekend",
    record: onFriday(),
    knows: { now: 0, ...FIRST },
    rules: WORKDAYS,
    expected: waits("not-due", 3 * HOUR, MONDAY, true),
  },
  {
    name: "runs at the due time after a weekend",
    record: onFriday(),
    knows: { now: MONDAY, ...FIRST },
    rules: WORKDAYS,
    expected: runs(MONDAY),
  },
  {
    name: "runs once for the latest of several due times that have passed",
    record: onFriday(),
    knows: { now: TUESDAY + HOUR, ...FIRST },
    rules: WORKDAYS,
    expected: runs(TUESDAY),
  },
  {
    name: "lets a standby check after the fallback delay, by the gap after the due time",
    record: onFriday({ started: at(FRIDAY), finished: at(FRIDAY + 2_000) }),
    knows: { now: MONDAY - MINUTE },
    rules: WORKDAYS,
    expected: waits("not-due", MONDAY + 30_000, MONDAY, true),
  },
  {
    name: "checks a monthly task every maxCycle",
    record: ours({ due: at(12 * HOUR) }),
    knows: { now: 13 * HOUR, ...FIRST },
    rules: { dueTimes: scheduleDueTimes(MONTHLY, 0) },
    expected: runs(12 * HOUR),
  },
  {
    name: "limits minCycle by half the time between two due times",
    record: ours({ due: at(MINUTE) }),
    knows: { now: 10_000, ...FIRST },
    rules: { dueTimes: scheduleDueTimes(scheduleOf(NOON_MS, NOON_MS + MINUTE), 0) },
    expected: waits("not-due", 40_000, MINUTE, true),
  },
  {
    name: "waits for nothing but maxCycle when the schedule has ended",
    record: ours({}),
    knows: { now: HOUR, ...FIRST },
    rules: { dueTimes: scheduleDueTimes(scheduleOf(NOON_MS), 0) },
    expected: waits("schedule-ended", 4 * HOUR, Infinity, true),
  },
  {
    name: "repeats the failed last run of a schedule that has ended",
    record: ours({ state: "failed" }),
    knows: { now: 10 * MINUTE, ...FIRST },
    rules: { dueTimes: scheduleDueTimes(scheduleOf(NOON_MS), 0) },
    expected: runs(0),
  },
];

const FIRST_RUN: Row[] = [
  {
    name: "records the first due time of a task that runs on schedule",
    record: ours({ state: "idle", owner: "-", scheduled: undefined }),
    knows: { now: 0 },
    rules: WORKDAYS,
    expected: writes(NOON_MS + MONDAY),
  },
  {
    name: "records the first due time also after a pause, a resume or a reset",
    record: ours({ state: "idle", owner: "-", scheduled: undefined }),
    knows: { now: 0, isFirstVersion: false },
    rules: WORKDAYS,
    expected: writes(NOON_MS + MONDAY),
  },
  {
    name: "waits for the first due time",
    record: ours({ state: "idle", owner: "-", scheduled: undefined, due: at(MONDAY) }),
    knows: { now: 0 },
    rules: WORKDAYS,
    expected: waits("not-due", 3 * HOUR, MONDAY, true),
  },
  {
    name: "makes up for a first due time at which no replica was there",
    record: ours({ state: "idle", owner: "-", scheduled: undefined, due: at(FRIDAY) }),
    knows: { now: 0 },
    rules: WORKDAYS,
    expected: runs(FRIDAY),
  },
  {
    name: "records the first due time after the jitter of an interval",
    record: ours({ state: "idle", owner: "-", scheduled: undefined }),
    knows: { now: 0 },
    rules: { dueTimes: new IntervalDueTimes(HOUR, MINUTE) },
    expected: writes(NOON_MS + MINUTE),
  },
  {
    name: "keeps the due times of an interval if the first run is triggered",
    record: ours({ state: "idle", owner: "-", scheduled: undefined, due: at(HOUR) }),
    knows: { now: 10 * MINUTE, isTriggered: true, sinceMs: NOON_MS },
    rules: { dueTimes: new IntervalDueTimes(HOUR, HOUR) },
    expected: runs(0),
  },
];

/** At 08:00: the due time has been another one until now. */
const EARLIER: Partial<DecisionRules> = { dueTimes: scheduleDueTimes(dailyAt(8), 0) };
const TODAY = -3 * HOUR;
const daily = (fields: Record<string, unknown> = {}): Record<string, unknown> =>
  ours({ started: at(TODAY), scheduled: at(TODAY), finished: at(TODAY + 2_000), due: at(TODAY + DAY), ...fields });

const CHANGED: Row[] = [
  {
    name: "does not make up for due times of a new schedule from before it was there, and records the next one",
    record: daily(),
    knows: { now: 0 },
    rules: { dueTimes: scheduleDueTimes(dailyAt(10), 0) },
    expected: writes(NOON_MS + 22 * HOUR),
  },
  {
    name: "records nothing if another replica has changed the record since",
    record: daily(),
    knows: { now: 0, ...LATER },
    rules: { dueTimes: scheduleDueTimes(dailyAt(10), 0) },
    expected: waits("not-due", 3 * HOUR, 22 * HOUR, true),
  },
  {
    name: "runs at the due time of its own schedule while other replicas have another",
    record: daily(),
    knows: { now: 22 * HOUR, sinceMs: NOON_MS, ...LATER, ...FIRST },
    rules: { dueTimes: scheduleDueTimes(dailyAt(10), 0) },
    expected: runs(22 * HOUR),
  },
  {
    name: "makes up for a due time of the old schedule that has passed",
    record: daily({ due: at(-HOUR) }),
    knows: { now: 0, ...FIRST },
    rules: EARLIER,
    expected: runs(-HOUR),
  },
  {
    name: "makes up for a due time of its schedule that passed while no replica was there",
    record: daily({ scheduled: at(-28 * HOUR), started: at(-28 * HOUR), due: at(-4 * HOUR) }),
    knows: { now: 0, ...FIRST },
    rules: EARLIER,
    expected: runs(-4 * HOUR),
  },
  {
    name: "goes on from the last due time when an interval gets longer",
    record: ours({ due: at(HOUR) }),
    knows: { now: 90 * MINUTE, ...FIRST },
    rules: { intervalMs: 2 * HOUR },
    expected: waits("not-due", 2 * HOUR, 2 * HOUR, true),
  },
  {
    name: "is not held up by a due time far in the future",
    record: daily({ due: "9999-01-01T08:00:00.000Z" }),
    knows: { now: 20 * HOUR, sinceMs: NOON_MS, ...LATER, ...FIRST },
    rules: EARLIER,
    expected: runs(20 * HOUR),
  },
  {
    name: "waits for the next due time of its schedule after a run of Dart's neat_periodic_task",
    record: original({}),
    knows: { now: HOUR },
    rules: EARLIER,
    expected: writes(NOON_MS + 20 * HOUR),
  },
];

/** A schedule that only knows the due times from 90 days before noon to 90 days after it. */
const CALENDAR: Partial<DecisionRules> = {
  dueTimes: scheduleDueTimes({
    next: (after) => {
      if (Math.abs(after.getTime() - NOON_MS) > 90 * DAY) throw new Error(`no calendar for ${after.toISOString()}`);
      return dailyAt(8).next(after);
    },
  }, 0),
};
const NEVER_RAN = { state: "idle", owner: "-", term: 0, scheduled: undefined, finished: undefined };

const WRONG: Row[] = [
  {
    name: "asks no schedule about a due time years ahead, and replaces it",
    record: daily({ due: "9999-01-01T08:00:00.000Z" }),
    knows: { now: 0 },
    rules: CALENDAR,
    expected: writes(NOON_MS + 20 * HOUR),
  },
  {
    name: "asks no schedule about a due time years ahead before the first run, and replaces it",
    record: ours({ ...NEVER_RAN, due: "9999-01-01T08:00:00.000Z" }),
    knows: { now: 0 },
    rules: CALENDAR,
    expected: writes(NOON_MS + 20 * HOUR),
  },
  {
    name: "asks no schedule about a due time years ago, and runs once for the latest one",
    record: ours({ ...NEVER_RAN, due: "1970-01-01T08:00:00.000Z" }),
    knows: { now: 0 },
    rules: CALENDAR,
    expected: runs(-4 * HOUR),
  },
  {
    name: "ignores a due time that is not later than the last run, and replaces it",
    record: daily({ due: at(TODAY) }),
    knows: { now: 0 },
    rules: CALENDAR,
    expected: writes(NOON_MS + 20 * HOUR),
  },
  {
    name: "ignores a due time that cannot be parsed, and replaces it",
    record: daily({ due: "soon" }),
    knows: { now: 0 },
    rules: CALENDAR,
    expected: writes(NOON_MS + 20 * HOUR),
  },
  {
    name: "replaces a due time years ahead before the first run of an interval",
    record: ours({ ...NEVER_RAN, due: "9999-01-01T08:00:00.000Z" }),
    knows: { now: 0 },
    rules: { dueTimes: new IntervalDueTimes(HOUR, HOUR) },
    expected: writes(NOON_MS + HOUR),
  },
];

const DEADLINE: Partial<DecisionRules> = { startDeadlineMs: 10 * MINUTE };

const START_DEADLINE: (Row & { missed?: number })[] = [
  {
    name: "runs within the start deadline",
    record: ours({}),
    knows: { now: HOUR + 10 * MINUTE, ...FIRST },
    rules: DEADLINE,
    expected: runs(HOUR),
  },
  {
    name: "gives a run up after the start deadline",
    record: ours({}),
    knows: { now: HOUR + 10 * MINUTE + 1, ...FIRST },
    rules: DEADLINE,
    expected: waits("not-due", 2 * HOUR, 2 * HOUR),
    missed: HOUR,
  },
  {
    name: "runs for the latest due time if only that is within the start deadline",
    record: ours({}),
    knows: { now: 5 * HOUR + MINUTE, ...FIRST },
    rules: DEADLINE,
    expected: runs(5 * HOUR),
  },
  {
    name: "gives the repetition of a failed run up after the start deadline",
    record: ours({ state: "failed" }),
    knows: { now: 21 * MINUTE, ...FIRST },
    rules: DEADLINE,
    expected: waits("not-due", HOUR, HOUR),
    missed: 10 * MINUTE,
  },
  {
    name: "gives the run after a crash up after the start deadline, but the next due time stays",
    record: runningNow({}),
    knows: { now: 21 * MINUTE },
    rules: DEADLINE,
    expected: waits("not-due", HOUR, HOUR),
    missed: 10 * MINUTE + 1_000,
  },
  {
    name: "waits for the next due time after the first run was given up",
    record: ours({ state: "idle", owner: "-", term: 0, scheduled: undefined, finished: undefined, due: at(FRIDAY) }),
    knows: { now: -HOUR, jitter: 0.5 },
    rules: { ...WORKDAYS, ...DEADLINE, maxCycleMs: 7 * DAY },
    expected: waits("not-due", MONDAY + 500, MONDAY),
    missed: FRIDAY,
  },
  {
    name: "lets a standby claim within the start deadline",
    record: ours({}),
    knows: { now: HOUR + 15_000 },
    rules: { startDeadlineMs: MINUTE },
    expected: runs(HOUR),
  },
  {
    name: "runs a triggered task after the start deadline",
    record: ours({}),
    knows: { now: HOUR + 30 * MINUTE, isTriggered: true, ...FIRST },
    rules: DEADLINE,
    expected: runs(HOUR),
  },
  {
    name: "runs a requested task after the start deadline",
    record: ours({ requested: at(HOUR + 20 * MINUTE) }),
    knows: { now: HOUR + 30 * MINUTE, ...FIRST },
    rules: DEADLINE,
    expected: runs(HOUR),
  },
];

const PAUSED: Row[] = [
  {
    name: "does not run a paused task that is due",
    record: ours({ paused: at(MINUTE) }),
    knows: { now: HOUR, ...FIRST },
    expected: waits("paused", 2 * HOUR, HOUR),
  },
  {
    name: "does not run a paused task that is triggered",
    record: ours({ paused: at(MINUTE) }),
    knows: { now: 2 * MINUTE, isTriggered: true, ...FIRST },
    expected: waits("paused", HOUR, HOUR),
  },
  {
    name: "does not run a paused task that is requested",
    record: ours({ paused: at(MINUTE), requested: at(MINUTE) }),
    knows: { now: 2 * MINUTE, ...FIRST },
    expected: waits("paused", HOUR, MINUTE),
  },
  {
    name: "does not run a paused task that has never run",
    record: ours({ state: "idle", owner: "-", paused: at(0) }),
    knows: { now: 0 },
    expected: waits("paused", HOUR, 0),
  },
  {
    name: "does not repeat a failed run of a paused task",
    record: ours({ state: "failed", paused: at(MINUTE) }),
    knows: { now: 10 * MINUTE, ...FIRST },
    expected: waits("paused", HOUR, 10 * MINUTE),
  },
  {
    name: "waits for the lease of a run during which the task was paused",
    record: runningNow({ paused: at(MINUTE) }),
    knows: { now: 2 * MINUTE },
    expected: waits("running", 10 * MINUTE + 1_000, 10 * MINUTE + 1_000),
  },
  {
    name: "does not replace a crashed run of a paused task",
    record: runningNow({ paused: at(MINUTE) }),
    knows: { now: 11 * MINUTE },
    expected: waits("paused", HOUR, 10 * MINUTE + 1_000),
  },
  {
    name: "takes a pause whose time cannot be parsed for a pause",
    record: ours({ paused: "since lunch" }),
    knows: { now: HOUR, ...FIRST },
    expected: waits("paused", 2 * HOUR, HOUR),
  },
];

testRows([...UNEVEN, ...FIRST_RUN, ...CHANGED, ...WRONG, ...START_DEADLINE, ...PAUSED]);

for (const { name, record, knows, rules, missed } of START_DEADLINE) {
  Deno.test(`decide() ${name}, and says which due time it gave up`, () => {
    const decision = decide(inputOf(record, knows), rulesOf(rules));
    const missedMs = decision.kind === "wait" ? decision.missedMs : undefined;
    assertEquals(missedMs, missed === undefined ? undefined : NOON_MS + missed);
  });
}

for (
  const [name, record] of [
    ["a preferred replica", ours({})],
    ["a replica that has stopped", ours({ owner: "-" })],
  ] as const
) {
  Deno.test(`decide() lets every other replica check within half of the start deadline after ${name}, however short it is`, () => {
    for (const startDeadlineMs of [40, 400, 4_000, 40_000]) {
      const rules = rulesOf({ startDeadlineMs });
      const decision = decide(inputOf(record, { now: MINUTE, jitter: 0.999 }), rules);
      const lateMs = decision.kind === "wait" ? decision.untilMs - decision.dueMs : Infinity;
      assert(lateMs <= startDeadlineMs / 2, `${lateMs} ms`);
    }
  });
}

Deno.test("decide() returns the time until which a run may start, and the due time after it", () => {
  const decision = decide(inputOf(ours({}), { now: HOUR, ...FIRST }), rulesOf(DEADLINE));
  assertEquals(decision.kind === "run" && [decision.startByMs, decision.nextDueMs], [
    NOON_MS + HOUR + 10 * MINUTE,
    NOON_MS + 2 * HOUR,
  ]);
});

const TAKEOVERS: [
  name: string,
  record: unknown,
  knows: Parameters<typeof inputOf>[1],
  reason: TakeoverReason | undefined,
][] = [
  ["a run whose lease is over", runningNow({}), { now: HOUR }, "lease-over"],
  ["a replica that has stopped", ours({ owner: "-" }), { now: HOUR }, "stopped"],
  ["a replica that does not start the run that is due", ours({}), { now: HOUR + 10 * MINUTE }, "overdue"],
  ["a replica, by a trigger", ours({}), { now: MINUTE, isTriggered: true }, "triggered"],
  ["itself", ours({}), { now: HOUR, ...FIRST }, undefined],
  ["no replica, as the task has never run", ours({ state: "idle", owner: "-", term: 0 }), { now: 0 }, undefined],
];

for (const [name, record, knows, reason] of TAKEOVERS) {
  Deno.test(`decide() takes over from ${name}`, () => {
    const decision = decide(inputOf(record, knows), rulesOf());
    assertEquals(decision.kind === "run" && decision.takeover, reason);
  });
}
