/**
 * The answer of a read of many records.
 *
 * @module
 */
import { cannot } from "../errors.ts";
import type { StatusEntry } from "./store.ts";

/**
 * Returns the answer of a read of so many records. Each of them is yet to be checked.
 *
 * @throws {TypeError} If it is no array of as many entries.
 */
export function checkedEntries(entries: unknown, count: number): readonly (StatusEntry | null)[] {
  if (Array.isArray(entries) && entries.length === count) return entries;
  const found = Array.isArray(entries) ? `${entries.length} entries` : entries;
  const rule = `readMany() of ${count} keys must return an array of as many entries`;
  throw new TypeError(cannot("use the answer of the store", rule, found));
}
