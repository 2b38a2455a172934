/**
 * Decides when to run, by a pure function of the record, the present and the settings.
 *
 * No function here reads a clock, a store or a random number. {@linkcode DecisionInput} is the complete input of a decision.
 *
 * @module
 */
import type { TakeoverReason } from "../events.ts";
import type { ListedStandby } from "../record/listed_standbys.ts";
import type { PlausibilityRules } from "../record/plausibility.ts";
import { type FoundRecord, MAX_TERM, NEVER_RUN, NO_OWNER, type StatusRecord } from "../record/status_record.ts";
import type { DueTimes } from "../schedule/due_times.ts";
import { type Duty, dutyOf, standbysAfterClaim, takesPlace } from "./duty.ts";
import { leaseCheckMs } from "./lease_check.ts";
import { type Timetable, timetableOf } from "./timetable.ts";

/** The input of a decision. If the store has a clock, all times are in store time. */
export interface DecisionInput {
  readonly found: FoundRecord;
  /** The highest term that this replica has seen, in this record or an earlier one. */
  readonly highestTerm: number;
  /** The earliest possible present. */
  readonly nowMs: number;
  /** Whether the store's time is known. */
  readonly hasStoreClock: boolean;
  /** The time of the first read of this replica. */
  readonly sinceMs: number;
  /** Whether this replica has seen no other version of the record. */
  readonly isFirstVersion: boolean;
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
  /** The id of this replica in the list of standbys; `undefined` if it has none. */
  readonly standbyId: string | undefined;
  /** A random number from 0 up to, but not including, 1, by which a standby takes a free place; 1 if it must not. */
  readonly lot: number;
}

/** The settings that a decision depends on. */
export interface DecisionRules extends PlausibilityRules {
  readonly dueTimes: DueTimes;
  readonly minCycleMs: number;
  readonly maxCycleMs: number;
  /** Until this time after it was due, a run may start; Infinity if there is no limit. */
  readonly startDeadlineMs: number;
}

/** The reason of a wait. */
export type WaitReason =
  /** The next run is not due. */
  | "not-due"
  /** The schedule has no further due time. */
  | "schedule-ended"
  /** A run is due, and the preferred replica may claim it first. */
  | "standby"
  /** The last run failed, and its repetition is not due. */
  | "retry-delay"
  /** A run is in progress, here or elsewhere, and its lease is not over. */
  | "running"
  /** The task is paused. */
  | "paused"
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
  /** The due time after that; Infinity if there is none. */
  readonly nextDueMs: number;
  /** The time until which the run may start; Infinity if there is no limit. */
  readonly startByMs: number;
  /** The record before the claim. */
  readonly before: StatusRecord;
  /** `undefined` if this replica ran last, or if there was no run. */
  readonly takeover: TakeoverReason | undefined;
  /** The standbys that the record lists after the claim. */
  readonly standbys: readonly ListedStandby[];
}

/** The decision to write this replica into the list of standbys. */
export interface ListDecision {
  readonly kind: "list";
  readonly record: StatusRecord;
}

/** The decision to write a record, and then to decide again: the first record, or one with the next due time. */
export interface WriteDecision {
  readonly kind: "write";
  readonly record: StatusRecord;
}

/** The decision to check the record again later. */
export interface WaitDecision {
  readonly kind: "wait";
  readonly reason: WaitReason;
  /** The time of the next check. */
  readonly untilMs: number;
  /** The time from which a run may be claimed; Infinity if there is none. It changes if the record changes. */
  readonly dueMs: number;
  /** The time at which a run was due that was given up, as it could not start within the start deadline. */
  readonly missedMs: number | undefined;
  /** Whether to report ALIVE: the last run finished, or there was none, and the next one is not due. */
  readonly isAlive: boolean;
  /** Whether a hint of the store causes a check, as other replicas do not check. */
  readonly isHinted: boolean;
}

/** The next action of a replica. */
export type Decision = RunDecision | WriteDecision | ListDecision | WaitDecision;

/** The longest time over which replicas spread simultaneous checks, in milliseconds. */
const MAX_SPREAD_MS = 1_000;

/**
 * Decides on the next action of a replica.
 *
 * @param input The record, the present and the state of the replica.
 * @param rules The settings.
 * @returns The decision to run now, to write the record first, or to wait.
 * @throws {ScheduleError} If the user's schedule fails.
 */
