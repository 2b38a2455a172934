/**
 * Decides when to run, by a pure function of the record, the present and the settings.
 *
 * No function here reads a clock, a store or a random number. {@linkcode DecisionInput} is the complete input of a decision.
 *
 * @module
 */
import { isImplausible, longestLeaseMs, type PlausibilityRules } from "../record/plausibility.ts";
import { type FoundRecord, MAX_TERM, NO_OWNER, type StatusRecord, type TaskState } from "../record/status_record.ts";

/** The input of a decision. If the store has a clock, all times are in store time. */
export interface DecisionInput {
  readonly found: FoundRecord;
  /** The highest term that this replica has seen, in this record or an earlier one. */
  readonly highestTerm: number;
  /** The earliest possible present. */
  readonly nowMs: number;
  /** Whether the store's time is known. */
  readonly hasStoreClock: boolean;
  /** The time at which this replica first saw this version of the record. */
  readonly firstSeenMs: number;
  /** The time since then, by the monotonic clock. */
  readonly seenForMs: number;
  /** Whether this is the preferred replica: the one that ran last. */
  readonly isPreferred: boolean;
  /** The time from the start of a failed run to its repetition. */
  readonly retryDelayMs: number;
  /** Whether a `trigger()` is pending. */
  readonly isTriggered: boolean;
  /** A random number from 0 up to, but not including, 1. */
  readonly jitter: number;
}

/** The settings that a decision depends on. */
export interface DecisionRules extends PlausibilityRules {
  readonly minCycleMs: number;
  readonly maxCycleMs: number;
}

/** The reason of a wait. */
export type WaitReason =
  /** The last run finished, and the next one is not due. */
  | "not-due"
  /** A run is due, and the preferred replica may claim it first. */
  | "standby"
  /** The last run failed, and its repetition is not due. */
  | "retry-delay"
  /** A run is in progress, here or elsewhere, and its lease is not over. */
  | "running"
  /** The record is of a newer version. */
  | "newer-record"
  /** The data at the key is not a status record. */
  | "foreign-record"
  /** The term of the record cannot rise. */
  | "last-term";

/** The decision to claim the record and run the task. */
export interface RunDecision {
  readonly kind: "run";
  /** The due time of the run. */
  readonly scheduledMs: number;
  /** The record before the claim; `undefined` if there is none yet. */
  readonly before: StatusRecord | undefined;
}

/** The decision to check the record again later. */
export interface WaitDecision {
  readonly kind: "wait";
  readonly reason: WaitReason;
  /** The time of the next check. */
  readonly untilMs: number;
  /** The time from which a run may be claimed. It changes if the record changes. */
  readonly dueMs: number;
  /** Whether to report ALIVE: the last run finished, and the next one is not due. */
  readonly isAlive: boolean;
}

/** The next action of a replica. */
export type Decision = RunDecision | WaitDecision;

/** The longest fallback delay in milliseconds, without the length of the last run. */
const MAX_FALLBACK_MS = 30_000;

/** The longest time over which replicas spread simultaneous checks, in milliseconds. */
const MAX_SPREAD_MS = 1_000;

/** The longest pause of a holder for which a lease has a margin, in milliseconds. */
const MAX_PAUSE_MS = 1_000;

/**
 * Decides on the next action of a replica.
 *
 * @param input The record, the present and the state of the replica.
 * @param rules The settings.
 * @returns The decision to run now, or to wait.
 */
