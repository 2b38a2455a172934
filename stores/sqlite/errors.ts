/**
 * Errors of SQLite.
 *
 * @module
 */

import { textOf } from "../../src/errors.ts";

/** SQLite's numbers of SQLITE_BUSY (another connection has the lock) and SQLITE_LOCKED (another statement of this one). */
const LOCKED_NUMBERS: readonly unknown[] = [5, 6];

/** A statement was not run, as the connection is in a transaction of someone else, who may undo it. */
export class OpenTransactionError extends Error {
  /** Always `OpenTransactionError`. */
  override readonly name: string = "OpenTransactionError";
}

/**
 * Whether a statement did nothing because someone else uses the database file or the connection.
 *
 * `node:sqlite` has the number in `errcode`, `bun:sqlite` in `errno`, `@libsql/client` in `rawCode`, perhaps with further bits;
 * `better-sqlite3` and `@libsql/client` have the name in `code`.
 */
export function isLocked(error: unknown): boolean {
  if (error instanceof OpenTransactionError) return true;
  const { code, errcode, errno, rawCode } = (error ?? {}) as Readonly<Record<string, unknown>>;
  const numbers = [errcode, errno, rawCode].map((value) => typeof value === "number" ? value & 0xff : undefined);
  return numbers.some((number) => LOCKED_NUMBERS.includes(number)) ||
    typeof code === "string" && /^SQLITE_(BUSY|LOCKED)(_|$)/.test(code);
}

/** Whether a statement did nothing because its table is missing. Drivers have no other sign of it than SQLite's message. */
export function hasNoTable(error: unknown): boolean {
  return /\bno such table\b/.test(messageOf(error));
}

/** The message of an error, which need not be an `Error`. */
export function messageOf(error: unknown): string {
  return textOf((error as Partial<Error> | null | undefined)?.message ?? error);
}
