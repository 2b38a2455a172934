/**
 * The checks by which standbys see a claim or a heartbeat soon, where the store has no clock.
 *
 * Without a store clock, a lease ends when a replica has seen the same version for the whole lease, or else by the wall clocks
 * with their tolerance, which may be as long as the lease. So a standby that sees each version soon takes over sooner.
 *
 * @module
 */
import type { StatusRecord } from "../record/status_record.ts";
import type { DecisionInput, DecisionRules } from "./decision.ts";
import type { Timetable } from "./timetable.ts";

/** With a lease of more than this number of tolerances, there are no early checks, as they would save a small part of it. */
const MAX_TOLERANCES = 4;

/** The same for the checks during a run with heartbeats, of which there are several. */
const MAX_RENEWED_TOLERANCES = 2;

/** The shortest time between two of these, in milliseconds. */
const MIN_DELAY_MS = 1_000;

/**
 * Returns the time of an additional check, or Infinity if there is none.
 *
 * Before a run is due, it is early in the run. During a run with heartbeats, it is about half a lease after a version was first
 * seen, so that one of the replicas sees the next heartbeat soon.
 */
export function leaseCheckMs(
  { heartbeatMs }: StatusRecord,
  { dueMs, fallbackMs, isStandby, isLeased }: Timetable,
  { nowMs, seenForMs, hasStoreClock, jitter }: DecisionInput,
  { leaseMs, timeoutMs, clockToleranceMs }: DecisionRules,
): number {
  if (hasStoreClock || leaseMs > (isLeased ? MAX_RENEWED_TOLERANCES : MAX_TOLERANCES) * clockToleranceMs) {
    return Infinity;
  }
  if (isLeased) {
    // a claim has no heartbeat yet
    const isRenewed = heartbeatMs !== undefined || leaseMs !== timeoutMs;
    const delayMs = Math.max(leaseMs * (1 + jitter) / 3, MIN_DELAY_MS);
    return isRenewed && seenForMs < leaseMs / 4 ? nowMs - seenForMs + delayMs : Infinity;
  }
  const isAhead = isStandby && nowMs < dueMs;
  return isAhead ? dueMs + Math.min(fallbackMs, leaseMs / 4, clockToleranceMs / 4) * (1 + jitter) : Infinity;
}
