/**
 * Checks whether the times and the lease of a record are plausible, so that one wrong clock does not stop the task for long.
 *
 * @module
 */
import { PAST_TIME_FIELDS, type StatusRecord } from "./status_record.ts";

/** The settings that plausibility depends on. */
export interface PlausibilityRules {
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly leaseMs: number;
  readonly clockToleranceMs: number;
}

/** The resolution of stores whose clock only shows whole seconds, such as HTTP servers, in milliseconds. */
export const COARSE_MS = 1_000;

/** A lease of a day is plausible with all settings. */
const DAY_MS = 86_400_000;

/**
 * Returns whether a time in a record is wrong: it could not be parsed, or it was too far in the future when the record was
 * first seen.
 *
 * Two seconds are always allowed. If the store's clock only shows whole seconds, the times of the writer and of the reader
 * may each be wrong by one second.
 */
export function isImplausible(ms: number, firstSeenMs: number, { clockToleranceMs }: PlausibilityRules): boolean {
  return !(ms <= firstSeenMs + Math.max(clockToleranceMs, 2 * COARSE_MS));
}

/**
 * Returns the longest plausible lease. It is longer than that of the settings, as a deployment may have shortened the lease.
 * It is limited, so that no record blocks the task forever.
 */
export function longestLeaseMs({ intervalMs, timeoutMs, leaseMs }: PlausibilityRules): number {
  return Math.max(DAY_MS, 10 * Math.max(intervalMs, timeoutMs, leaseMs));
}

/** Returns a warning for the implausible times of a record, and one for its implausible lease. */
export function implausibilities(record: StatusRecord, firstSeenMs: number, rules: PlausibilityRules): string[] {
  const warnings: string[] = [];
  const isRequestUnreadable = Number.isNaN(record.requestedMs);
  const fields = PAST_TIME_FIELDS.filter((field) => {
    const ms = record[`${field}Ms`];
    if (field === "requested" && isRequestUnreadable) return false;
    return ms !== undefined && isImplausible(ms, firstSeenMs, rules);
  });
  if (fields.length > 0) {
    warnings.push(`implausible times in the record, which counts as written now: ${fields.join(", ")}`);
  }
  if (isRequestUnreadable) warnings.push("the request in the record has no readable time and is ignored");
  const longestMs = longestLeaseMs(rules);
  if (record.leaseMs !== undefined && record.leaseMs > longestMs) {
    warnings.push(`the lease of ${record.leaseMs} ms in the record is too long and counts as ${longestMs} ms`);
  }
  return warnings;
}
