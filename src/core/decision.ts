/**
 * When to run: a pure function from the record, the present and the settings to the next action.
 *
 * It reads no clock, no store and no random number: {@linkcode DecisionInput} contains all of them.
 *
 * @module
 */
import { isImplausible, longestLeaseMs, type PlausibilityRules } from "../record/plausibility.ts";
import { type FoundRecord, MAX_TERM, NO_OWNER, type StatusRecord, type TaskState } from "../record/status_record.ts";

/** The state in which a replica decides. Times are in store time where the store has a clock. */
export interface DecisionInput {
  readonly found: FoundRecord;
  /** The highest term that this replica has seen, in this record or an earlier one. */
  readonly highestTerm: number;
  /** The earliest time that it can be now. */
  readonly nowMs: number;
  /** Whether the store has a clock. */
  readonly hasStoreClock: boolean;
  /** When this replica first saw this version of the record. */
  readonly firstSeenMs: number;
  /** How long it has seen this version, on its monotonic clock. */
  readonly seenForMs: number;
  /** Whether this is the preferred replica, the one that ran last. */
  readonly isPreferred: boolean;
  /** How long after its start a failed run is repeated. */
  readonly retryDelayMs: number;
  /** Whether `trigger()` asked for a run. */
  readonly isTriggered: boolean;
  /** From 0 up to, but not including, 1. */
  readonly jitter: number;
}

/** The settings that count for a decision. */
export interface DecisionRules extends PlausibilityRules {
  readonly minCycleMs: number;
  readonly maxCycleMs: number;
}

/** Why a replica waits. */
export type WaitReason =
  /** The last run finished, and the next one is not due. */
  | "not-due"
  /** A run is due, and the preferred replica goes first. */
  | "standby"
  /** The last run failed, and its repetition is not due. */
  | "retry-delay"
  /** A run is in progress, here or elsewhere, and its lease is not over. */
  | "running"
  /** The record is of a newer version. */
  | "newer-record"
  /** The data at the key is no status record. */
  | "foreign-record"
  /** The term of the record cannot rise. */
  | "last-term";

/** The decision to claim the record and run now. */
export interface RunDecision {
  readonly kind: "run";
  /** The due time that the run is for. */
  readonly scheduledMs: number;
  /** The record before the claim; `undefined` if there is none yet. */
  readonly before: StatusRecord | undefined;
}

/** The decision to check the record again later. */
export interface WaitDecision {
  readonly kind: "wait";
  readonly reason: WaitReason;
  /** When to check again. */
  readonly untilMs: number;
  /** When a run may be claimed, by what is known now. */
  readonly dueMs: number;
  /** Whether the last run finished and the next one is not due, which ALIVE reports. */
  readonly isAlive: boolean;
}

/** The next action. */
export type Decision = RunDecision | WaitDecision;

/** The longest wait of standbys for the preferred replica, besides the length of the last run. */
const MAX_FALLBACK_MS = 30_000;

/** Replicas spread their checks over this at the most. */
const MAX_SPREAD_MS = 1_000;

/** How long a holder may be paused just before the end of its lease. */
const MAX_PAUSE_MS = 1_000;

/**
 * Decides whether to run now or until when to wait.
 *
 * @param input What is known of the record.
 * @param rules The settings that count.
 */
export function decide(input: DecisionInput, rules: DecisionRules): Decision {
  const { found, nowMs, highestTerm } = input;
  if (found.kind === "foreign" || found.kind === "newer") return untouchable(`${found.kind}-record`, nowMs, rules);
  if (highestTerm >= MAX_TERM) return untouchable("last-term", nowMs, rules);
  if (found.kind === "none") return { kind: "run", scheduledMs: nowMs, before: undefined };
  const { record } = found;
  if (record.state === "idle") return { kind: "run", scheduledMs: nowMs, before: record };
  const timetable = timetableOf(record, input, rules);
  const isTriggered = input.isTriggered && record.state !== "running";
  if (nowMs >= timetable.openMs || isTriggered) {
    return { kind: "run", scheduledMs: latestDueTime(timetable.nextDueMs, nowMs, rules), before: record };
  }
  return wait(record, timetable, input, rules);
}

/** Returns the decision about a record that must be left alone: check it again after the interval. */
function untouchable(reason: WaitReason, nowMs: number, { intervalMs }: DecisionRules): WaitDecision {
  return { kind: "wait", reason, untilMs: nowMs + intervalMs, dueMs: nowMs + intervalMs, isAlive: false };
}

/** The times that follow from a record. */
interface Timetable {
  /** The due time after the one of the last run, on the schedule's grid. */
  readonly nextDueMs: number;
  /** When a run may be claimed: at the next due time, after the retry delay, at the end of the lease, or on request. */
  readonly dueMs: number;
  /** When this replica may claim it: standbys wait for the preferred replica first. */
  readonly openMs: number;
  /** How long standbys wait. */
  readonly fallbackMs: number;
  /** Whether this replica is a standby of a preferred one. */
  readonly isStandby: boolean;
}

