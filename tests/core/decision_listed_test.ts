// Who checks when the record lists standbys. An hourly task of term 7, last due at noon; this replica has known it since 7 o'clock.

import { assertEquals } from "@std/assert";
import { decide, type WaitDecision } from "../../src/core/decision.ts";
import {
  decided,
  HOUR,
  inputOf,
  type Knows,
  MINUTE,
  NOON_MS,
  ours,
  type Row,
  rulesOf,
  runningNow,
  runs,
  SECOND,
  testRows,
  waits,
} from "../helpers/records.ts";

const DELAY = 30 * SECOND;
const FULL = { standbys: [..."abcd"].map((id) => ({ id, until: 100 })) };
const SOON: Knows = { now: MINUTE, sinceMs: NOON_MS - 5 * HOUR };

const ROWS: Row[] = [
  {
    name: "lets a standby whose turn it is check after the next due time",
    record: ours(FULL),
    knows: { ...SOON, standbyId: "b" },
    expected: waits("not-due", HOUR + DELAY, HOUR, true),
  },
  {
    name: "lets a listed standby leave the next due time to others, and check the one after it",
    record: ours(FULL),
    knows: { ...SOON, standbyId: "a" },
    expected: waits("not-due", 2 * HOUR + DELAY, HOUR, true),
  },
  {
    name: "lets a listed standby check at least every maxCycle",
    record: ours(FULL),
    knows: { ...SOON, standbyId: "a" },
    rules: { maxCycleMs: HOUR + MINUTE },
    expected: waits("not-due", HOUR + 2 * MINUTE, HOUR, true),
  },
  {
    name: "lets a standby that is not listed check every maxCycle",
    record: ours(FULL),
    knows: SOON,
    expected: waits("not-due", 3 * HOUR + MINUTE, HOUR, true),
  },
  {
    name: "spreads these checks over an eighth of maxCycle",
    record: ours(FULL),
    knows: { ...SOON, jitter: 0.5 },
    expected: waits("not-due", MINUTE + 3 * HOUR * 15 / 16, HOUR, true),
  },
  {
    name: "lets a new replica that is not listed check when it is some times as old",
    record: ours(FULL),
    knows: { now: MINUTE, sinceMs: NOON_MS - HOUR },
    rules: { maxCycleMs: 10 * HOUR },
    expected: waits("not-due", MINUTE + 4 * (HOUR + MINUTE), HOUR, true),
  },
  {
    name: "spreads the checks of replicas that have started together",
    record: ours(FULL),
    knows: { now: MINUTE, sinceMs: NOON_MS - HOUR + MINUTE, jitter: 0.5 },
    rules: { maxCycleMs: 10 * HOUR },
    expected: waits("not-due", MINUTE + 3 * HOUR, HOUR, true),
  },
  {
    name: "lets no replica check sooner than after some gaps by that",
    record: ours(FULL),
    knows: { now: MINUTE, sinceMs: NOON_MS - MINUTE },
    rules: { maxCycleMs: 10 * HOUR },
    expected: waits("not-due", 4 * HOUR + MINUTE, HOUR, true),
  },
  {
    name: "lets each standby check the first due time after its start, as the listed ones may be gone",
    record: ours(FULL),
    knows: { now: MINUTE, sinceMs: NOON_MS + SECOND },
    expected: waits("not-due", HOUR + DELAY, HOUR, true),
  },
  {
    name: "lets each standby check if three are listed",
    record: ours({ standbys: FULL.standbys.slice(1) }),
    knows: { ...SOON, lot: 0.5 },
    expected: waits("not-due", HOUR + DELAY, HOUR, true),
  },
  {
    name: "lets each replica check if none is preferred",
    record: ours({ ...FULL, owner: "-" }),
    knows: SOON,
    expected: waits("not-due", HOUR, HOUR, true),
  },
  {
    name: "lets the preferred replica check as without standbys",
    record: ours(FULL),
    knows: { ...SOON, isPreferred: true },
    expected: waits("not-due", HOUR / 2, HOUR, true),
  },
  {
    name: "lets a standby that is not listed wait for the fallback delay if it finds a run due and not claimed",
    record: ours(FULL),
    knows: { ...SOON, now: HOUR + SECOND },
    expected: waits("standby", HOUR + DELAY, HOUR),
  },
  {
    name: "lets a standby that is not listed run what it finds overdue",
    record: ours(FULL),
    knows: { ...SOON, now: HOUR + DELAY },
    expected: runs(HOUR),
  },
  {
    name: "leaves the end of a lease to the standbys whose turn the run was",
    record: runningNow({ ...FULL, term: 8 }),
    knows: { ...SOON, standbyId: "a" },
    expected: waits("running", 2 * HOUR + DELAY, 10 * MINUTE + SECOND),
  },
  {
    name: "lets the standbys whose turn the run was check at the end of its lease",
    record: runningNow({ ...FULL, term: 8 }),
    knows: { ...SOON, standbyId: "b" },
    expected: waits("running", 10 * MINUTE + SECOND, 10 * MINUTE + SECOND),
  },
  {
    name: "lets a standby that is not listed leave a paused task to others",
    record: ours({ ...FULL, paused: "2026-01-31T12:00:10.000Z" }),
    knows: SOON,
    expected: waits("paused", 3 * HOUR + MINUTE, HOUR),
  },
  {
    name: "lets one of eight standbys list itself soon after a run",
    record: ours({ standbys: FULL.standbys.slice(1) }),
    knows: { ...SOON, lot: 0.1 },
    expected: { list: true },
  },
  {
    name: "lists nobody in the second half before the next due time, when the preferred replica has checked",
    record: ours({}),
    knows: { ...SOON, now: HOUR / 2 + 1, lot: 0.1 },
    expected: waits("not-due", HOUR + DELAY, HOUR, true),
  },
  {
    name: "lists nobody during a run",
    record: runningNow({}),
    knows: { ...SOON, lot: 0.1 },
    expected: waits("running", 10 * MINUTE + SECOND, 10 * MINUTE + SECOND),
  },
  {
    name: "does not list the preferred replica",
    record: ours({}),
    knows: { ...SOON, lot: 0.1, isPreferred: true },
    expected: waits("not-due", HOUR / 2, HOUR, true),
  },
];

