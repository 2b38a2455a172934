/**
 * Serialises status records.
 *
 * @module
 */
import { formatTime } from "./record_time.ts";
import { MAX_ERROR_LENGTH, printableText } from "./text.ts";
import { FORMAT, mapTimes, type StatusRecord, VERSION } from "./status_record.ts";

/** The maximum number of bytes of a record. */
export const MAX_BYTES = 4_096;

/** The maximum number of characters of an error in a record that would otherwise be too long. */
export const SHORT_ERROR_LENGTH = 80;

/**
 * Serialises a record as UTF-8 JSON of at most 4 KiB. The fields of Dart's `neat_periodic_task` come first.
 *
 * @param record The record. Its error is cut to 500 characters, or 80 if the record would be too long, without line breaks.
 */
export function serialiseRecord(record: StatusRecord): Uint8Array {
  const bytes = encode(record, MAX_ERROR_LENGTH);
  return bytes.length > MAX_BYTES ? encode(record, SHORT_ERROR_LENGTH) : bytes;
}

function encode(record: StatusRecord, maxErrorLength: number): Uint8Array {
  const { state, startedMs, owner, term, leaseMs: lease, write, failures, error = "", recent } = record;
  const { instance, requestedBy, pausedBy, pauseReason, preferred, standbys } = record;
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
    instance,
    requestedBy,
    pausedBy,
    pauseReason,
    preferred,
    standbys: standbys.length > 0 ? standbys : undefined,
    failures: failures || undefined,
    error: printableText(error, maxErrorLength) || undefined,
    recent: runs.length > 0 ? runs : undefined,
  }));
}
