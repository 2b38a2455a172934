/**
 * The settings of the schedulers in a world, drawn by chance.
 *
 * @module
 */
import type { Chance } from "./chance.ts";
import type { WorldKind } from "./world_kind.ts";

/** The lengths of time that a scheduler is told, all of them explicit. */
export interface Lengths {
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly minCycleMs: number;
  readonly maxCycleMs: number;
  readonly retryDelayMs: number;
  readonly clockToleranceMs: number;
  /** Absent where runs have no heartbeat. */
  readonly heartbeatIntervalMs: number | undefined;
  readonly leaseMs: number;
  readonly maxAbandoned: number;
}

/** How much longer than its lease a run is taken to be alive, as README states it: what a pause may take at the most. */
export function marginMs(leaseMs: number, clockToleranceMs: number): number {
  return Math.min(leaseMs / 10, clockToleranceMs, 1_000);
}

/** How long the others leave the first in line its turn, at the most. */
export function patienceMs({ leaseMs, intervalMs }: Lengths, longestRunMs: number): number {
  return 2 * Math.min(leaseMs, intervalMs / 4, 30_000 + longestRunMs);
}

/** Draws settings; after a deploy some of them are as before. */
export function drawLengths(chance: Chance, kind: WorldKind, before?: Lengths): Lengths {
  const drawnIntervalMs = roundTo(chance.magnitude(4_000, 3_600_000), 1_000);
  const intervalMs = before ? roundTo(before.intervalMs * chance.pick([1, 1, 0.5, 2]), 1_000) : drawnIntervalMs;
  const timeoutMs = roundTo(intervalMs * chance.magnitude(0.05, 1.5), 100);
  const beats = chance.whether(0.5) && kind !== "mixed";
  const heartbeatTimeoutMs = roundTo(Math.max(600, timeoutMs * chance.magnitude(0.08, 1)), 100);
  const heartbeatIntervalMs = Math.max(100, Math.round(heartbeatTimeoutMs / chance.between(2, 5)));
  const minCycleMs = chance.whether(0.5)
    ? Math.min(300_000, intervalMs / 2)
    : roundTo(intervalMs / chance.between(2, 10), 100);
  const retryDelayMs = chance.whether(0.5) ? timeoutMs : roundTo(intervalMs * chance.magnitude(0.05, 1), 100);
  const clockToleranceMs = chance.pick([5_000, 5_000, 1_000, 10_000]);
  return {
    intervalMs,
    timeoutMs,
    minCycleMs,
    maxCycleMs: chance.pick([10_800_000, 10_800_000, intervalMs]),
    retryDelayMs,
    clockToleranceMs: Math.min(before?.clockToleranceMs ?? clockToleranceMs, intervalMs / 2),
    heartbeatIntervalMs: beats ? heartbeatIntervalMs : undefined,
    leaseMs: beats ? heartbeatTimeoutMs : timeoutMs,
    maxAbandoned: chance.pick([3, 3, 1, 0]),
  };
}

function roundTo(ms: number, unitMs: number): number {
  return Math.max(unitMs, Math.round(ms / unitMs) * unitMs);
}
