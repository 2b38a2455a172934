// The checks by which standbys see a claim or a heartbeat soon, where the store has no clock. An hourly task with a lease of 9 s,
// last due at noon.

import { assertEquals } from "@std/assert";
import { at, decided, HOUR, ours, type Row, runningNow, SECOND, testRows, waits } from "../helpers/records.ts";

const LEASE = 9 * SECOND;
const SHORT = { leaseMs: LEASE, timeoutMs: LEASE };
const MARGIN = LEASE / 10;
const EARLY = 1_250;

const BEFORE: Row[] = [
  {
    name: "checks a quarter of the clock tolerance after the due time",
    record: ours({}),
    knows: { now: 5_000, hasStoreClock: false },
    rules: SHORT,
    expected: waits("not-due", HOUR + EARLY, HOUR, true),
  },
  {
    name: "checks a quarter of the lease after the due time if that is shorter",
    record: ours({}),
    knows: { now: 5_000, hasStoreClock: false },
    rules: { ...SHORT, leaseMs: 2 * SECOND },
    expected: waits("not-due", HOUR + 500, HOUR, true),
  },
  {
    name: "checks within the fallback delay, which a start deadline limits",
    record: ours({}),
    knows: { now: 5_000, hasStoreClock: false },
    rules: { ...SHORT, startDeadlineMs: 2 * SECOND },
    expected: waits("not-due", HOUR + 500, HOUR, true),
  },
  {
    name: "checks soon after the repetition of a failed run is due",
    record: ours({ state: "failed" }),
    knows: { now: 5_000, hasStoreClock: false, retryDelayMs: 60 * SECOND },
    rules: SHORT,
    expected: waits("retry-delay", 60 * SECOND + EARLY, 60 * SECOND),
  },
  {
    name: "still leaves a run that has not begun at the early check to the preferred replica for the fallback delay",
    record: ours({}),
    knows: { now: HOUR + EARLY, hasStoreClock: false },
    rules: SHORT,
    expected: waits("standby", HOUR + LEASE, HOUR),
  },
  {
    name: "checks after the fallback delay alone where the store has a clock",
    record: ours({}),
    knows: { now: 5_000 },
    rules: SHORT,
    expected: waits("not-due", HOUR + LEASE, HOUR, true),
  },
  {
    name: "checks early with a lease of four clock tolerances",
    record: ours({}),
    knows: { now: 5_000, hasStoreClock: false },
    rules: { leaseMs: 20 * SECOND },
    expected: waits("not-due", HOUR + EARLY, HOUR, true),
  },
  {
    name: "checks after the fallback delay alone with a longer lease",
    record: ours({}),
    knows: { now: 5_000, hasStoreClock: false },
    rules: { leaseMs: 20 * SECOND + 1 },
    expected: waits("not-due", HOUR + 20 * SECOND + 1, HOUR, true),
  },
  {
    name: "has no early check if it is the preferred replica",
    record: ours({}),
    knows: { now: 45 * 60 * SECOND, hasStoreClock: false, isPreferred: true },
    rules: SHORT,
    expected: waits("not-due", HOUR, HOUR, true),
  },
];

const DURING: Row[] = [
  {
    name: "checks a third of the lease after it first saw a heartbeat, to see the next one soon",
    record: runningNow({ lease: LEASE, heartbeat: at(0) }),
    knows: { now: SECOND, hasStoreClock: false },
    rules: SHORT,
    expected: waits("running", SECOND + LEASE / 3, SECOND + LEASE + MARGIN),
  },
  {
    name: "checks a third of the lease after it first saw the claim of a run with heartbeats",
    record: runningNow({ lease: LEASE }),
    knows: { now: SECOND, hasStoreClock: false },
    rules: { leaseMs: LEASE },
    expected: waits("running", SECOND + LEASE / 3, SECOND + LEASE + MARGIN),
  },
  {
    name: "checks no sooner than after a second, however short the lease is",
    record: runningNow({ lease: 1_500, heartbeat: at(0) }),
    knows: { now: 0, hasStoreClock: false },
    rules: { leaseMs: 1_500 },
    expected: waits("running", 1_000, 1_650),
  },
  {
    name: "counts that third of the lease from when it first saw the heartbeat",
    record: runningNow({ lease: LEASE, heartbeat: at(0) }),
    knows: { now: 2 * SECOND, firstSeen: SECOND, hasStoreClock: false },
    rules: SHORT,
    expected: waits("running", SECOND + LEASE / 3, SECOND + LEASE + MARGIN),
  },
  {
    name: "waits for the end of the lease once it has seen the same heartbeat again",
    record: runningNow({ lease: LEASE, heartbeat: at(0) }),
    knows: { now: SECOND + LEASE / 3, firstSeen: SECOND, hasStoreClock: false },
    rules: SHORT,
    expected: waits("running", SECOND + LEASE + MARGIN, SECOND + LEASE + MARGIN),
  },
  {
    name: "waits for the end of the lease of a run without heartbeats",
    record: runningNow({ lease: LEASE }),
    knows: { now: SECOND, hasStoreClock: false },
    rules: SHORT,
    expected: waits("running", SECOND + LEASE + MARGIN, SECOND + LEASE + MARGIN),
  },
  {
    name: "waits for the end of the lease after a heartbeat where the store has a clock",
    record: runningNow({ lease: LEASE, heartbeat: at(0) }),
    knows: { now: SECOND },
    rules: SHORT,
    expected: waits("running", LEASE + MARGIN, LEASE + MARGIN),
  },
  {
    name: "checks during a run with heartbeats with a lease of two clock tolerances",
    record: runningNow({ lease: LEASE, heartbeat: at(0) }),
    knows: { now: SECOND, hasStoreClock: false },
    rules: { ...SHORT, clockToleranceMs: LEASE / 2 },
    expected: waits("running", SECOND + LEASE / 3, SECOND + LEASE + MARGIN),
  },
  {
    name: "waits for the end of a longer lease",
    record: runningNow({ lease: 10 * SECOND + 1, heartbeat: at(0) }),
    knows: { now: 0, hasStoreClock: false },
    rules: { leaseMs: 10 * SECOND + 1 },
    expected: waits("running", 11 * SECOND + 1, 11 * SECOND + 1),
  },
];

testRows([...BEFORE, ...DURING]);

Deno.test("decide() spreads the early checks of standbys over as long again", () => {
  const knows = { hasStoreClock: false, jitter: 0.5 };
  const before = decided({ record: ours({}), knows: { now: 5_000, ...knows }, rules: SHORT });
  assertEquals(before, waits("not-due", HOUR + 1.5 * EARLY, HOUR, true));
  const record = runningNow({ lease: LEASE, heartbeat: at(0) });
  const during = decided({ record, knows: { now: SECOND, ...knows }, rules: SHORT });
  assertEquals(during, waits("running", SECOND + LEASE / 2, SECOND + LEASE + MARGIN));
});
