/**
 * Names in SQL.
 *
 * @module
 */
import { cannot } from "../../src/errors.ts";

/** PostgreSQL cuts longer names. */
const MAX_LENGTH = 63;

/**
 * Returns a name in quotes, to stand in SQL as an identifier.
 *
 * @param name The name, from an option.
 * @param option The option, as messages name it.
 * @param action The failed action, as messages name it after "Cannot".
 * @returns The name in double quotes.
 * @throws {RangeError} If it is anything but a letter or `_`, followed by letters, digits and `_`.
 */
export function quotedIdentifier(name: string, option: string, action: string): string {
  if (/^[A-Za-z_][A-Za-z\d_]*$/.test(name) && name.length <= MAX_LENGTH) return `"${name}"`;
  const state =
    `"${option}" must be at most ${MAX_LENGTH} ASCII letters, digits and underscores, and not begin with a digit`;
  throw new RangeError(cannot(action, state, name));
}
