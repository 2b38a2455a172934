// Who looks when: the replica that ran last is first in line, the others come later. An hourly task, last due at noon.

import { assert, assertEquals } from "@std/assert";
import {
  at,
  decided,
  HOUR,
  MINUTE,
  original,
  ours,
  type Row,
  runs,
  SECOND,
  testRows,
  waits,
} from "../helpers/records.ts";

const PATIENCE = 30 * SECOND;
const AN_HOUR_LATER = { now: HOUR };

const OTHERS: Row[] = [
  {
    name: "leaves a due run to the replica that ran last for half a minute",
    record: ours({}),
    knows: AN_HOUR_LATER,
    expected: waits("standby", HOUR + PATIENCE, HOUR),
  },
  {
    name: "waits to the last millisecond of that half minute",
    record: ours({}),
    knows: { now: HOUR + PATIENCE - 1 },
    expected: waits("standby", HOUR + PATIENCE, HOUR),
  },
  {
    name: "runs what the replica that ran last has not begun in half a minute",
    record: ours({}),
    knows: { now: HOUR + PATIENCE },
    expected: runs(HOUR),
  },
  {
    name: "looks once for the next run, after the replica that ran last",
    record: ours({}),
    knows: { now: 5_000 },
    expected: waits("not-due", HOUR + PATIENCE, HOUR, true),
  },
  {
    name: "leaves the repetition of a failed run to the replica that ran it at first",
    record: ours({ state: "failed" }),
    knows: { now: 10 * MINUTE },
    expected: waits("standby", 10 * MINUTE + PATIENCE, 10 * MINUTE),
  },
  {
    name: "looks once for the repetition of a failed run",
    record: ours({ state: "failed" }),
    knows: { now: 5_000 },
    expected: waits("retry-delay", 10 * MINUTE + PATIENCE, 10 * MINUTE),
  },
  {
    name: "does not wait for a replica of the original whose record was changed from outside",
    record: original({ write: "HxAhcFVNQ3SPJ0J1Vp5wXA" }),
    knows: AN_HOUR_LATER,
    expected: runs(HOUR),
  },
  {
    name: "waits no longer for the replica that ran last than a lease",
    record: ours({}),
    knows: AN_HOUR_LATER,
    rules: { leaseMs: 8 * SECOND },
    expected: waits("standby", HOUR + 8 * SECOND, HOUR),
  },
  {
    name: "waits no longer for the replica that ran last than a quarter of the interval",
    record: ours({}),
    knows: { now: MINUTE },
    rules: { intervalMs: MINUTE, minCycleMs: 30 * SECOND },
    expected: waits("standby", MINUTE + 15 * SECOND, MINUTE),
  },
  {
    name: "waits longer for the replica that ran last by as long as its last run took",
    record: ours({ recent: [{ start: at(0), length: 5 * MINUTE, outcome: "finished" }] }),
    knows: AN_HOUR_LATER,
    expected: waits("standby", HOUR + PATIENCE + 5 * MINUTE, HOUR),
  },
  {
    name: "waits no longer than a lease for the replica that ran last, however long its last run was",
    record: ours({ recent: [{ start: at(0), length: 8e14, outcome: "timeout" }] }),
    knows: AN_HOUR_LATER,
    expected: waits("standby", HOUR + 10 * MINUTE, HOUR),
  },
  {
    name: "looks at least every maxCycle",
    record: ours({}),
    knows: { now: 5_000 },
    rules: { intervalMs: 24 * HOUR },
    expected: waits("not-due", 5_000 + 3 * HOUR, 24 * HOUR, true),
  },
];

const NO_LAST: Row[] = [
  {
    name: "looks at the due time where the replica that ran last has given up its place",
    record: ours({ owner: "-" }),
    knows: { now: 5_000 },
    expected: waits("not-due", HOUR, HOUR, true),
  },
  {
    name: "looks at the due time of a run of the original",
    record: original({}),
    knows: { now: 5_000 },
    expected: waits("not-due", HOUR, HOUR, true),
  },
  {
    name: "runs at the due time where the replica that ran last has given up its place",
    record: ours({ owner: "-" }),
    knows: AN_HOUR_LATER,
    expected: runs(HOUR),
  },
];