export function decide(input: DecisionInput, rules: DecisionRules): Decision {
  const { found, nowMs, highestTerm } = input;
  if (found.kind === "foreign" || found.kind === "newer") return waitForOther(`${found.kind}-record`, nowMs, rules);
  if (highestTerm >= MAX_TERM) return waitForOther("last-term", nowMs, rules);
  if (found.kind === "none") return { kind: "write", record: NEVER_RUN };
  const { record } = found;
  const timetable = timetableOf(record, input, rules);
  const { isLeased, openMs } = timetable;
  if (record.pausedMs !== undefined && !isLeased) return waitForResume(record, timetable, input, rules);
  const isTriggered = input.isTriggered && !isLeased;
  if (nowMs >= openMs || isTriggered) return run(record, timetable, isTriggered, input);
  if (isDueTimeUnrecorded(record, timetable, input, rules)) {
    return { kind: "write", record: { ...record, dueMs: timetable.nextDueMs } };
  }
  if (isListing(record, timetable, input)) return { kind: "list", record };
  return wait(record, timetable, input, rules);
}

/** Returns the wait for another record, as this one must not be claimed. */
function waitForOther(reason: WaitReason, nowMs: number, { intervalMs, maxCycleMs }: DecisionRules): WaitDecision {
  const untilMs = nowMs + Math.min(intervalMs, maxCycleMs);
  return { kind: "wait", reason, untilMs, dueMs: untilMs, missedMs: undefined, isAlive: false, isHinted: true };
}

function run(
  before: StatusRecord,
  { scheduledMs, followingMs, startByMs, isStandby }: Timetable,
  isTriggered: boolean,
  { isPreferred, standbyId }: DecisionInput,
): RunDecision {
  const takeover = isPreferred ? undefined : takeoverReason(before, isStandby, isTriggered);
  return {
    kind: "run",
    scheduledMs,
    nextDueMs: followingMs,
    startByMs: isTriggered ? Infinity : startByMs,
    before,
    takeover,
    standbys: standbysAfterClaim(before, standbyId, takeover === "overdue" || takeover === "lease-over"),
  };
}

function takeoverReason(
  { state, owner, term }: StatusRecord,
  isStandby: boolean,
  isTriggered: boolean,
): TakeoverReason | undefined {
  if (state === "running") return "lease-over";
  if (state === "idle" || term === 0) return undefined;
  if (owner === NO_OWNER) return "stopped";
  if (isTriggered) return "triggered";
  return isStandby ? "overdue" : undefined;
}

/**
 * Returns whether to write the next due time into the record, so that it is not lost if all replicas stop until then.
 *
 * The record of a task that has never run has none, and that of another schedule has another one. Due times at an interval follow
 * from the last one, so the record only needs the first one. Only the first version of the record that a replica sees is changed,
 * so that replicas with different schedules do not write in turn.
 */
function isDueTimeUnrecorded(
  { state, dueMs }: StatusRecord,
  { nextDueMs }: Timetable,
  { isFirstVersion, nowMs }: DecisionInput,
  { dueTimes }: DecisionRules,
): boolean {
  // an absent due time is written once only, for example after a reset
  const mayChange = (isFirstVersion || state === "idle" && dueMs === undefined) && nextDueMs > nowMs &&
    nextDueMs < Infinity;
  if (!mayChange || state === "running" || dueMs === nextDueMs) return false;
  return !dueTimes.areRelative || state === "idle";
}

/**
 * Returns whether this replica, a standby, writes itself into the list of standbys. That is soon after a run, so that the preferred
 * replica, which checks the record halfway to the next one, claims it from the version that it has then.
 */
function isListing(
  record: StatusRecord,
  { isStandby, dueMs, nextDueMs, gapMs }: Timetable,
  { nowMs, standbyId, lot }: DecisionInput,
): boolean {
  return isStandby && nowMs < dueMs && nextDueMs - nowMs >= gapMs / 2 && takesPlace(record, standbyId, lot);
}

/** Returns when this replica checks the record. */
function dutyOfReplica(record: StatusRecord, timetable: Timetable, input: DecisionInput): Duty {
  const { owner, state } = record;
  if (input.isPreferred || owner === NO_OWNER || state === "idle") return "each-due-time";
  // the preferred replica is late: whoever notices stays until the run is claimed
  const isLate = timetable.isStandby && input.nowMs >= timetable.dueMs && record.pausedMs === undefined;
  if (isLate) return "each-due-time";
  // all listed standbys may be gone since before this replica started
  if ((timetable.lastDueMs ?? -Infinity) <= input.sinceMs) return "each-due-time";
  return dutyOf(record, input.standbyId);
}

