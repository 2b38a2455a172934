/**
 * Whether a run may be in progress, by its lease.
 *
 * @module
 */
import type { StatusRecord } from "../record/status_record.ts";

/** The longest pause of a holder for which a lease has a margin, in milliseconds. As in decisions. */
const MAX_PAUSE_MS = 1_000;

/** The present and the settings that a lease is judged by. */
export interface LeaseRules {
  /** The earliest possible present, in store time if the store has a clock. */
  readonly nowMs: number;
  readonly hasStoreClock: boolean;
  readonly clockToleranceMs: number;
  /** The lease of a run of Dart's `neat_periodic_task`. */
  readonly dartTimeoutMs: number | undefined;
}

/** The lease of a record. */
export type Lease =
  | { readonly kind: "over" }
  /** The run may be in progress until a time, in store time. */
  | { readonly kind: "living"; readonly untilMs: number }
  /** The run may be in progress, as the record has no lease and the setting for it is absent. */
  | { readonly kind: "unknown" };

/** Returns the lease of a record. A time that is not plausible counts as the present. */
export function leaseOf(record: StatusRecord, rules: LeaseRules): Lease {
  const { nowMs, hasStoreClock, clockToleranceMs, dartTimeoutMs } = rules;
  if (record.state !== "running") return { kind: "over" };
  const leaseMs = record.leaseMs ?? dartTimeoutMs;
  if (leaseMs === undefined) return { kind: "unknown" };
  const renewedMs = record.heartbeatMs ?? record.startedMs ?? NaN;
  const isPlausible = renewedMs <= nowMs + clockToleranceMs;
  // the clock of the holder may be slower, and the holder may be paused before it stops
  const marginMs = Math.min(leaseMs / 10, clockToleranceMs, MAX_PAUSE_MS) + (hasStoreClock ? 0 : clockToleranceMs);
  const untilMs = Math.ceil((isPlausible ? renewedMs : nowMs) + leaseMs + marginMs);
  return nowMs >= untilMs ? { kind: "over" } : { kind: "living", untilMs };
}

/** Whether a replica of Dart's `neat_periodic_task` has claimed the run. It cannot record its outcome after a change. */
export function isDartRun({ state, leaseMs }: StatusRecord): boolean {
  return state === "running" && leaseMs === undefined;
}
