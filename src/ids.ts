/**
 * Random names for claims and writes.
 *
 * @module
 */

/** A random id of 22 characters, as long as the original's slug ids and of the same alphabet: URL-safe Base64. */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return btoa(String.fromCharCode(...bytes)).slice(0, 22).replaceAll("+", "-").replaceAll("/", "_");
}
