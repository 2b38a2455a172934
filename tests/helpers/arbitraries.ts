// Status records, settings and moments as fast-check makes them up.

import fc from "fast-check";
import type { DecisionInput, DecisionRules } from "../../src/core/decision.ts";
import type { ListedStandby } from "../../src/record/listed_standbys.ts";
import { RecentRuns, type RunOutcome } from "../../src/record/recent_runs.ts";
import type { StatusRecord, TaskState } from "../../src/record/status_record.ts";
import { NOON_MS, ours, rulesOf } from "./records.ts";

/** The last moment that a Date can tell, and minus it the first. */
const MAX_DATE_MS = 864e13;

/** The longest duration. */
const MAX_DURATION_MS = 864e12;

/** Any text of UTF-16 units, halves of surrogate pairs and control characters among them. */
export function anyText(minLength: number, maxLength: number): fc.Arbitrary<string> {
  const unit = fc.oneof(
    { arbitrary: fc.integer({ min: 0x20, max: 0x7e }), weight: 4 },
    { arbitrary: fc.integer({ min: 0, max: 0xffff }), weight: 1 },
    { arbitrary: fc.integer({ min: 0xd7ff, max: 0xe000 }), weight: 1 },
  );
  return fc.array(unit, { minLength, maxLength, size: "max" }).map((units) => String.fromCharCode(...units));
}

/** Text without control characters and halves of surrogate pairs. */
function printable(minLength: number, maxLength: number): fc.Arbitrary<string> {
  const character = fc.oneof(
    { arbitrary: fc.constantFrom(...' abcXYZ019"\\/{}:,-_%ßé語\u2028\ufeff'), weight: 4 },
    { arbitrary: fc.integer({ min: 0xa0, max: 0xd7ff }).map((unit) => String.fromCharCode(unit)), weight: 1 },
  );
  return fc.array(character, { minLength, maxLength, size: "max" }).map((characters) => characters.join(""));
}

function optional<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.option(arbitrary, { nil: undefined });
}

function mostly<T>(arbitrary: fc.Arbitrary<T>, seldom: fc.Arbitrary<T>): fc.Arbitrary<T> {
  return fc.oneof({ arbitrary, weight: 5 }, { arbitrary: seldom, weight: 1 });
}

const anyTime = fc.oneof(
  fc.integer({ min: NOON_MS - 86_400_000, max: NOON_MS + 86_400_000 }),
  fc.integer({ min: -MAX_DATE_MS, max: MAX_DATE_MS }),
  fc.constantFrom(0, -MAX_DATE_MS, MAX_DATE_MS, NOON_MS),
);

const anyCount = fc.oneof(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: MAX_DURATION_MS }));

const anyRecentRun: fc.Arbitrary<[startMs: number, length: number, outcome: RunOutcome]> = fc.tuple(
  anyTime,
  anyCount,
  fc.constantFrom<RunOutcome>("finished", "failed", "timeout", "leaselost", "aborted"),
);

/** A standby, and for how many terms after that of its record it is listed. */
const anyStandby: fc.Arbitrary<ListedStandby> = fc.record({
  id: fc.stringMatching(/^[\w-]{1,16}$/),
  until: fc.integer({ min: 0, max: 200 }),
});

const anyState = fc.constantFrom<TaskState>("idle", "running", "finished", "failed");

/** An id as records may have it. */
const anyId = fc.stringMatching(/^[!-~]{1,64}$/);

/** Any status that a record can tell, so long as it fits. */
export const anyStatus: fc.Arbitrary<StatusRecord> = fc.record({
  state: anyState,
  startedMs: anyTime,
  owner: anyId,
  heartbeatMs: optional(anyTime),
  scheduledMs: optional(anyTime),
  term: anyCount,
  leaseMs: optional(
    fc.oneof(fc.integer({ min: 1, max: MAX_DURATION_MS }), fc.double({ min: 0.1, max: 1e6, noNaN: true })),
  ),
  write: optional(anyId),
  finishedMs: optional(anyTime),
  failures: anyCount,
  error: optional(mostly(printable(1, 30), printable(31, 500))),
  instance: optional(printable(1, 100)),
  requestedMs: optional(anyTime),
  requestedBy: optional(printable(1, 100)),
  pausedMs: optional(anyTime),
  pausedBy: optional(printable(1, 100)),
  pauseReason: optional(printable(1, 100)),
  dueMs: optional(anyTime),
  recent: mostly(fc.array(anyRecentRun, { maxLength: 2 }), fc.array(anyRecentRun, { maxLength: 20, size: "max" }))
    .map((runs) => runs.reduce((recent, run) => recent.with(...run), RecentRuns.NONE)),
  preferred: optional(fc.stringMatching(/^[\w-]{1,16}$/)),
  standbys: mostly<readonly ListedStandby[]>(fc.constant([]), fc.array(anyStandby, { maxLength: 4 })),
}).map((status) => ({
  ...status,
  failures: status.failures || (status.state === "failed" ? 1 : 0),
  standbys: status.standbys
    .map(({ id, until }) => ({ id, until: status.term + until }))
    .filter(({ until }) => until < Number.MAX_SAFE_INTEGER),
}));