/** Returns the time of the next check of a replica that does not check the next due time, or has no duty. */
function lateCheckMs(
  duty: Exclude<Duty, "each-due-time">,
  { laterMs, fallbackMs, gapMs }: Timetable,
  { nowMs, jitter, sinceMs }: DecisionInput,
  { maxCycleMs }: DecisionRules,
): number {
  if (duty === "rarely") {
    // after a deployment the listed ones may be stopped, so new replicas check more often: each time that they are some times as old
    const ageMs = Math.max(nowMs - sinceMs, gapMs);
    return nowMs + Math.min(ageMs * (4 - 2 * jitter), maxCycleMs * (1 - jitter / 8));
  }
  return Math.min(laterMs + fallbackMs * (1 + jitter), nowMs + maxCycleMs);
}

/** Returns the wait of a paused task. Its replicas check as often as if it were not paused. */
function waitForResume(
  record: StatusRecord,
  timetable: Timetable,
  input: DecisionInput,
  rules: DecisionRules,
): WaitDecision {
  const { followingMs, fallbackMs, dueMs, gapMs } = timetable;
  const { nowMs, jitter } = input;
  const duty = dutyOfReplica(record, timetable, input);
  const untilMs = duty === "rarely" ? lateCheckMs(duty, timetable, input, rules) : Math.min(
    Math.max(followingMs + fallbackMs * jitter, nowMs + Math.min(rules.minCycleMs, gapMs / 2)),
    nowMs + rules.maxCycleMs,
  );
  const isHinted = duty === "each-due-time";
  return { kind: "wait", reason: "paused", untilMs, dueMs, missedMs: undefined, isAlive: false, isHinted };
}

function wait(record: StatusRecord, timetable: Timetable, input: DecisionInput, rules: DecisionRules): WaitDecision {
  const { nowMs, jitter, isPreferred } = input;
  const { dueMs, openMs, nextDueMs, fallbackMs, gapMs, isStandby, isLeased, missedMs } = timetable;
  const hasNotFailed = record.state === "finished" || record.state === "idle";
  const isAlive = hasNotFailed && nowMs < nextDueMs;
  const toleranceMs = Math.min(MAX_SPREAD_MS, gapMs / 20);
  // replicas that wait for the same moment must not all check at once, nor any of them after the start deadline
  const shortSpreadMs = Math.min(toleranceMs, rules.startDeadlineMs / 4);
  const spreadMs = isStandby ? fallbackMs : isLeased || !isPreferred ? shortSpreadMs : 0;
  const duty = dutyOfReplica(record, timetable, input);
  const untilMs = duty !== "each-due-time" ? lateCheckMs(duty, timetable, input, rules) : Math.min(
    earlierCheckMs(isAlive, toleranceMs, timetable, input, rules),
    leaseCheckMs(record, timetable, input, rules),
    openMs + jitter * spreadMs,
    nowMs + rules.maxCycleMs,
  );
  const reason = waitReason(record, timetable, nowMs);
  return { kind: "wait", reason, untilMs, dueMs, missedMs, isAlive, isHinted: duty === "each-due-time" };
}

function waitReason({ state }: StatusRecord, { dueMs, isLeased, missedMs }: Timetable, nowMs: number): WaitReason {
  if (nowMs >= dueMs) return "standby";
  if (isLeased) return "running";
  if (dueMs === Infinity) return "schedule-ended";
  return state === "failed" && missedMs === undefined ? "retry-delay" : "not-due";
}

/**
 * Returns the time of a check before this replica may claim a run, or Infinity if there is none.
 *
 * During a run, the check notices that the claim was released. After a finished run, it is halfway between two due times, for
 * ALIVE.
 */
function earlierCheckMs(
  isAlive: boolean,
  toleranceMs: number,
  { nextDueMs, gapMs, fallbackMs, isLeased }: Timetable,
  { nowMs, jitter, isPreferred }: DecisionInput,
  { minCycleMs }: DecisionRules,
): number {
  if (nextDueMs === Infinity) return Infinity;
  // the present check may be slightly early, as the clocks of some stores only show whole seconds
  const soonMs = nowMs + toleranceMs;
  if (isLeased) {
    const afterDueMs = nextDueMs + fallbackMs * (1 + jitter);
    return afterDueMs > soonMs ? afterDueMs : Infinity;
  }
  if (!isPreferred || !isAlive) return Infinity;
  const halfwayMs = nextDueMs - gapMs / 2;
  return halfwayMs > soonMs ? Math.max(halfwayMs, nowMs + Math.min(minCycleMs, gapMs / 2)) : Infinity;
}
