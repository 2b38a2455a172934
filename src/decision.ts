/**
 * When to run: a pure function from what is known of the record to what to do next.
 *
 * Nothing here reads a clock, a store or chance: a {@linkcode Sight} holds all that counts.
 *
 * @module
 */
import { COARSE_MS, LONG_LEASE_MS, MAX_PATIENCE_MS, MAX_PAUSE_MS, MAX_SPREAD_MS, MAX_TERM } from "./limits.ts";
import { lastLengthMs } from "./recent_runs.ts";
import type { Settings } from "./settings.ts";
import { type FoundRecord, NO_OWNER, type Status } from "./status.ts";

/** What a replica knows of the record at one moment. Times are in store time where the store has a clock. */
export interface Sight {
  readonly record: FoundRecord;
  /** The highest term that this replica has seen, in this record or an earlier one. */
  readonly term: number;
  /** The present, and never later than it really is. */
  readonly nowMs: number;
  /** Whether the store has told its time. */
  readonly storeClock: boolean;
  /** When this replica first saw this version of the record. */
  readonly firstSeenMs: number;
  /** For how long it has seen this version, on its monotonic clock. */
  readonly seenForMs: number;
  /** Whether this replica ran last, and so is first in line. */
  readonly first: boolean;
  /** How long after its start a failed run is repeated. */
  readonly retryDelayMs: number;
  /** Whether a run was asked for by `trigger()`. */
  readonly triggered: boolean;
  /** From 0 up to, but not including, 1. */
  readonly jitter: number;
}

/** To run now. */
export interface RunDecision {
  readonly run: true;
  /** The due time that the run is for. */
  readonly scheduledMs: number;
  /** The record before it; absent where there is none. */
  readonly base: Status | undefined;
}

/** To look again later. */
export interface WaitDecision {
  readonly run: false;
  readonly because: "not due" | "first in line" | "retry later" | "running" | "newer" | "foreign" | "last term";
  /** When to look again. */
  readonly untilMs: number;
  /** When a run may be begun by what is known now. */
  readonly dueMs: number;
  /** Whether the last run finished and the next one isn't due. */
  readonly alive: boolean;
}

/** What to do next. */
export type Decision = RunDecision | WaitDecision;

type Rules = Pick<
  Settings,
  "intervalMs" | "timeoutMs" | "leaseMs" | "minCycleMs" | "maxCycleMs" | "clockToleranceMs"
>;

/**
 * Decides what to do about a record.
 *
 * @param sight What is known of it.
 * @param rules The settings that count here.
 * @returns To run now, or to wait until a time; in both cases why.
 */
export function decide(sight: Sight, rules: Rules): Decision {
  const { record, nowMs } = sight;
  const obstacle = record?.kind ?? (sight.term >= MAX_TERM ? "last term" : undefined);
  if (obstacle) {
    const untilMs = nowMs + rules.intervalMs;
    return { run: false, because: obstacle, untilMs, dueMs: untilMs, alive: false };
  }
  if (record && !record.kind && record.state !== "idle") return decideNext(record, sight, rules);
  return { run: true, scheduledMs: nowMs, base: record?.kind ? undefined : record };
}

