// Which runs are due, and for which slot: an hourly task whose last run was due at noon.

import { assertStrictEquals } from "@std/assert";
import { decide } from "../../src/core/decision.ts";
import {
  at,
  DAY,
  HOUR,
  inputOf,
  MINUTE,
  original,
  ours,
  type Row,
  rulesOf,
  runs,
  testRows,
  waits,
  writes,
} from "../helpers/records.ts";

const FIRST = { isPreferred: true };

const NEVER_RUN: Row[] = [
  { name: "writes the first record of a task without one", record: null, knows: { now: 42 }, expected: writes() },
  { name: "takes zero bytes for no record", record: "", knows: { now: 42 }, expected: writes() },
  {
    name: "runs an idle task of the original at once",
    record: original({ state: "idle", started: "1970-01-01T00:00:00.000Z", owner: "-" }),
    knows: { now: 42 },
    expected: runs(42),
  },
  {
    name: "runs an idle task whose first claim was given back at once",
    record: ours({ state: "idle", started: "1970-01-01T00:00:00.000Z", owner: "-", scheduled: undefined }),
    knows: { now: 42 },
    expected: runs(42),
  },
];

const NOT_OURS: Row[] = [
  ["foreign", "somebody's notes"],
  ["foreign", null + ""],
  ["foreign", original({ format: "other-status", state: "idle" })],
  ["newer", original({ version: 2, state: "idle" })],
  ["newer", original({ version: 1.5, started: at(-DAY) })],
].flatMap(([kind, record]) =>
  [false, true].map((triggered): Row => ({
    name: `leaves ${JSON.stringify(record)} alone for an interval${triggered ? ", even if triggered" : ""}`,
    record,
    knows: { now: 42, isTriggered: triggered },
    expected: waits(kind === "foreign" ? "foreign-record" : "newer-record", 42 + HOUR, 42 + HOUR),
  }))
);

const NOT_OURS_DAILY: Row[] = [
  {
    name: "checks foreign data of a daily task at least every maxCycle",
    record: "somebody's notes",
    knows: { now: 42 },
    rules: { intervalMs: DAY },
    expected: waits("foreign-record", 42 + 3 * HOUR, 42 + 3 * HOUR),
  },
  {
    name: "checks a newer record of a daily task at least every maxCycle",
    record: original({ version: 2, state: "idle" }),
    knows: { now: 42 },
    rules: { intervalMs: DAY },
    expected: waits("newer-record", 42 + 3 * HOUR, 42 + 3 * HOUR),
  },
];

const DUE: Row[] = [
  {
    name: "runs at the due time",
    record: ours({}),
    knows: { now: HOUR, ...FIRST },
    expected: runs(HOUR),
  },
  {
    name: "does not run a millisecond before the due time",
    record: ours({}),
    knows: { now: HOUR - 1, ...FIRST },
    expected: waits("not-due", HOUR, HOUR, true),
  },
  {
    name: "counts from the slot, not from the start of a run that was late",
    record: ours({ started: at(20 * MINUTE), finished: at(55 * MINUTE) }),
    knows: { now: HOUR, ...FIRST },
    expected: runs(HOUR),
  },
  {
    name: "keeps to the grid when it looks late",
    record: ours({}),
    knows: { now: HOUR + 10 * MINUTE, ...FIRST },
    expected: runs(HOUR),
  },
  {
    name: "skips the slots that have passed, and takes the latest",
    record: ours({}),
    knows: { now: 5 * HOUR - 1, ...FIRST },
    expected: runs(4 * HOUR),
  },
  {
    name: "takes a slot that begins at this very moment for the latest",
    record: ours({}),
    knows: { now: 5 * HOUR, ...FIRST },
    expected: runs(5 * HOUR),
  },
  {
    name: "goes by an interval that has become shorter",
    record: ours({}),
    knows: { now: 20 * MINUTE, ...FIRST },
    rules: { intervalMs: 20 * MINUTE },
    expected: runs(20 * MINUTE),
  },
  {
    name: "goes by an interval that has become longer",
    record: ours({}),
    knows: { now: HOUR, ...FIRST },
    rules: { intervalMs: 2 * HOUR },
    expected: waits("not-due", 2 * HOUR, 2 * HOUR, true),
  },
  {
    name: "counts from the start where the original has dropped the slot",
    record: original({ started: at(5_000) }),
    knows: { now: HOUR + 5_000 },
    expected: runs(HOUR + 5_000),
  },
  {
    name: "does not run a millisecond before the original would",
    record: original({ started: at(5_000) }),
    knows: { now: HOUR + 4_999 },
    expected: waits("not-due", HOUR + 5_000, HOUR + 5_000, true),
  },
  {
    name: "cuts the original's microseconds off",
    record: original({ started: at(5).replace("5Z", "5999Z") }),
    knows: { now: HOUR + 5 },
    expected: runs(HOUR + 5),
  },
  {
    name: "skips a slot that is 298,000 years old",
    record: ours({ started: "-271821-04-20T00:00:00.000Z", scheduled: "-271821-04-20T00:00:00.000Z" }),
    knows: { now: 5 * MINUTE, ...FIRST },
    expected: runs(0),
  },
];

