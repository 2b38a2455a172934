/**
 * The standbys that the status record lists, so that the other ones need not check each due time.
 *
 * @module
 */
import { isCount } from "./count.ts";
import { newId } from "./ids.ts";

/** A standby in the record. */
export interface ListedStandby {
  /** The random id of a scheduler. */
  readonly id: string;
  /** The last term for which the standby is listed, as it may have stopped since then. */
  readonly until: number;
}

/** A record without standbys. */
export const NO_STANDBYS: readonly ListedStandby[] = [];

/** The number of standbys of a full list. */
export const MAX_STANDBYS = 4;

/** A standby is listed for this number of terms, and for a random part of it longer, so that not all places are free at once. */
const LISTED_TERMS = 100;

const ID_LENGTH = 8;

/** Matches the ids of standbys. A longer id could make the record too long. */
const ID = /^[\w-]{1,16}$/;

/** Returns a random id of a standby. */
export function newStandbyId(): string {
  return newId().slice(0, ID_LENGTH);
}

/** Returns the id of a standby, or `undefined` if a value is none. */
export function parseStandbyId(value: unknown): string | undefined {
  return typeof value === "string" && ID.test(value) ? value : undefined;
}

/** Parses the standbys of a record with a term. Drops values that are none, and those whose time is over or too long. */
export function parseStandbys(value: unknown, term: number): readonly ListedStandby[] {
  if (!Array.isArray(value)) return NO_STANDBYS;
  const standbys = value.filter((standby): standby is ListedStandby =>
    parseStandbyId(standby?.id) !== undefined && isCount(standby.until) &&
    standby.until >= term && standby.until <= term + 2 * LISTED_TERMS
  );
  return standbys.slice(0, MAX_STANDBYS).map(({ id, until }) => ({ id, until }));
}

/**
 * Returns a new entry of the list.
 *
 * @param term The term of the record.
 * @param random A random number from 0 up to, but not including, 1.
 */
export function newStandby(id: string, term: number, random: number): ListedStandby {
  return { id, until: term + LISTED_TERMS + Math.floor(LISTED_TERMS * random) };
}

/** Returns the standbys without one. */
export function withoutStandby(standbys: readonly ListedStandby[], id: string | undefined): readonly ListedStandby[] {
  return standbys.filter((standby) => standby.id !== id);
}
