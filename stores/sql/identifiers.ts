/**
 * Names of schemas and tables in SQL statements.
 *
 * @module
 */
import { cannot } from "../../src/errors.ts";

/** What a name may be. */
export interface IdentifierRule {
  /** The option that holds the name. */
  readonly option: string;
  /** The action, as error messages name it after "Cannot". */
  readonly action: string;
  /** The most characters that the database keeps. It cuts longer names, so that two of them become one. */
  readonly maxLength: number;
}

/**
 * Checks a name, so that it can't end its quotes. All of its characters take one byte.
 *
 * @throws {TypeError} If it is not a string.
 * @throws {RangeError} If it is too long or has other characters than ASCII letters, digits, `_`, `-` and `$`.
 */
export function checkIdentifier(name: unknown, { option, action, maxLength }: IdentifierRule): string {
  if (typeof name !== "string") throw new TypeError(cannot(action, `"${option}" must be a string`, name));
  if (name.length > maxLength || !/^[a-z_][\w$-]*$/i.test(name)) {
    const state =
      `"${option}" must be 1 to ${maxLength} letters, digits, "_", "-" and "$", and begin with a letter or "_"`;
    throw new RangeError(cannot(action, state, name));
  }
  return name;
}

/** Quotes a checked name. Its letters then keep their case. */
export function quoted(name: string, quote: '"' | "`" = '"'): string {
  return `${quote}${name}${quote}`;
}
