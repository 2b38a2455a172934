/**
 * The due times that follow from a record, reckoned independently of the package's own decisions.
 *
 * @module
 */
import { type CheckContext, hasStoreTime, storeTimeAt } from "./check_context.ts";
import { jitterDelayMs, scheduledAfterMs } from "./due_time_settings.ts";
import type { ObservedScheduler } from "./observations.ts";
import type { RecordView } from "./record_view.ts";
import type { SchedulerSettings } from "./scheduler_settings.ts";

/** A time in the time that a scheduler reckons in, as far as it is known. */
export interface TimeRange {
  readonly earliestMs: number;
  readonly latestMs: number;
}

/** The number of due times around the first read that are followed. */
const MAX_CHANGES = 100;

/** The store's clock may show whole seconds. */
const COARSE_MS = 1_000;

/** The due time of the last run of a record; absent if there was none. */
export function lastDueMs({ kind, state, startedMs, scheduledMs }: RecordView): number | undefined {
  return kind !== "status" || state === "idle" ? undefined : scheduledMs ?? startedMs;
}

/**
 * The due time after that of the last run, for a scheduler.
 *
 * A due time at an interval follows from the last one. Those of a schedule are fixed: the scheduler's own count from its first
 * read on, and the one in the record as long as it stands for an own one that was missed.
 */
export function nextDueRange(context: CheckContext, scheduler: ObservedScheduler, record: RecordView): TimeRange {
  const { settings } = scheduler;
  const { schedule, intervalMs } = settings;
  const lastMs = lastDueMs(record);
  if (!schedule && lastMs !== undefined) return { earliestMs: lastMs + intervalMs, latestMs: lastMs + intervalMs };
  if (lastMs === undefined && firstDelayMs(settings) === 0) return { earliestMs: -Infinity, latestMs: -Infinity };
  const { dueMs = -Infinity } = record;
  const since = sinceRange(context, scheduler);
  const dues = momentsIn(since, settings, dueMs).map((sinceMs) => nextDueMs(settings, { lastMs, dueMs, sinceMs }));
  return { earliestMs: Math.min(...dues), latestMs: Math.max(...dues) };
}

/** The moments of a range at which the answer may change: its ends, and around each due time in between. */
function momentsIn({ earliestMs, latestMs }: TimeRange, settings: SchedulerSettings, recordedMs: number): number[] {
  const changes = [recordedMs];
  let dueMs = scheduledAfterMs(settings, earliestMs);
  while (dueMs <= latestMs && changes.length <= MAX_CHANGES) {
    changes.push(dueMs);
    dueMs = scheduledAfterMs(settings, dueMs);
  }
  const moments = changes.flatMap((ms) => [ms - 1, ms]).filter((ms) => ms > earliestMs && ms < latestMs);
  return [earliestMs, latestMs, ...moments];
}

/** The due times that the next one follows from. */
interface KnownDueTimes {
  /** That of the last run. */
  readonly lastMs: number | undefined;
  /** The one in the record, or -Infinity. */
  readonly dueMs: number;
  /** The time of the first read. */
  readonly sinceMs: number;
}

function nextDueMs(settings: SchedulerSettings, { lastMs, dueMs, sinceMs }: KnownDueTimes): number {
  const ownMs = ownDueMs(settings, lastMs, sinceMs);
  const isBetween = dueMs > (lastMs ?? -Infinity) && dueMs < ownMs;
  if (!isBetween) return ownMs;
  if (lastMs === undefined && firstDelayMs(settings) < Infinity) return dueMs;
  const isDueIn = (afterMs: number, untilMs: number): boolean => scheduledAfterMs(settings, afterMs) <= untilMs;
  const mirroredMs = dueMs - (ownMs - dueMs);
  const standsForMissed = isDueIn(Math.max(mirroredMs, lastMs ?? -Infinity), dueMs);
  const wasMissed = dueMs <= sinceMs && (isDueIn(dueMs, sinceMs) || mirroredMs < (lastMs ?? -Infinity));
  return standsForMissed || wasMissed ? dueMs : ownMs;
}

/** The latest due time up to a moment that follows from another one: that one, if there is none in between. */
export function latestDueMs({ intervalMs, ...settings }: SchedulerSettings, dueMs: number, nowMs: number): number {
  if (!settings.schedule) return dueMs + Math.max(0, Math.floor((nowMs - dueMs) / intervalMs)) * intervalMs;
  let latestMs = dueMs;
  for (;;) {
    const nextMs = scheduledAfterMs({ ...settings, intervalMs }, latestMs);
    if (nextMs > nowMs) return latestMs;
    latestMs = nextMs;
  }
}

/** The due time after another one. */
export function dueAfterMs(settings: SchedulerSettings, dueMs: number): number {
  return settings.schedule ? scheduledAfterMs(settings, dueMs) : dueMs + settings.intervalMs;
}

/** When a scheduler has read the record for the first time, in the time that it reckons in. */
export function sinceRange(context: CheckContext, { firstRead }: ObservedScheduler): TimeRange {
  if (!firstRead) return { earliestMs: -Infinity, latestMs: Infinity };
  const { sentMs, answeredMs, wallMs } = firstRead;
  if (!hasStoreTime(context)) return { earliestMs: Math.floor(wallMs), latestMs: Math.floor(wallMs) };
  const [earliestMs, latestMs] = [sentMs, answeredMs].map((atMs) => storeTimeAt(context, atMs) ?? NaN);
  return { earliestMs: (earliestMs ?? NaN) - COARSE_MS, latestMs: latestMs ?? NaN };
}

/** How long after the first read the first run is due, if it does not follow from a schedule; 0 if it is due at once. */
function firstDelayMs(settings: SchedulerSettings): number {
  if (settings.firstRun === "immediately") return jitterDelayMs(settings);
  return settings.schedule ? Infinity : settings.intervalMs + jitterDelayMs(settings);
}

function ownDueMs(settings: SchedulerSettings, lastMs: number | undefined, sinceMs: number): number {
  const delayMs = firstDelayMs(settings);
  if (lastMs === undefined && delayMs < Infinity) return sinceMs + delayMs;
  // a run counts for the due times that are not later than its own without their jitter
  const countsUntilMs = lastMs === undefined ? -Infinity : lastMs + jitterDelayMs(settings);
  return scheduledAfterMs(settings, Math.max(countsUntilMs, sinceMs));
}
