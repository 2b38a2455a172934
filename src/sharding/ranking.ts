/**
 * The order in which replicas come for a task, by rendezvous hashing.
 *
 * @module
 */
import { cannot } from "../errors.ts";
import { isCount } from "../record/count.ts";
import { mixed, textHash } from "../schedule/text_hash.ts";

/** How many replicas take part in a task, if nothing else is stated: one runs it, and two are left while one restarts. */
const DEFAULT_COUNT = 3;

/** An odd number, so that a task and a replica of the same name differ: 2^32 divided by the golden ratio. */
const GOLDEN = 0x9e3779b1;

/** A replica and the hash of its name. */
export interface Candidate {
  readonly name: string;
  readonly hash: number;
}

/** Replicas of a checked list, and how many of them take part in a task. */
export interface Candidates {
  readonly all: readonly Candidate[];
  readonly count: number;
}

/**
 * Checks a list of replicas and the number of those that take part in a task.
 *
 * @throws {TypeError} If a value is of the wrong type.
 * @throws {RangeError} If no replica is there, if a replica is there twice, or if the number is not a whole one from 1 on.
 */
export function candidatesOf(replicas: unknown, count: number = DEFAULT_COUNT, doing: string): Candidates {
  const names = namesOf(replicas, "replicas", doing);
  if (names.length === 0) throw new RangeError(cannot(doing, '"replicas" must have at least one name', replicas));
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) throw new RangeError(cannot(doing, '"replicas" must not have a name twice', name));
    seen.add(name);
  }
  if (!isCount(count) || count < 1) {
    throw new RangeError(cannot(doing, '"count" must be a whole number from 1 on', count));
  }
  return { all: names.map((name) => ({ name, hash: textHash(name) })), count: Math.min(count, names.length) };
}

/**
 * Checks a list of names.
 *
 * @throws {TypeError} If it is no list, or if an item of it is no text.
 */
export function namesOf(value: unknown, option: string, doing: string): readonly string[] {
  if (!Array.isArray(value)) throw new TypeError(cannot(doing, `"${option}" must be an array of names`, value));
  for (const name of value) nameOf(name, `"${option}" must have names only`, doing);
  return value;
}

/**
 * Checks a name.
 *
 * @throws {TypeError} If it is no text, or an empty one.
 */
export function nameOf(value: unknown, state: string, doing: string): string {
  if (typeof value !== "string" || value === "") throw new TypeError(cannot(doing, state, value));
  return value;
}

/** Returns how strongly a task prefers a replica, by the hashes of their names. */
export function weight(taskHash: number, replicaHash: number): number {
  return mixed(Math.imul(taskHash, GOLDEN) ^ replicaHash);
}

/** Compares two replicas for a task: negative if the first one comes before the second. Equal weights go by name. */
export function compare(taskHash: number, one: Candidate, other: Candidate): number {
  return weight(taskHash, other.hash) - weight(taskHash, one.hash) || (one.name < other.name ? -1 : 1);
}
