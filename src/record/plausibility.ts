/**
 * Which times and leases of a record a replica believes: one wrong clock must not stop the task for long.
 *
 * @module
 */
import { type StatusRecord, TIME_FIELDS } from "./status_record.ts";

/** The settings that count here. */
export interface PlausibilityRules {
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly leaseMs: number;
  readonly clockToleranceMs: number;
}

/** Stores that cut their time cut it to whole seconds, as HTTP servers do. */
export const COARSE_MS = 1_000;

/** A lease may always be a day long. */
const DAY_MS = 86_400_000;

/**
 * Returns whether a time cannot be right: it could not be parsed, or was further in the future than clocks may be apart when the
 * record was first seen.
 *
 * Two seconds are always allowed: where a store tells whole seconds, writer and reader may each be one off.
 */
export function isImplausible(ms: number, firstSeenMs: number, { clockToleranceMs }: PlausibilityRules): boolean {
  return !(ms <= firstSeenMs + Math.max(clockToleranceMs, 2 * COARSE_MS));
}

/** Returns the longest lease that is believed. A deploy may have shortened leases, but no record may block the task for good. */
export function longestLeaseMs({ intervalMs, timeoutMs, leaseMs }: PlausibilityRules): number {
  return Math.max(DAY_MS, 10 * Math.max(intervalMs, timeoutMs, leaseMs));
}

/** Returns a warning for each time or lease of a record that is implausible. */
export function implausibilities(record: StatusRecord, firstSeenMs: number, rules: PlausibilityRules): string[] {
  const warnings: string[] = [];
  const fields = TIME_FIELDS.filter((field) => {
    const ms = record[`${field}Ms`];
    return ms !== undefined && isImplausible(ms, firstSeenMs, rules);
  });
  if (fields.length > 0) {
    warnings.push(`implausible times in the record, which counts as written now: ${fields.join(", ")}`);
  }
  const longestMs = longestLeaseMs(rules);
  if (record.leaseMs !== undefined && record.leaseMs > longestMs) {
    warnings.push(`the lease of ${record.leaseMs} ms in the record is too long and counts as ${longestMs} ms`);
  }
  return warnings;
}
