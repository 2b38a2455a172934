/**
 * The times that follow from a record: when the next run is due, and from when to when a replica may claim it.
 *
 * All functions are pure, as those of decision.ts.
 *
 * @module
 */
import { isImplausible, longestLeaseMs } from "../record/plausibility.ts";
import { NO_OWNER, type StatusRecord } from "../record/status_record.ts";
import type { DecisionInput, DecisionRules } from "./decision.ts";
import { nextDueTime } from "./next_due_time.ts";

/** The longest fallback delay in milliseconds, without the length of the last run. */
const MAX_FALLBACK_MS = 30_000;

/** The longest pause of a holder for which a lease has a margin, in milliseconds. */
const MAX_PAUSE_MS = 1_000;

/** The times that follow from a record. Infinity stands for never. */
export interface Timetable {
  /** The due time of the last run; `undefined` if there was none. */
  readonly lastDueMs: number | undefined;
  /** The due time after that of the last run. */
  readonly nextDueMs: number;
  /** The due time for which a run counts that is claimed now. */
  readonly scheduledMs: number;
  /** The due time after that. */
  readonly followingMs: number;
  /** The due time after the next one. */
  readonly laterMs: number;
  /** The time at which a run was due that was given up, as it could not start within the start deadline. */
  readonly missedMs: number | undefined;
  /** The time from which a run may be claimed: a due time, a request, or the end of the retry delay or lease. */
  readonly dueMs: number;
  /** The time from which this replica may claim the run. Standbys wait for the fallback delay first. */
  readonly openMs: number;
  /** The time until which the run may be claimed. */
  readonly startByMs: number;
  /** The fallback delay. */
  readonly fallbackMs: number;
  /** The time between the two due times around the present. */
  readonly gapMs: number;
  /** Whether there is a preferred replica, and this is another one. */
  readonly isStandby: boolean;
  /** Whether a run holds the record, and its lease is not over. */
  readonly isLeased: boolean;
}

/** Returns the times that follow from a record. */
export function timetableOf(record: StatusRecord, input: DecisionInput, rules: DecisionRules): Timetable {
  const { nowMs } = input;
  const { dueTimes } = rules;
  const times = pastTimes(record, input, rules);
  const nextDueMs = nextDueTime(record, times.lastDueMs, input, rules);
  const isPassed = nextDueMs <= nowMs;
  const latestMs = isPassed ? dueTimes.latest(nextDueMs, nowMs) : nextDueMs;
  const afterMs = latestMs === Infinity ? Infinity : dueTimes.after(latestMs);
  const gapAfterMs = latestMs === Infinity ? Infinity : afterMs - latestMs;
  const opening = openingOf(record, times, { nextDueMs, latestMs, afterMs }, input, rules);
  const isStandby = hasPreferred(record) && !input.isPreferred;
  const fallbackMs = Math.min(
    rules.leaseMs,
    MAX_FALLBACK_MS + record.recent.lastLengthMs,
    gapAfterMs / 4,
    rules.startDeadlineMs / 4,
  );
  return {
    lastDueMs: times.lastDueMs,
    nextDueMs,
    scheduledMs: isPassed ? latestMs : unchangedDueTime(times.lastDueMs, nextDueMs, nowMs, rules),
    followingMs: isPassed ? afterMs : nextDueMs,
    laterMs: afterMs,
    ...opening,
    openMs: isStandby ? opening.dueMs + fallbackMs : opening.dueMs,
    fallbackMs,
    gapMs: isPassed ? gapAfterMs : nextDueMs - (times.lastDueMs ?? nowMs),
    isStandby,
  };
}

/** Returns whether a replica ran last that is preferred. Records of Dart's `neat_periodic_task` have no term, and released ones no owner. */
function hasPreferred({ state, owner, term }: StatusRecord): boolean {
  return (state === "finished" || state === "failed") && term > 0 && owner !== NO_OWNER;
}

