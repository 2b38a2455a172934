/**
 * Random ids of claims and writes.
 *
 * @module
 */

/** Returns a random id of 22 characters that are safe in URLs, as long as the original's slug ids. 82 of its bits are random. */
export function newId(): string {
  // joined last, as engines otherwise keep the whole UUID in memory (bench: idle_cost)
  return crypto.randomUUID().slice(0, 26).split("-").join("");
}