const FAILED: Row[] = [
  {
    name: "repeats a failed run after the retry delay, for the same slot",
    record: ours({ state: "failed", started: at(3_000) }),
    knows: { now: 3_000 + 10 * MINUTE, ...FIRST },
    expected: runs(0),
  },
  {
    name: "does not repeat a failed run a millisecond before the retry delay is over",
    record: ours({ state: "failed", started: at(3_000) }),
    knows: { now: 3_000 + 10 * MINUTE - 1, ...FIRST },
    expected: waits("retry-delay", 3_000 + 10 * MINUTE, 3_000 + 10 * MINUTE),
  },
  {
    name: "lets a retry delay that is longer than the interval pass",
    record: ours({ state: "failed" }),
    knows: { now: 2 * HOUR, retryDelayMs: 2 * HOUR + 1, ...FIRST },
    expected: waits("retry-delay", 2 * HOUR + 1, 2 * HOUR + 1),
  },
  {
    name: "repeats a failed run for the latest slot",
    record: ours({ state: "failed" }),
    knows: { now: 2 * HOUR + 1, retryDelayMs: 2 * HOUR + 1, ...FIRST },
    expected: runs(2 * HOUR),
  },
];

const REQUESTED: Row[] = [
  {
    name: "runs for a request made since the last run, for the slot that stands",
    record: ours({ requested: at(5 * MINUTE) }),
    knows: { now: 5 * MINUTE, ...FIRST },
    expected: runs(0),
  },
  {
    name: "runs for a request before a failed run would be repeated",
    record: ours({ state: "failed", requested: at(5 * MINUTE) }),
    knows: { now: 5 * MINUTE, ...FIRST },
    expected: runs(0),
  },
  {
    name: "runs for a request that a slow clock dated before the last run, as a claim removes a request",
    record: ours({ requested: at(-MINUTE) }),
    knows: { now: 45 * MINUTE, ...FIRST },
    expected: runs(0),
  },
  {
    name: "ignores a request whose time cannot be parsed",
    record: ours({ requested: "soon" }),
    knows: { now: 45 * MINUTE, ...FIRST },
    expected: waits("not-due", HOUR, HOUR, true),
  },
  {
    name: "leaves a request to the replica that ran last at first",
    record: ours({ requested: at(5 * MINUTE) }),
    knows: { now: 5 * MINUTE },
    expected: waits("standby", 5 * MINUTE + 30_000, 5 * MINUTE, true),
  },
  {
    name: "runs for a request that a fast clock dated ahead",
    record: ours({ requested: at(2 * HOUR) }),
    knows: { now: 5 * MINUTE, ...FIRST },
    expected: runs(0),
  },
];

const TRIGGERED: Row[] = [
  { name: "runs a triggered idle task", record: ours({ state: "idle" }), knows: { now: 0, isTriggered: true } },
  { name: "runs a triggered task before it is due", record: ours({}), knows: { now: HOUR - 1, isTriggered: true } },
  {
    name: "runs a triggered task that failed",
    record: ours({ state: "failed" }),
    knows: { now: 1, isTriggered: true },
  },
  {
    name: "runs a triggered task whose last run has lost its lease",
    record: ours({ state: "running", lease: 1_000 }),
    knows: { now: 30 * MINUTE, isTriggered: true },
  },
].map((row) => ({ ...row, expected: runs(0) }));

testRows([...NEVER_RUN, ...NOT_OURS, ...NOT_OURS_DAILY, ...DUE, ...FAILED, ...REQUESTED, ...TRIGGERED]);

testRows([{
  name: "does not run a triggered task that is running",
  record: ours({ state: "running", lease: 10 * MINUTE }),
  knows: { now: MINUTE, isTriggered: true },
  expected: waits("running", 10 * MINUTE + 1_000, 10 * MINUTE + 1_000),
}]);

Deno.test("decide() returns the record before the run", () => {
  const due = inputOf(ours({}), { now: HOUR, isPreferred: true });
  const decision = decide(due, rulesOf());
  assertStrictEquals<unknown>(
    decision.kind === "run" && decision.before,
    due.found.kind === "record" && due.found.record,
  );
});
