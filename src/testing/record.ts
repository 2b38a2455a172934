/**
 * Records that checks write, each different from all others.
 *
 * @module
 */
import { newId } from "../record/ids.ts";
import { RecentRuns } from "../record/recent_runs.ts";
import { NO_OWNER, serialiseStatus } from "../record/status_record.ts";

/** The bytes of a text. */
export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** A text with an id in it, so that no two records are the same. */
export function newRecord(what: string): string {
  return `${what} ${newId()}`;
}

/** A record as a scheduler would write it, that differs from others of the same term by its `write` id alone. */
export function statusRecord(term: number, write: string): Uint8Array {
  return serialiseStatus({
    state: "finished",
    startedMs: 0,
    owner: NO_OWNER,
    term,
    write,
    failures: 0,
    recent: RecentRuns.NONE,
  });
}