export function decide(input: DecisionInput, rules: DecisionRules): Decision {
  const { found, nowMs, highestTerm } = input;
  if (found.kind === "foreign" || found.kind === "newer") return waitForOther(`${found.kind}-record`, nowMs, rules);
  if (highestTerm >= MAX_TERM) return waitForOther("last-term", nowMs, rules);
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

/** Returns the wait for another record, as this one must not be claimed. */
function waitForOther(reason: WaitReason, nowMs: number, { intervalMs }: DecisionRules): WaitDecision {
  return { kind: "wait", reason, untilMs: nowMs + intervalMs, dueMs: nowMs + intervalMs, isAlive: false };
}

/** The times that follow from a record. */
interface Timetable {
  /** The due time after that of the last run. */
  readonly nextDueMs: number;
  /** The time from which a run may be claimed: the next due time, a request, or the end of the retry delay or lease. */
  readonly dueMs: number;
  /** The time from which this replica may claim the run. Standbys wait for the fallback delay first. */
  readonly openMs: number;
  /** The fallback delay. */
  readonly fallbackMs: number;
  /** Whether there is a preferred replica, and this is another one. */
  readonly isStandby: boolean;
}

function timetableOf(record: StatusRecord, input: DecisionInput, rules: DecisionRules): Timetable {
  const { state, owner, write } = record;
  // without a store clock, the wall clock may have been set back since then
  const seenMs = Math.min(input.firstSeenMs, input.hasStoreClock ? Infinity : input.nowMs - input.seenForMs);
  const plausible = (ms: number | undefined, otherwiseMs: number): number =>
    ms === undefined || isImplausible(ms, seenMs, rules) ? otherwiseMs : ms;
  const startedMs = plausible(record.startedMs, seenMs);
  const nextDueMs = plausible(record.scheduledMs, startedMs) + rules.intervalMs;
  const renewedMs = plausible(record.heartbeatMs ?? record.startedMs, seenMs);
  const claimableMs = state === "running"
    ? leaseEndMs(record, renewedMs, input, rules)
    : nextRunMs(state, startedMs, nextDueMs, input);
  const dueMs = dueTime(record, startedMs, claimableMs);
  const fallbackMs = Math.min(rules.leaseMs, MAX_FALLBACK_MS + record.recent.lastLengthMs, rules.intervalMs / 4);
  // records of Dart's neat_periodic_task and released records have no preferred replica
  const hasPreferred = write !== undefined && owner !== NO_OWNER;
  const isStandby = state !== "running" && hasPreferred && !input.isPreferred;
  return { nextDueMs, dueMs, openMs: isStandby ? dueMs + fallbackMs : dueMs, fallbackMs, isStandby };
}

/** Returns the time from which the run after an ended run may be claimed, without a request. */
function nextRunMs(state: TaskState, startedMs: number, nextDueMs: number, { retryDelayMs }: DecisionInput): number {
  return state === "failed" ? startedMs + retryDelayMs : nextDueMs;
}

/** Returns the time from which a run may be claimed. A request after the last start makes it earlier. */
function dueTime({ state, requestedMs = -Infinity }: StatusRecord, startedMs: number, claimableMs: number): number {
  const isRequested = state !== "running" && requestedMs > startedMs && requestedMs < claimableMs;
  return isRequested ? requestedMs : claimableMs;
}

/** Returns the latest due time that has passed, or the due time of the last run if no later one has passed. */
function latestDueTime(nextDueMs: number, nowMs: number, { intervalMs }: DecisionRules): number {
  const passed = Math.max(-1, Math.floor((nowMs - nextDueMs) / intervalMs));
  return nextDueMs + passed * intervalMs;
}

function wait(record: StatusRecord, timetable: Timetable, input: DecisionInput, rules: DecisionRules): WaitDecision {
  const { nowMs, jitter, isPreferred } = input;
  const { dueMs, openMs, nextDueMs, fallbackMs, isStandby } = timetable;
  const isRunning = record.state === "running";
  const isAlive = record.state === "finished" && nowMs < nextDueMs;
  // replicas that wait for the same moment must not all check at once
  const shortSpreadMs = Math.min(MAX_SPREAD_MS, rules.intervalMs / 20);
  const spreadMs = isStandby ? fallbackMs : isRunning || !isPreferred ? shortSpreadMs : 0;
  const untilMs = Math.min(
    earlierCheckMs(isRunning, isAlive, shortSpreadMs, timetable, input, rules),
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
 * Returns the time of a check before this replica may claim a run, or Infinity if there is none.
 *
 * During a run, the check notices that the claim was released. After a finished run, it is halfway between two due times, for
 * ALIVE.
 */
function earlierCheckMs(
  isRunning: boolean,
  isAlive: boolean,
  toleranceMs: number,
  { nextDueMs, fallbackMs }: Timetable,
  { nowMs, jitter, isPreferred }: DecisionInput,
  { intervalMs, minCycleMs }: DecisionRules,
): number {
  // the present check may be slightly early, as the clocks of some stores only show whole seconds
  const soonMs = nowMs + toleranceMs;
  if (isRunning) {
    const afterDueMs = nextDueMs + fallbackMs * (1 + jitter);
    return afterDueMs > soonMs ? afterDueMs : Infinity;
  }
  if (!isPreferred || !isAlive) return Infinity;
  const halfwayMs = nextDueMs - intervalMs / 2;
  return halfwayMs > soonMs ? Math.max(halfwayMs, nowMs + minCycleMs) : Infinity;
}

/**
 * Returns the end of the lease. Until then the holder may be running.
 *
 * @param renewedMs The time of the last heartbeat, or of the start if there is none.
 */
function leaseEndMs(record: StatusRecord, renewedMs: number, input: DecisionInput, rules: DecisionRules): number {
  const { clockToleranceMs } = rules;
  const ownMs = record.heartbeatMs === undefined ? rules.timeoutMs : rules.leaseMs;
  const leaseMs = Math.min(record.leaseMs ?? ownMs, longestLeaseMs(rules));
  // the clock of the holder may be slower, and the holder may be paused before it stops
  const marginMs = Math.min(leaseMs / 10, clockToleranceMs, MAX_PAUSE_MS);
  if (input.hasStoreClock) return renewedMs + leaseMs + marginMs;
  // without a store clock, the lease is also over when this version has been seen for the whole lease
  return leaseMs + Math.min(renewedMs + clockToleranceMs, input.nowMs + marginMs - input.seenForMs);
}