function timetableOf(record: StatusRecord, input: DecisionInput, rules: DecisionRules): Timetable {
  const { state, owner, write } = record;
  // without a store clock by the monotonic clock, as the wall clock may have been set back since
  const seenMs = Math.min(input.firstSeenMs, input.hasStoreClock ? Infinity : input.nowMs - input.seenForMs);
  const believed = (ms: number | undefined, otherwiseMs: number): number =>
    ms === undefined || isImplausible(ms, seenMs, rules) ? otherwiseMs : ms;
  const startedMs = believed(record.startedMs, seenMs);
  const nextDueMs = believed(record.scheduledMs, startedMs) + rules.intervalMs;
  const renewedMs = believed(record.heartbeatMs ?? record.startedMs, seenMs);
  const claimableMs = state === "running"
    ? leaseEndMs(record, renewedMs, input, rules)
    : nextRunMs(state, startedMs, nextDueMs, input);
  const dueMs = dueTime(record, startedMs, claimableMs);
  const fallbackMs = Math.min(rules.leaseMs, MAX_FALLBACK_MS + record.recent.lastLengthMs, rules.intervalMs / 4);
  // records of the original, and those that were released, have no preferred replica
  const hasPreferred = write !== undefined && owner !== NO_OWNER;
  const isStandby = state !== "running" && hasPreferred && !input.isPreferred;
  return { nextDueMs, dueMs, openMs: isStandby ? dueMs + fallbackMs : dueMs, fallbackMs, isStandby };
}

/** Returns when the run after one that is over may be claimed, without a request. */
function nextRunMs(state: TaskState, startedMs: number, nextDueMs: number, { retryDelayMs }: DecisionInput): number {
  return state === "failed" ? startedMs + retryDelayMs : nextDueMs;
}

/** Returns when a run may be claimed. A request that came after the last start makes it earlier. */
function dueTime({ state, requestedMs = -Infinity }: StatusRecord, startedMs: number, claimableMs: number): number {
  const isRequested = state !== "running" && requestedMs > startedMs && requestedMs < claimableMs;
  return isRequested ? requestedMs : claimableMs;
}

/** Returns the latest due time that has passed, or the last one of the record if none has. */
function latestDueTime(nextDueMs: number, nowMs: number, { intervalMs }: DecisionRules): number {
  const passed = Math.max(-1, Math.floor((nowMs - nextDueMs) / intervalMs));
  return nextDueMs + passed * intervalMs;
}

function wait(record: StatusRecord, timetable: Timetable, input: DecisionInput, rules: DecisionRules): WaitDecision {
  const { nowMs, jitter, isPreferred } = input;
  const { dueMs, openMs, nextDueMs, fallbackMs, isStandby } = timetable;
  const isRunning = record.state === "running";
  const isAlive = record.state === "finished" && nowMs < nextDueMs;
  // replicas that would all check at the same moment check one after the other
  const nearMs = Math.min(MAX_SPREAD_MS, rules.intervalMs / 20);
  const spreadMs = isStandby ? fallbackMs : isRunning || !isPreferred ? nearMs : 0;
  const untilMs = Math.min(
    checkBetweenMs(isRunning, isAlive, nearMs, timetable, input, rules),
    openMs + jitter * spreadMs,
    nowMs + rules.maxCycleMs,
  );
  return { kind: "wait", reason: waitReason(record, nowMs >= dueMs), untilMs, dueMs, isAlive };
}

function waitReason({ state }: StatusRecord, isDue: boolean): WaitReason {
  if (isDue) return "standby";
  if (state === "running") return "running";
  return state === "failed" ? "retry-delay" : "not-due";
}

/**
 * Returns when to check the record before a run may be claimed, or Infinity if no such check is ahead.
 *
 * During a run the check finds out whether the record was released. After a finished run it logs ALIVE halfway.
 */
function checkBetweenMs(
  isRunning: boolean,
  isAlive: boolean,
  nearMs: number,
  { nextDueMs, fallbackMs }: Timetable,
  { nowMs, jitter, isPreferred }: DecisionInput,
  { intervalMs, minCycleMs }: DecisionRules,
): number {
  // a check within this time counts as the one ahead, as store clocks may show whole seconds
  const soonMs = nowMs + nearMs;
  if (isRunning) {
    const afterDueMs = nextDueMs + fallbackMs * (1 + jitter);
    return afterDueMs > soonMs ? afterDueMs : Infinity;
  }
  if (!isPreferred || !isAlive) return Infinity;
  const halfwayMs = nextDueMs - intervalMs / 2;
  return halfwayMs > soonMs ? Math.max(halfwayMs, nowMs + minCycleMs) : Infinity;
}

/**
 * Returns until when a holder may be running.
 *
 * @param renewedMs When the lease was last renewed, by a heartbeat or the start, as far as that is believed.
 */
function leaseEndMs(record: StatusRecord, renewedMs: number, input: DecisionInput, rules: DecisionRules): number {
  const { clockToleranceMs } = rules;
  const ownMs = record.heartbeatMs === undefined ? rules.timeoutMs : rules.leaseMs;
  const leaseMs = Math.min(record.leaseMs ?? ownMs, longestLeaseMs(rules));
  // the holder's clock may run a little slower than ours, and it may be paused just before it would stop
  const marginMs = Math.min(leaseMs / 10, clockToleranceMs, MAX_PAUSE_MS);
  if (input.hasStoreClock) return renewedMs + leaseMs + marginMs;
  // without a common clock, having seen the version for the whole lease counts as much as having waited for its end
  return leaseMs + Math.min(renewedMs + clockToleranceMs, input.nowMs + marginMs - input.seenForMs);
}