/** The times of a record, each replaced if it is absent or implausible. */
interface PastTimes {
  readonly startedMs: number;
  /** The last heartbeat, or the start if there is none. */
  readonly renewedMs: number;
  readonly requestedMs: number;
  readonly lastDueMs: number | undefined;
}

function pastTimes(record: StatusRecord, input: DecisionInput, rules: DecisionRules): PastTimes {
  // without a store clock, the wall clock may have been set back since then
  const seenMs = Math.min(input.firstSeenMs, input.hasStoreClock ? Infinity : input.nowMs - input.seenForMs);
  const plausible = (ms: number | undefined, otherwiseMs: number): number =>
    ms === undefined || isImplausible(ms, seenMs, rules) ? otherwiseMs : ms;
  const startedMs = plausible(record.startedMs, seenMs);
  return {
    startedMs,
    renewedMs: plausible(record.heartbeatMs ?? record.startedMs, seenMs),
    requestedMs: requestTimeMs(record, seenMs),
    lastDueMs: record.state === "idle" ? undefined : plausible(record.scheduledMs, startedMs),
  };
}

/** Returns the time from which a requested run is due, or Infinity. A request is due now, also if a fast clock has dated it ahead. */
function requestTimeMs({ requestedMs = Infinity }: StatusRecord, seenMs: number): number {
  return Number.isFinite(requestedMs) ? Math.min(requestedMs, seenMs) : Infinity;
}

/** Returns the due time for which a run counts that starts before it is due, so that the next due time stays the same. */
function unchangedDueTime(
  lastDueMs: number | undefined,
  nextDueMs: number,
  nowMs: number,
  { dueTimes }: DecisionRules,
): number {
  if (lastDueMs !== undefined) return lastDueMs;
  return dueTimes.areRelative ? nextDueMs - (dueTimes.after(nextDueMs) - nextDueMs) : nowMs;
}

/** From when to when a run may be claimed. */
type Opening = Pick<Timetable, "dueMs" | "startByMs" | "missedMs" | "isLeased">;

/** The due times around the present. */
interface DueTimesAround {
  readonly nextDueMs: number;
  /** The latest due time that has passed, or else the next one. */
  readonly latestMs: number;
  /** The due time after that. */
  readonly afterMs: number;
}

function openingOf(
  record: StatusRecord,
  times: PastTimes,
  around: DueTimesAround,
  input: DecisionInput,
  rules: DecisionRules,
): Opening {
  const opening = openingWithoutRequest(record, times, around, input, rules);
  const isRequested = !opening.isLeased && times.requestedMs < opening.dueMs;
  return isRequested ? { ...opening, dueMs: times.requestedMs, startByMs: Infinity } : opening;
}

function openingWithoutRequest(
  record: StatusRecord,
  { startedMs, renewedMs }: PastTimes,
  { nextDueMs, latestMs, afterMs }: DueTimesAround,
  input: DecisionInput,
  rules: DecisionRules,
): Opening {
  const { nowMs } = input;
  const { startDeadlineMs } = rules;
  const repeatMs = repetitionMs(record, startedMs, renewedMs, input, rules);
  if (repeatMs !== undefined && nowMs <= repeatMs + startDeadlineMs) {
    const isLeased = record.state === "running" && nowMs < repeatMs;
    return { dueMs: repeatMs, startByMs: repeatMs + startDeadlineMs, missedMs: undefined, isLeased };
  }
  const startByMs = latestMs + startDeadlineMs;
  if (nowMs <= startByMs) return { dueMs: nextDueMs, startByMs, missedMs: repeatMs, isLeased: false };
  return { dueMs: afterMs, startByMs: afterMs + startDeadlineMs, missedMs: latestMs, isLeased: false };
}

/** Returns the time from which a run is repeated that has failed or whose lease ends; otherwise `undefined`. */
function repetitionMs(
  record: StatusRecord,
  startedMs: number,
  renewedMs: number,
  input: DecisionInput,
  rules: DecisionRules,
): number | undefined {
  if (record.state === "running") return leaseEndMs(record, renewedMs, input, rules);
  return record.state === "failed" ? startedMs + input.retryDelayMs : undefined;
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
