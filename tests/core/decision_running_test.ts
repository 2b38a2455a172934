// When a running record may be claimed: an hourly task, claimed at noon for ten minutes by someone else.

import {
  at,
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

const TEN = 10 * MINUTE;

/** Added to a lease, as the holder's clock may run a little slower than others. */
const MARGIN = SECOND;

/** How far clocks may be apart in these tests. */
const TOLERANCE = 5 * SECOND;

/** A record whose lease was last renewed at noon, and its lease. */
const LEASES: { name: string; record: unknown; lease: number; slot?: number; rules?: NonNullable<Row["rules"]> }[] = [
  { name: "the lease that the holder wrote", record: runningNow({ lease: 4 * MINUTE }), lease: 4 * MINUTE },
  {
    name: "the lease that the holder wrote, counted from its heartbeat",
    record: runningNow({ started: at(-50 * MINUTE), heartbeat: at(0), lease: 4 * MINUTE }),
    lease: 4 * MINUTE,
  },
  { name: "our timeout for a run of the original", record: original({ state: "running" }), lease: TEN },
  {
    name: "our timeout for a run without heartbeat, even if ours have one",
    record: original({ state: "running" }),
    rules: { leaseMs: MINUTE },
    lease: TEN,
  },
  {
    name: "our heartbeat's timeout for a heartbeat without a lease",
    record: original({ state: "running", started: at(-9 * MINUTE), heartbeat: at(0) }),
    rules: { leaseMs: MINUTE },
    lease: MINUTE,
    slot: -9 * MINUTE,
  },
  {
    name: "our timeout for a heartbeat of null, which is none",
    record: original({ state: "running", heartbeat: null }),
    rules: { leaseMs: MINUTE },
    lease: TEN,
  },
  { name: "our timeout for a state that nobody knows", record: original({ state: "paused" }), lease: TEN },
  { name: "our timeout for a state that is no text", record: original({ state: 3 }), lease: TEN },
  { name: "our timeout for a lease of zero", record: runningNow({ lease: 0 }), lease: TEN },
  { name: "our timeout for a lease that is no number", record: runningNow({ lease: "60000" }), lease: TEN },
  { name: "our timeout for a negative lease", record: runningNow({ lease: -60_000 }), lease: TEN },
];

for (const { name, record, lease, slot = 0, rules = {} } of LEASES) {
  testRows([
    {
      name: `takes a run for over after ${name}, in the store's time`,
      record,
      rules,
      knows: { now: lease + MARGIN },
      expected: runs(slot),
    },
    {
      name: `waits to the last millisecond of ${name}, in the store's time`,
      record,
      rules,
      knows: { now: lease + MARGIN - 1 },
      expected: waits("running", lease + MARGIN, lease + MARGIN),
    },
    {
      name: `takes a run for over after ${name} and the tolerance, without a store's clock`,
      record,
      rules,
      knows: { now: lease + TOLERANCE, hasStoreClock: false },
      expected: runs(slot),
    },
    {
      name: `waits to the last millisecond of ${name} and the tolerance, without a store's clock`,
      record,
      rules,
      knows: { now: lease + TOLERANCE - 1, hasStoreClock: false },
      expected: waits("running", lease + TOLERANCE, lease + TOLERANCE),
    },
  ]);
}

/** Of a holder whose clock is 4 s ahead: the claim was seen at once, and seems to be made later. */
const WATCHED: Row[] = [
  {
    name: "takes a run for over that it has watched for the whole lease, before the wall clock says so",
    record: runningNow({}),
    knows: { now: TEN - 3 * SECOND, firstSeen: -4 * SECOND, hasStoreClock: false },
    expected: runs(0),
  },
  {
    name: "watches a run to the last millisecond of its lease",
    record: runningNow({}),
    knows: { now: TEN - 3 * SECOND - 1, firstSeen: -4 * SECOND, hasStoreClock: false },
    expected: waits("running", TEN - 3 * SECOND, TEN - 3 * SECOND),
  },
  {
    name: "does not go by what it has watched where the store has a clock",
    record: runningNow({}),
    knows: { now: TEN - 3 * SECOND, firstSeen: -4 * SECOND },
    expected: waits("running", TEN + MARGIN, TEN + MARGIN),
  },
  {
    name: "takes a run for over by the wall clock where the monotonic one stood still",
    record: runningNow({}),
    knows: { now: TEN + TOLERANCE, firstSeen: 0, hasStoreClock: false, seenForMs: 0 },
    expected: runs(0),
  },
];

const MARGINS: Row[] = [
  {
    name: "adds no more than a tenth of a short lease to it",
    record: runningNow({ lease: 1_000 }),
    knows: { now: 1_100 },
    expected: runs(0),
  },
  {
    name: "adds a tenth of a short lease to it",
    record: runningNow({ lease: 1_000 }),
    knows: { now: 1_099 },
    expected: waits("running", 1_100, 1_100),
  },
  {
    name: "adds no more than the tolerance to a lease",
    record: runningNow({}),
    rules: { clockToleranceMs: 20 },
    knows: { now: TEN + 20 },
    expected: runs(0),
  },
];

/** Both replicas may be a second off where the store tells whole seconds. */
const WHOLE_SECONDS: Row[] = [
  {
    name: "believes a heartbeat dated two seconds ahead, however little clocks may be apart",
    record: runningNow({ lease: 1_000, heartbeat: at(2_000) }),
    rules: { clockToleranceMs: 100 },
    knows: { now: 3_000, firstSeen: 0 },
    expected: waits("running", 3_100, 3_100),
  },
];

const SLOTS: Row[] = [
  {
    name: "replaces a crashed run for its own slot",
    record: runningNow({ started: at(20 * MINUTE) }),
    knows: { now: 45 * MINUTE },
    expected: runs(0),
  },
  {
    name: "replaces a run that crashed long ago for the latest slot",
    record: runningNow({ started: at(20 * MINUTE) }),
    knows: { now: 3 * HOUR + MINUTE },
    expected: runs(3 * HOUR),
  },
  {
    name: "replaces a crashed run of the original on the grid of its start",
    record: original({ state: "running", started: at(20 * MINUTE) }),
    knows: { now: 2 * HOUR + 25 * MINUTE },
    expected: runs(2 * HOUR + 20 * MINUTE),
  },
];

const LOOKS: Row[] = [
  {
    name: "looks again up to a second after the end of the lease",
    record: runningNow({}),
    knows: { now: MINUTE, jitter: 0.5 },
    expected: waits("running", TEN + MARGIN + 500, TEN + MARGIN),
  },
  {
    name: "looks again up to a twentieth of a short interval after the end of the lease",
    record: runningNow({ lease: 2_000 }),
    knows: { now: SECOND, jitter: 0.5 },
    rules: { intervalMs: 10_000, timeoutMs: 2_000, leaseMs: 2_000, minCycleMs: 5_000 },
    expected: waits("running", 2_200 + 250, 2_200),
  },
  {
    name: "looks for the next run where the lease is longer than the interval",
    record: runningNow({ lease: 5 * HOUR }),
    knows: { now: MINUTE, jitter: 0.5 },
    expected: waits("running", HOUR + 45_000, 5 * HOUR + MARGIN),
  },
  {
    name: "does not look again at once where the moment to look for the next run is now",
    record: runningNow({ lease: 5 * HOUR }),
    knows: { now: HOUR + 30_000 },
    expected: waits("running", 4 * HOUR + 30_000, 5 * HOUR + MARGIN),
  },
  {
    name: "looks at least every maxCycle while a run is under way",
    record: runningNow({ lease: 5 * HOUR }),
    knows: { now: 2 * HOUR, jitter: 0.5 },
    rules: { maxCycleMs: HOUR },
    expected: waits("running", 3 * HOUR, 5 * HOUR + MARGIN),
  },
];

/** Since noon the holder shows signs of life that can't be read. */
const UNREADABLE: Row[] = ["five past twelve", Date.parse(at(25 * MINUTE)), ""].map((heartbeat) => ({
  name: `counts a heartbeat of ${JSON.stringify(heartbeat)} as of when it was first seen`,
  record: runningNow({ heartbeat, lease: MINUTE }),
  knows: { now: 25 * MINUTE },
  expected: waits("running", 26 * MINUTE + MARGIN, 26 * MINUTE + MARGIN),
}));

testRows([...WATCHED, ...MARGINS, ...WHOLE_SECONDS, ...SLOTS, ...LOOKS, ...UNREADABLE]);

testRows([
  {
    name: "counts a start that can't be read as of when it was first seen",
    record: original({ state: "running", started: "noon" }),
    knows: { now: 45 * MINUTE, firstSeen: 40 * MINUTE },
    expected: waits("running", 50 * MINUTE + MARGIN, 50 * MINUTE + MARGIN),
  },
  {
    name: "goes by the heartbeat where the start can't be read",
    record: ours({ state: "running", started: "noon", heartbeat: at(0), lease: MINUTE }),
    knows: { now: MINUTE + MARGIN, firstSeen: MINUTE },
    expected: runs(0),
  },
]);
