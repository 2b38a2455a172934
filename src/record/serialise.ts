/**
 * Serialises status records.
 *
 * @module
 */
import { formatTime } from "./record_time.ts";
import { FORMAT, mapTimes, type StatusRecord, VERSION } from "./status_record.ts";

/** A record keeps no more characters of an error. */
export const MAX_ERROR_LENGTH = 500;

/** Control characters and lone surrogates, which JSON writes in six bytes each; control characters also break log lines. */
export const UNPRINTABLE: RegExp = /[\p{Cc}\p{Cs}]/gu;

/** Returns the text of an error as a record keeps it: its first 500 characters, on one line. */
export function errorText(error: string): string {
  return error.slice(0, MAX_ERROR_LENGTH).replace(UNPRINTABLE, " ");
}

/**
 * Serialises a record as UTF-8 JSON: the original's fields as the original writes them, then ours. At most 4 KiB.
 *
 * @param record The record. Of its error, the first 500 characters are kept, without line breaks.
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
