/**
 * Which standbys check a due time.
 *
 * Few replicas check each due time. With many, the record lists some of them, which take turns. Then the number of checks does not
 * grow with the number of replicas. All functions are pure, as those of decision.ts.
 *
 * @module
 */
import { type ListedStandby, MAX_STANDBYS, newStandby } from "../record/listed_standbys.ts";
import type { StatusRecord } from "../record/status_record.ts";

/** When a replica checks the record, beside the preferred one. */
export type Duty =
  /** After each due time. */
  | "each-due-time"
  /** After each second due time, and not after the next one. */
  | "not-the-next"
  /** After the length of `maxCycle` only. */
  | "rarely";

/** A listed standby checks one of this number of due times. */
const TURNS = 2;

/** A standby that finds a free place takes it with this probability, as other ones may find it too. */
const TAKES_PLACE = 1 / 8;

/** Whether a place of the list is free. */
function isFree({ standbys }: StatusRecord): boolean {
  return standbys.length < MAX_STANDBYS;
}

/** Whether it is the turn of a listed standby: for the next due time, or still for that of the run in progress. */
function hasTurn({ state, term }: StatusRecord, index: number): boolean {
  return ((state === "running" ? term - 1 : term) + index) % TURNS === 0;
}

/**
 * Returns when a replica checks the record.
 *
 * @param record The record.
 * @param standbyId The id of the replica in the list; `undefined` if it has none.
 */
export function dutyOf(record: StatusRecord, standbyId: string | undefined): Duty {
  if (isFree(record)) return "each-due-time";
  const index = record.standbys.findIndex(({ id }) => id === standbyId);
  if (index < 0) return "rarely";
  return hasTurn(record, index) ? "each-due-time" : "not-the-next";
}

/**
 * Returns whether a standby takes a free place of the list.
 *
 * @param lot A random number from 0 up to, but not including, 1; 1 if the standby must not.
 */
export function takesPlace(record: StatusRecord, standbyId: string | undefined, lot: number): boolean {
  return lot < TAKES_PLACE && isFree(record) && !record.standbys.some(({ id }) => id === standbyId);
}

/**
 * Returns the standbys of the record that a replica claims.
 *
 * @param record The record before the claim.
 * @param standbyId The id of the replica in the list; `undefined` if it has none.
 * @param isOverdue Whether the standbys whose turn it was should have claimed it before, unless they have just been slower.
 */
export function standbysAfterClaim(
  record: StatusRecord,
  standbyId: string | undefined,
  isOverdue: boolean,
): readonly ListedStandby[] {
  const isNeglected = isOverdue && dutyOf(record, standbyId) !== "each-due-time";
  return record.standbys.filter(({ id, until }, index) =>
    id !== standbyId && until > record.term && !(isNeglected && hasTurn(record, index))
  );
}

/**
 * Returns the record of a finished run, with the next run handed to a listed standby that checks the record before it anyway. The
 * replica that ran takes its place in the list. If none is listed, the record stays the same.
 *
 * @param standbyId The id of the replica in the list.
 * @param random A random number from 0 up to, but not including, 1.
 */
export function handedOn(record: StatusRecord, standbyId: string, random: number): StatusRecord {
  const isFull = !isFree(record);
  // those whose turn this run was read the record soon after it, the others only after the next due time
  const indices = record.standbys.map((_, index) => index).filter((index) => !isFull || !hasTurn(record, index));
  const round = isFull ? Math.floor(record.term / TURNS) : record.term;
  const index = indices[round % indices.length];
  if (index === undefined) return record;
  const standbys = record.standbys.with(index, newStandby(standbyId, record.term, random));
  return { ...record, standbys, preferred: record.standbys[index]?.id };
}