testRows(ROWS);

function waitOf(knows: Partial<Knows>): WaitDecision {
  const decision = decide(inputOf(ours(FULL), { ...SOON, ...knows }), rulesOf());
  if (decision.kind !== "wait") throw new Error(`Cannot go on as it is no wait: current value is ${decision.kind}`);
  return decision;
}

Deno.test("decide() heeds hints for the preferred replica and the standbys whose turn it is", () => {
  assertEquals(waitOf({ isPreferred: true }).isHinted, true);
  assertEquals(waitOf({ standbyId: "b" }).isHinted, true);
  assertEquals(waitOf({ standbyId: "a" }).isHinted, false);
  assertEquals(waitOf({}).isHinted, false);
});

Deno.test("decide() removes the standbys who left a run undone from the list", () => {
  const idsAfter = (knows: Partial<Knows>): string => {
    const decision = decide(inputOf(ours(FULL), { ...SOON, now: HOUR + DELAY, ...knows }), rulesOf());
    return decision.kind === "run" ? decision.standbys.map(({ id }) => id).join("") : decision.kind;
  };
  assertEquals(idsAfter({}), "ac");
  assertEquals(idsAfter({ standbyId: "b" }), "acd");
  assertEquals(idsAfter({ standbyId: "a" }), "c");
  assertEquals(idsAfter({ isTriggered: true, now: MINUTE }), "abcd");
  assertEquals(decided({ record: ours(FULL), knows: { ...SOON, now: HOUR, isPreferred: true } }), runs(HOUR));
});