/** Settings within the limits of the options. */
export const anyRules: fc.Arbitrary<DecisionRules> = fc.record({
  intervalMs: anyLength(),
  timeoutMs: anyLength(),
  leaseMs: anyLength(),
  cycles: fc.double({ min: 0.01, max: 1, noNaN: true }),
  maxCycleMs: anyLength(),
  clockToleranceMs: fc.oneof(fc.integer({ min: 1, max: 60_000 }), anyLength()),
}).map(({ cycles, ...rules }) => {
  const minCycleMs = cycles * rules.intervalMs / 2;
  const maxCycleMs = Math.max(rules.maxCycleMs, Math.ceil(minCycleMs) + 1);
  return rulesOf({ ...rules, minCycleMs, maxCycleMs });
});

/** Mostly of seconds to days, sometimes of a millisecond or ages. */
function anyLength(): fc.Arbitrary<number> {
  return mostly(fc.integer({ min: 1_000, max: 172_800_000 }), fc.integer({ min: 1, max: MAX_DURATION_MS }));
}

/** What a replica may know of a record besides what it says. */
export const anyKnowledge: fc.Arbitrary<Omit<DecisionInput, "found">> = fc.record({
  highestTerm: fc.integer({ min: 0, max: 1_000 }),
  nowMs: fc.oneof(fc.constant(NOON_MS), fc.integer({ min: 0, max: 4e12 })),
  hasStoreClock: fc.boolean(),
  isFirstVersion: fc.boolean(),
  seenForMs: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1e10, noNaN: true })),
  clockStep: fc.oneof(fc.constant(0), fc.integer({ min: -1e11, max: 1e11 })),
  isPreferred: fc.boolean(),
  retryDelayMs: anyLength(),
  isTriggered: fc.boolean(),
  jitter: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  standbyId: fc.constantFrom(undefined, "a", "b"),
  lot: fc.constantFrom(0, 0.5, 1),
}).map(({ clockStep, ...knowledge }) => ({
  ...knowledge,
  sinceMs: knowledge.nowMs - knowledge.seenForMs,
  // a store's clock doesn't go back
  firstSeenMs: Math.floor(
    knowledge.nowMs - knowledge.seenForMs + (knowledge.hasStoreClock ? Math.min(clockStep, 0) : clockStep),
  ),
}));

const anyTimeText = fc.oneof(
  anyTime.map((ms) => new Date(ms).toISOString()),
  fc.constantFrom(
    "2026-01-31T12:00:00.000123Z",
    "2026-01-31 12:00:00",
    "2026-02-31T24:00:00Z",
    "2026-01-31T25:00:00.000Z",
    "-000001-12-31T23:59:59.999+14:00",
    "+275760-09-13T00:00:00.001Z",
    "+999999-12-31T23:59:59.999Z",
    "2026-01-31T12:00:00.000+99:99",
    "NaN",
    "noon",
  ),
);

const anyJson = fc.jsonValue({ maxDepth: 1 });

const anyField = fc.oneof(
  { arbitrary: anyJson, weight: 4 },
  { arbitrary: anyTimeText, weight: 8 },
  { arbitrary: fc.constantFrom(-1, -0, 0.5, 1e-300, 2 ** 53, 1e308, "running", "finished", "failed", null), weight: 8 },
  {
    arbitrary: fc.array(fc.record({ start: anyTimeText, length: anyJson, outcome: anyJson }), { maxLength: 3 }),
    weight: 1,
  },
  { arbitrary: anyText(0, 600), weight: 1 },
);

const FIELDS = [
  "state",
  "started",
  "owner",
  "heartbeat",
  "scheduled",
  "term",
  "lease",
  "write",
  "finished",
  "failures",
];
const MORE_FIELDS = ["error", "requested", "recent", "__proto__", "toJSON", "length"];

/** A record, some of whose fields are anything at all; of one in ten so are format and version. */
export const anyRecord: fc.Arbitrary<Record<string, unknown>> = fc.tuple(
  fc.constantFrom("running", "finished", "failed", "idle"),
  fc.dictionary(fc.constantFrom(...FIELDS, ...MORE_FIELDS), anyField, { maxKeys: 5 }),
  fc.oneof(
    { arbitrary: fc.constant({}), weight: 9 },
    { arbitrary: fc.dictionary(fc.constantFrom("format", "version"), anyField, { maxKeys: 2 }), weight: 1 },
    {
      arbitrary: fc.record({ version: fc.oneof(fc.integer({ max: 1 }), fc.double({ min: 1, noNaN: true })) }),
      weight: 1,
    },
  ),
).map(([state, changes, kind]) => ({ ...ours({ state }), ...changes, ...kind }));
