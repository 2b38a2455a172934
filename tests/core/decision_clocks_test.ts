// Records whose times can't be right: one wrong clock delays others by one interval at most. An hourly task.

import { assert } from "@std/assert";
import {
  at,
  DAY,
  decided,
  HOUR,
  MINUTE,
  original,
  ours,
  type Row,
  runningNow,
  runs,
  SECOND,
  testRows,
  waits,
} from "../helpers/records.ts";

/** Dated so far ahead that no tolerance covers it. */
const AHEAD = { started: at(3 * DAY), scheduled: at(3 * DAY) };
const FIRST_SEEN = { firstSeen: 5 * MINUTE, isPreferred: true };

const FUTURE: Row[] = [
  {
    name: "counts a run dated into the future from when it first saw it",
    record: ours(AHEAD),
    knows: { now: HOUR, ...FIRST_SEEN },
    expected: waits("not-due", HOUR + 5 * MINUTE, HOUR + 5 * MINUTE, true),
  },
  {
    name: "runs an interval after it first saw a run dated into the future",
    record: ours(AHEAD),
    knows: { now: HOUR + 5 * MINUTE, ...FIRST_SEEN },
    expected: runs(HOUR + 5 * MINUTE),
  },
  {
    name: "runs an interval after it first saw a run of the original dated into the future",
    record: original({ started: at(3 * DAY) }),
    knows: { now: HOUR + 5 * MINUTE, firstSeen: 5 * MINUTE },
    expected: runs(HOUR + 5 * MINUTE),
  },
  {
    name: "goes by the store's clock, however much faster the host's own clock goes",
    record: ours({ started: at(3 * SECOND), scheduled: at(3 * SECOND) }),
    knows: { now: HOUR, firstSeen: 4 * SECOND, seenForMs: HOUR + MINUTE, isPreferred: true },
    expected: waits("not-due", HOUR + 3 * SECOND, HOUR + 3 * SECOND, true),
  },
  {
    name: "goes by the start where the slot is dated into the future",
    record: ours({ scheduled: at(3 * DAY) }),
    knows: { now: HOUR, ...FIRST_SEEN },
    expected: runs(HOUR),
  },
  {
    name: "goes by the start where the slot can't be read",
    record: ours({ scheduled: "noon" }),
    knows: { now: HOUR, ...FIRST_SEEN },
    expected: runs(HOUR),
  },
  {
    name: "goes by the slot where the start can't be read",
    record: ours({ started: "noon" }),
    knows: { now: HOUR, ...FIRST_SEEN },
    expected: runs(HOUR),
  },
  {
    name: "repeats a failed run dated into the future after the retry delay",
    record: ours({ ...AHEAD, state: "failed" }),
    knows: { now: 15 * MINUTE, ...FIRST_SEEN },
    expected: runs(5 * MINUTE),
  },
  {
    name: "replaces a crashed run dated into the future after its lease",
    record: runningNow(AHEAD),
    knows: { now: 15 * MINUTE + SECOND, firstSeen: 5 * MINUTE },
    expected: runs(5 * MINUTE),
  },
  {
    name: "counts a heartbeat dated into the future as of when it was first seen",
    record: runningNow({ heartbeat: at(3 * DAY) }),
    knows: { now: 15 * MINUTE, firstSeen: 5 * MINUTE },
    expected: waits("running", 15 * MINUTE + SECOND, 15 * MINUTE + SECOND),
  },
];

/** Dated less than an interval ahead, so that its date comes before the run is due. */
const A_LITTLE_AHEAD: Row[] = [1, 30, 59].flatMap((minutes) => [
  {
    name: `counts a run dated ${minutes} min into the future from when it first saw it, even once that date has come`,
    record: ours({ started: at(minutes * MINUTE), scheduled: at(minutes * MINUTE) }),
    knows: { now: HOUR, firstSeen: 0, isPreferred: true },
    expected: runs(HOUR),
  },
  {
    name: `counts a claim dated ${minutes} min into the future from when it first saw it, even once that date has come`,
    record: runningNow({ started: at(minutes * MINUTE), scheduled: at(minutes * MINUTE), lease: HOUR }),
    knows: { now: HOUR + SECOND, firstSeen: 0 },
    expected: runs(HOUR),
  },
]);

const TOLERATED: Row[] = [
  {
    name: "believes a run dated as far into the future as clocks may be apart",
    record: original({ started: at(5 * SECOND) }),
    knows: { now: 0 },
    expected: waits("not-due", HOUR + 5 * SECOND, HOUR + 5 * SECOND, true),
  },
  {
    name: "does not believe a run dated a millisecond further into the future than clocks may be apart",
    record: original({ started: at(5 * SECOND + 1) }),
    knows: { now: 0 },
    expected: waits("not-due", HOUR, HOUR, true),
  },
  {
    name: "goes by the slot of a clock that is a little ahead",
    record: ours({ started: at(5 * SECOND), scheduled: at(5 * SECOND) }),
    knows: { now: 0, isTriggered: true },
    expected: runs(5 * SECOND),
  },
];

const UNREADABLE: Row[] = [undefined, null, 0, "", "noon", "2026-13-01T00:00:00.000Z", at(0) + "X"].flatMap((
  started,
) => [
  {
    name: `counts a run that started at ${JSON.stringify(started)} from when it first saw it`,
    record: original({ started }),
    knows: { now: HOUR, firstSeen: 5 * MINUTE },
    expected: waits("not-due", HOUR + 5 * MINUTE, HOUR + 5 * MINUTE, true),
  },
  {
    name: `runs an interval after it first saw a run that started at ${JSON.stringify(started)}`,
    record: original({ started }),
    knows: { now: HOUR + 5 * MINUTE, firstSeen: 5 * MINUTE },
    expected: runs(HOUR + 5 * MINUTE),
  },
]);

/** Written and seen by a replica whose clock was then a year ahead; it was set right an hour ago. */
const SET_BACK = { firstSeen: 365 * DAY, seenForMs: HOUR, hasStoreClock: false };
const A_YEAR_AHEAD = { started: at(365 * DAY), scheduled: at(365 * DAY) };

const CLOCK_SET_BACK: Omit<Row, "expected">[] = [
  {
    name: "runs an interval after it ran last",
    record: ours(A_YEAR_AHEAD),
    knows: { now: HOUR, isPreferred: true, ...SET_BACK },
  },
  {
    name: "runs an interval after it first saw a run that started nobody knows when",
    record: original({ started: "noon" }),
    knows: { now: HOUR, ...SET_BACK },
  },
  {
    name: "repeats a failed run after the retry delay",
    record: ours({ ...A_YEAR_AHEAD, state: "failed" }),
    knows: { now: HOUR, isPreferred: true, ...SET_BACK },
  },
  {
    name: "replaces a crashed run after its lease",
    record: runningNow(A_YEAR_AHEAD),
    knows: { now: HOUR, ...SET_BACK },
  },
];

testRows([...FUTURE, ...A_LITTLE_AHEAD, ...TOLERATED, ...UNREADABLE]);

for (const row of CLOCK_SET_BACK) {
  Deno.test(`decide ${row.name}, though its clock was set back by a year since`, () => {
    const decision = decided(row);
    assert("scheduled" in decision, "must not wait for the year to pass");
  });
}