const FIRST: Row[] = [
  {
    name: "checks after half the interval",
    record: ours({}),
    knows: { now: 5_000, isPreferred: true },
    expected: waits("not-due", 30 * MINUTE, HOUR, true),
  },
  {
    name: "waits for the due time once half the interval has passed",
    record: ours({}),
    knows: { now: 30 * MINUTE, isPreferred: true },
    expected: waits("not-due", HOUR, HOUR, true),
  },
  {
    name: "does not check more often than minCycle",
    record: ours({}),
    knows: { now: 26 * MINUTE, isPreferred: true },
    expected: waits("not-due", 31 * MINUTE, HOUR, true),
  },
  {
    name: "checks at least every maxCycle before half the interval",
    record: ours({}),
    knows: { now: 5_000, isPreferred: true },
    rules: { intervalMs: 24 * HOUR },
    expected: waits("not-due", 5_000 + 3 * HOUR, 24 * HOUR, true),
  },
  {
    name: "checks at least every maxCycle after half the interval",
    record: ours({}),
    knows: { now: 12 * HOUR, isPreferred: true },
    rules: { intervalMs: 24 * HOUR },
    expected: waits("not-due", 15 * HOUR, 24 * HOUR, true),
  },
  {
    name: "goes straight to the repetition of a failed run",
    record: ours({ state: "failed" }),
    knows: { now: 5_000, isPreferred: true },
    expected: waits("retry-delay", 10 * MINUTE, 10 * MINUTE),
  },
  {
    name: "checks at least every maxCycle before the repetition of a failed run",
    record: ours({ state: "failed" }),
    knows: { now: 5_000, isPreferred: true, retryDelayMs: 10 * HOUR },
    expected: waits("retry-delay", 5_000 + 3 * HOUR, 10 * HOUR),
  },
];

testRows([...OTHERS, ...NO_LAST, ...FIRST]);

/** When a replica looks whose jitter is nothing, a half and almost all. */
function spread(row: Omit<Row, "name" | "expected">): number[] {
  return [0, 0.5, 1 - 2 ** -53].map((jitter) => {
    const decision = decided({ ...row, knows: { ...row.knows, jitter } });
    assert("until" in decision);
    return decision.until;
  });
}

Deno.test("decide() spreads standbys over the fallback delay", () => {
  const [earliest, middle, latest] = spread({ record: ours({}), knows: { now: 5_000 } });
  assertEquals([earliest, middle], [HOUR + PATIENCE, HOUR + 1.5 * PATIENCE]);
  assert(latest! > HOUR + 1.9 * PATIENCE && latest! <= HOUR + 2 * PATIENCE, `${latest}`);
});

Deno.test("decide() spreads all replicas over a second where none is preferred", () => {
  const [earliest, middle, latest] = spread({ record: ours({ owner: "-" }), knows: { now: 5_000 } });
  assertEquals([earliest, middle], [HOUR, HOUR + 500]);
  assert(latest! > HOUR + 900 && latest! <= HOUR + 1_000, `${latest}`);
});

Deno.test("decide() spreads all replicas over a twentieth of a short interval where none is preferred", () => {
  const rules = { intervalMs: 10 * SECOND, minCycleMs: 5 * SECOND };
  const [earliest, middle] = spread({ record: original({}), knows: { now: 1_000 }, rules });
  assertEquals([earliest, middle], [10 * SECOND, 10 * SECOND + 250]);
});

Deno.test("decide() wakes the preferred replica at the due time to the millisecond, whatever its jitter", () => {
  assertEquals(spread({ record: ours({}), knows: { now: 45 * MINUTE, isPreferred: true } }), [HOUR, HOUR, HOUR]);
});
