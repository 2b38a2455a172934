/**
 * The settings of the schedulers in a simulation.
 *
 * @module
 */
import { type DueTimeSettings, PLAIN_DUE_TIMES } from "./due_time_settings.ts";
import type { RandomStream } from "./random_stream.ts";
import type { SimulationKind } from "./simulation_kind.ts";

/** The settings of a scheduler, none of them left to a default. */
export interface SchedulerSettings extends DueTimeSettings {
  readonly timeoutMs: number;
  readonly minCycleMs: number;
  readonly maxCycleMs: number;
  readonly retryDelayMs: number;
  readonly clockToleranceMs: number;
  /** Absent if runs have no heartbeat. */
  readonly heartbeatIntervalMs: number | undefined;
  /** The heartbeat's timeout, or else that of the task. */
  readonly leaseMs: number;
  readonly maxAbandoned: number;
}

/** How long after the end of a lease its run is still taken to be active: the longest pause that the promises allow for. */
export function marginMs(leaseMs: number, clockToleranceMs: number): number {
  return Math.min(leaseMs / 10, clockToleranceMs, 1_000);
}

/** The longest delay after a due time with which standbys check the record. */
export function maxFallbackDelayMs({ leaseMs, intervalMs, schedule }: SchedulerSettings, lastRunMs: number): number {
  return 2 * Math.min(leaseMs, (schedule?.longestGapMs ?? intervalMs) / 4, 30_000 + lastRunMs);
}

/**
 * Draws settings. Their due times follow from the interval.
 *
 * @param random The stream to draw from.
 * @param kind The kind of the simulation.
 * @param before The settings before a deploy, some of which stay.
 */
export function drawSettings(
  random: RandomStream,
  kind: SimulationKind,
  before?: SchedulerSettings,
): SchedulerSettings {
  const drawnIntervalMs = roundTo(random.magnitude(4_000, 3_600_000), 1_000);
  const intervalMs = before ? roundTo(before.intervalMs * random.pick([1, 1, 0.5, 2]), 1_000) : drawnIntervalMs;
  const timeoutMs = roundTo(intervalMs * random.magnitude(0.05, 1.5), 100);
  // the original knows no heartbeat
  const hasHeartbeat = random.chance(0.5) && kind !== "mixed";
  const heartbeatTimeoutMs = roundTo(Math.max(600, timeoutMs * random.magnitude(0.08, 1)), 100);
  const heartbeatIntervalMs = Math.max(100, Math.round(heartbeatTimeoutMs / random.between(2, 5)));
  const minCycleMs = random.chance(0.5)
    ? Math.min(300_000, intervalMs / 2)
    : roundTo(intervalMs / random.between(2, 10), 100);
  const retryDelayMs = random.chance(0.5) ? timeoutMs : roundTo(intervalMs * random.magnitude(0.05, 1), 100);
  const clockToleranceMs = random.pick([5_000, 5_000, 1_000, 10_000]);
  return {
    ...PLAIN_DUE_TIMES,
    intervalMs,
    timeoutMs,
    minCycleMs,
    maxCycleMs: random.pick([10_800_000, 10_800_000, intervalMs]),
    retryDelayMs,
    clockToleranceMs: Math.min(before?.clockToleranceMs ?? clockToleranceMs, intervalMs / 2),
    heartbeatIntervalMs: hasHeartbeat ? heartbeatIntervalMs : undefined,
    leaseMs: hasHeartbeat ? heartbeatTimeoutMs : timeoutMs,
    maxAbandoned: random.pick([3, 3, 1, 0]),
  };
}

/** Rounds to a multiple of a unit, but not to zero. */
function roundTo(ms: number, unitMs: number): number {
  return Math.max(unitMs, Math.round(ms / unitMs) * unitMs);
}
