/**
 * The records that checks write.
 *
 * @module
 */
import { newId } from "../record/ids.ts";
import { NO_STANDBYS } from "../record/listed_standbys.ts";
import { RecentRuns } from "../record/recent_runs.ts";
import { serialiseRecord } from "../record/serialise.ts";
import { NO_OWNER } from "../record/status_record.ts";

/** A text that differs from all others. */
export function newRecord(description: string): string {
  return `${description} ${newId()}`;
}

/** A record of a scheduler. Two records of the same term differ only by their `write` id. */
export function statusRecord(term: number, write: string): Uint8Array {
  return serialiseRecord({
    state: "finished",
    startedMs: 0,
    owner: NO_OWNER,
    term,
    write,
    failures: 0,
    standbys: NO_STANDBYS,
    recent: RecentRuns.NONE,
  });
}