/** Someone holds the record: wait until its lease is over. Or the last run is over: wait for the next one's due time. */
function decideNext(base: Status, sight: Sight, rules: Rules): Decision {
  const { nowMs, first, jitter, triggered } = sight;
  const { intervalMs, maxCycleMs } = rules;
  const { state, requestedMs = -Infinity } = base;
  const isRunning = state === "running";
  const isFailed = state === "failed";
  // without a store's clock by the monotonic one, as the wall clock may have been set back since
  const seenMs = Math.min(sight.firstSeenMs, sight.storeClock ? Infinity : nowMs - sight.seenForMs);
  // a time that can't be right is never believed
  const trusted = (ms: number | undefined, otherwiseMs: number): number =>
    ms === undefined || isOdd(ms, seenMs, rules) ? otherwiseMs : ms;
  const startedMs = trusted(base.startedMs, seenMs);
  const slotMs = trusted(base.scheduledMs, startedMs) + intervalMs;
  const signMs = trusted(base.heartbeatMs ?? base.startedMs, seenMs);
  const endMs = isRunning ? leaseEndMs(base, signMs, sight, rules) : isFailed ? startedMs + sight.retryDelayMs : slotMs;
  const isAsked = !isRunning && requestedMs > startedMs && requestedMs < endMs;
  const dueMs = isAsked ? requestedMs : endMs;
  // the others look later than the first in line: when it will mostly have begun, and often be done
  const patienceMs = Math.min(rules.leaseMs, MAX_PATIENCE_MS + lastLengthMs(base.recent), intervalMs / 4);
  // nobody is first in line in records of the original, and in those that were given back
  const isLine = !isRunning && !first && base.write && base.owner !== NO_OWNER;
  const openMs = isLine ? dueMs + patienceMs : dueMs;
  if (nowMs >= openMs || (triggered && !isRunning)) {
    // for the latest due time that has passed
    const slots = Math.max(-1, Math.floor((nowMs - slotMs) / intervalMs));
    return { run: true, scheduledMs: slotMs + slots * intervalMs, base };
  }
  const reason = nowMs >= dueMs ? "first in line" : isRunning ? "running" : isFailed ? "retry later" : "not due";
  // those who would all look at the same time look one after the other
  const nearMs = Math.min(MAX_SPREAD_MS, intervalMs / 20);
  const spreadMs = isLine ? patienceMs : isRunning || !first ? nearMs : 0;
  const alive = state === "finished" && nowMs < slotMs;
  // in between: whether the record was given back, or, halfway between two due times, to log ALIVE
  const betweenMs = isRunning ? slotMs + patienceMs * (1 + jitter) : slotMs - intervalMs / 2;
  // a look just before it would count for it, as where stores tell whole seconds
  const isBetween = betweenMs > nowMs + nearMs && (isRunning || (first && alive));
  const lookMs = isRunning ? betweenMs : Math.max(betweenMs, nowMs + rules.minCycleMs);
  return {
    run: false,
    because: reason,
    untilMs: Math.min(isBetween ? lookMs : Infinity, openMs + jitter * spreadMs, nowMs + maxCycleMs),
    dueMs,
    alive,
  };
}

/** Until when the run that holds the record, and gave its last sign of life at a time, may be going on. */
function leaseEndMs(status: Status, signMs: number, { storeClock, nowMs, seenForMs }: Sight, rules: Rules): number {
  const { clockToleranceMs } = rules;
  const ownMs = status.heartbeatMs === undefined ? rules.timeoutMs : rules.leaseMs;
  const leaseMs = Math.min(status.leaseMs ?? ownMs, longestLeaseMs(rules));
  // the holder's clock may run a little slower than ours, and it may pause just before it would stop
  const marginMs = Math.min(leaseMs / 10, clockToleranceMs, MAX_PAUSE_MS);
  if (storeClock) return signMs + leaseMs + marginMs;
  // without a common clock, having watched for the whole lease counts as much as having waited for its end by our own
  return leaseMs + Math.min(signMs + clockToleranceMs, nowMs + marginMs - seenForMs);
}

/** The longest lease that is believed: a deploy may have shortened it, but nobody may block the task for good. */
export function longestLeaseMs(
  { intervalMs, timeoutMs, leaseMs }: Pick<Rules, "intervalMs" | "timeoutMs" | "leaseMs">,
): number {
  return Math.max(LONG_LEASE_MS, 10 * Math.max(intervalMs, timeoutMs, leaseMs));
}

/**
 * Whether a time can't be right: it can't be read, or lay further in the future than clocks may be apart when it was first seen.
 * They may always be by two seconds: whoever dates a record and whoever reads it may each be one off, if the store tells no less.
 */
export function isOdd(ms: number | undefined, seenMs: number, rules: Pick<Rules, "clockToleranceMs">): boolean {
  return ms !== undefined && !(ms <= seenMs + Math.max(rules.clockToleranceMs, 2 * COARSE_MS));
}
