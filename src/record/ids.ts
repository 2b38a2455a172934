/**
 * Random ids of claims and writes.
 *
 * @module
 */

/** Returns a random id of 22 hexadecimal characters, 82 bits of which are random. Dart's slug ids have the same length. */
export function newId(): string {
  // a slice at the end would keep the whole UUID in memory (bench: idle_cost)
  return crypto.randomUUID().slice(0, 26).split("-").join("");
}
