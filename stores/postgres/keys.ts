/**
 * Names of tasks in the table.
 *
 * @module
 */
import { cannot } from "../../src/errors.ts";

/** An entry of the index takes at most a third of a page. */
const MAX_NAME_BYTES = 2_600;

/**
 * Checks that a text of PostgreSQL can hold a name, and that no other name becomes the same.
 *
 * @throws {RangeError} If it can't.
 */
export function keyOf(name: string): string {
  const action = "use the key in PostgreSQL";
  if (typeof name !== "string" || /\0|\p{Surrogate}/u.test(name)) {
    throw new RangeError(cannot(action, "it must be a string without U+0000 and lone surrogates", name));
  }
  const bytes = new TextEncoder().encode(name).length;
  if (bytes > MAX_NAME_BYTES) {
    throw new RangeError(cannot(action, `a name must take at most ${MAX_NAME_BYTES} bytes`, bytes));
  }
  return name;
}
