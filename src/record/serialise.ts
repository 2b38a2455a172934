/**
 * Serialises status records.
 *
 * @module
 */
import { formatTime } from "./record_time.ts";
import { FORMAT, mapTimes, type StatusRecord, VERSION } from "./status_record.ts";

/** The maximum number of characters of an error in a record. */
export const MAX_ERROR_LENGTH = 500;

/**
 * Matches control characters and lone surrogates. JSON writes each in up to six bytes. Control characters break log lines.
 */
export const UNPRINTABLE: RegExp = /[\p{Cc}\p{Cs}]/gu;

/** Returns the text of an error for a record: its first 500 characters, on one line. */
export function errorText(error: string): string {
  return error.slice(0, MAX_ERROR_LENGTH).replace(UNPRINTABLE, " ");
}

/**
 * Serialises a record as UTF-8 JSON of at most 4 KiB. The fields of Dart's `neat_periodic_task` come first.
 *
 * @param record The record. Its error is cut to 500 characters, without line breaks.
 */
export function serialiseRecord(record: StatusRecord): Uint8Array {
  const { state, startedMs, owner, term, leaseMs: lease, write, failures, error = "", recent } = record;
  const runs = recent.toArray();
  return new TextEncoder().encode(JSON.stringify({
    format: FORMAT,
    version: VERSION,
    state,
    started: formatTime(startedMs || 0),
    owner,
    ...mapTimes(record, formatTime),
    term,
    lease,
    write,
    failures: failures || undefined,
    error: errorText(error) || undefined,
    recent: runs.length > 0 ? runs : undefined,
  }));
}
