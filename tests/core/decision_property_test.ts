// What holds for every record, every setting and at every moment.

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { decide, type DecisionInput, type DecisionRules } from "../../src/core/decision.ts";
import { longestLeaseMs } from "../../src/record/plausibility.ts";
import type { StatusRecord } from "../../src/record/status_record.ts";
import { anyKnowledge, anyRules, anyStatus as anyStatusOrPause } from "../helpers/arbitraries.ts";
import { NOON_MS } from "../helpers/records.ts";

const RUNS = { numRuns: 5_000 };
const MAX_JITTER_MS = 1_000;

/** A record of a task that is not paused. */
const anyStatus = anyStatusOrPause.map((status) => ({ ...status, pausedMs: undefined }));

/** How far a date may lie ahead and be believed. */
function apartMs({ clockToleranceMs }: DecisionRules): number {
  return Math.max(clockToleranceMs, 2_000);
}

function inputOf(record: StatusRecord, knowledge: Omit<DecisionInput, "found">): DecisionInput {
  return { ...knowledge, found: { kind: "record", record } };
}

/** A record by whose times nothing was done later than it was seen. */
const anyPastStatus = fc.tuple(anyStatus, fc.array(fc.integer({ min: 0, max: 1e9 }), { minLength: 4, maxLength: 4 }))
  .map(
    ([status, ages]) => (nowMs: number): StatusRecord => ({
      ...status,
      startedMs: nowMs - ages[0]!,
      heartbeatMs: status.heartbeatMs === undefined ? undefined : nowMs - Math.min(ages[0]!, ages[1]!),
      scheduledMs: status.scheduledMs === undefined ? undefined : nowMs - ages[2]!,
      requestedMs: status.requestedMs === undefined ? undefined : nowMs - ages[3]!,
    }),
  );

/** The first moment at which the rules let a run begin that nobody has asked for. */
function earliest(
  status: StatusRecord,
  { retryDelayMs, nowMs, seenForMs, hasStoreClock }: DecisionInput,
  rules: DecisionRules,
): number {
  const startedMs = status.startedMs!;
  switch (status.state) {
    case "idle":
      return -Infinity;
    case "running": {
      const ownMs = status.heartbeatMs === undefined ? rules.timeoutMs : rules.leaseMs;
      const leaseMs = Math.min(status.leaseMs ?? ownMs, longestLeaseMs(rules));
      const endMs = (status.heartbeatMs ?? startedMs) + leaseMs;
      return hasStoreClock ? endMs : Math.min(endMs + rules.clockToleranceMs, nowMs - seenForMs + leaseMs);
    }
    case "failed":
      return startedMs + retryDelayMs;
    case "finished":
      return (status.scheduledMs ?? startedMs) + rules.intervalMs;
  }
}

Deno.test("decide() never runs before a run is due or requested, unless triggered", () => {
  fc.assert(
    fc.property(anyPastStatus, anyKnowledge, anyRules, (past, knowledge, rules) => {
      const firstSeenMs = knowledge.nowMs - knowledge.seenForMs;
      const status = past(firstSeenMs);
      const sight = inputOf(status, { ...knowledge, firstSeenMs, isTriggered: false });
      const decision = decide(sight, rules);
      const { requestedMs, state } = status;
      if (decision.kind !== "run" || (state !== "running" && requestedMs !== undefined)) {
        return;
      }
      assert(sight.nowMs >= earliest(status, sight, rules) - 1e-3);
    }),
    RUNS,
  );
});

Deno.test("decide() runs a triggered task that isn't running, whatever its record", () => {
  fc.assert(
    fc.property(anyStatus, anyKnowledge, anyRules, (status, knowledge, rules) => {
      const decision = decide(inputOf(status, { ...knowledge, isTriggered: true }), rules);
      assert(decision.kind === "run" || status.state === "running");
    }),
    RUNS,
  );
});

Deno.test("decide() waits for a future moment, and checks at least every maxCycle", () => {
  fc.assert(
    fc.property(anyStatus, anyKnowledge, anyRules, (status, knowledge, rules) => {
      const decision = decide(inputOf(status, knowledge), rules);
      if (decision.kind !== "wait") return;
      const { untilMs, dueMs } = decision;
      assert(untilMs > knowledge.nowMs && untilMs <= knowledge.nowMs + rules.maxCycleMs, `${untilMs}`);
      assert(Number.isFinite(dueMs) && Math.abs(dueMs) <= 864e13, `${dueMs}`);
    }),
    RUNS,
  );
});

Deno.test("decide() delays no due run by more than the fallback delay and the jitter, unless other standbys are listed", () => {
  fc.assert(
    fc.property(anyStatus, anyKnowledge, anyRules, (status, knowledge, rules) => {
      const decision = decide(inputOf({ ...status, standbys: status.standbys.slice(0, 3) }, knowledge), rules);
      if (decision.kind !== "wait") return;
      const patienceMs = Math.min(rules.leaseMs, rules.intervalMs / 4);
      const latestMs = decision.dueMs + (status.state === "running" ? 0 : 2 * patienceMs) + MAX_JITTER_MS;
      assert(decision.untilMs <= latestMs, `${decision.untilMs - latestMs} ms too late`);
    }),
    RUNS,
  );
});

Deno.test("decide() runs for the latest due time of the record's grid", () => {
  fc.assert(
    fc.property(anyPastStatus, anyKnowledge, anyRules, (past, knowledge, rules) => {
      const firstSeenMs = Math.floor(knowledge.nowMs - knowledge.seenForMs);
      const status = past(firstSeenMs);
      const decision = decide(inputOf(status, { ...knowledge, firstSeenMs }), rules);
      if (decision.kind !== "run" || status.state === "idle") return;
      const { nowMs } = knowledge;
      const { scheduledMs } = decision;
      assert(scheduledMs <= nowMs && scheduledMs > nowMs - rules.intervalMs, `${scheduledMs - nowMs}`);
      assertEquals((scheduledMs - (status.scheduledMs ?? status.startedMs!)) % rules.intervalMs, 0);
    }),
    RUNS,
  );
});

Deno.test("decide() takes no due time that is further ahead than clocks may be apart", () => {
  fc.assert(
    fc.property(anyStatus, anyKnowledge, anyRules, (status, knowledge, rules) => {
      const decision = decide(inputOf(status, knowledge), rules);
      assert(decision.kind !== "run" || decision.scheduledMs <= knowledge.nowMs + apartMs(rules));
    }),
    RUNS,
  );
});

Deno.test("decide() lets no record delay a run by more than an interval, a retry delay or a lease from when it was first seen", () => {
  fc.assert(
    fc.property(anyStatus, anyKnowledge, anyRules, (status, knowledge, rules) => {
      const ownMs = status.heartbeatMs === undefined ? rules.timeoutMs : rules.leaseMs;
      const leaseMs = Math.min(status.leaseMs ?? ownMs, longestLeaseMs(rules));
      const waitMs =
        { idle: 0, finished: rules.intervalMs, failed: knowledge.retryDelayMs, running: leaseMs }[status.state];
      const patienceMs = Math.min(rules.leaseMs, rules.intervalMs / 4);
      const laterMs = waitMs + patienceMs + MAX_JITTER_MS + apartMs(rules);
      const sight = inputOf(status, {
        ...knowledge,
        firstSeenMs: NOON_MS,
        nowMs: NOON_MS + laterMs,
        seenForMs: laterMs,
      });
      assertEquals(decide(sight, rules).kind, "run");
    }),
    RUNS,
  );
});
