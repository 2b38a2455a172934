/**
 * Random names for claims and writes.
 *
 * @module
 */

/** A random id of 22 characters that are safe in URLs, as long as the original's slug ids; 82 of its bits are random. */
export function newId(): string {
  // of a UUID without its dashes and its end; joined last, so that engines keep no more of it in memory
  return crypto.randomUUID().slice(0, 26).split("-").join("");
}
