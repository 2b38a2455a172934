/**
 * Rows of the table, and the records in them.
 *
 * @module
 */
import { cannot } from "../../src/errors.ts";
import type { StatusEntry } from "../../src/store/store.ts";

/** The version of a row that is not a record. No row has it, as those of records are random ids. */
const FOREIGN_VERSION = "not a record";

/** The values of a row, in order. A connection may be set up to return arrays in place of objects. */
export function columnsOf(row: unknown, names: readonly string[]): unknown[] {
  if (Array.isArray(row)) return names.map((_, index) => row[index]);
  const values = (row ?? {}) as Readonly<Record<string, unknown>>;
  return names.map((name) => values[name]);
}

/**
 * The record in a row with the columns `version`, `value` and `time`.
 *
 * A text counts as its bytes. Any other value is data of another program. It becomes a text that is not a record, at a version
 * that no write accepts.
 *
 * @param row The row.
 * @param storeTime The time of the database; `undefined` if it is in the row.
 * @param action The action, as error messages name it after "Cannot".
 * @throws {TypeError} If the time in the row is not a number.
 */
export function recordIn(row: unknown, storeTime: number | undefined, action: string): StatusEntry {
  const [version, value, rowTime] = columnsOf(row, ["version", "value", "time"]);
  const time = storeTime ?? Number(rowTime);
  if (!Number.isFinite(time)) throw new TypeError(cannot(action, "the database must tell the time", rowTime));
  const bytes = bytesOf(value);
  if (bytes !== undefined && typeof version === "string") return { value: bytes, version, storeTime: time };
  const remark = `not a record but a value of type ${typeof value} at a version of type ${typeof version}`;
  return { value: new TextEncoder().encode(remark), version: FOREIGN_VERSION, storeTime: time };
}

/** The name in a row with the columns `version`, `value`, `time` and `name`. */
export function nameIn(row: unknown): unknown {
  return columnsOf(row, ["version", "value", "time", "name"])[3];
}

/** A plain copy of bytes: better-sqlite3 returns a Buffer, libSQL an ArrayBuffer. */
function bytesOf(value: unknown): Uint8Array | undefined {
  if (typeof value === "string") return new TextEncoder().encode(value);
  const type = Object.prototype.toString.call(value);
  // by their names, as they may be of another realm, such as Jest's
  if (type === "[object Uint8Array]") return new Uint8Array(value as Uint8Array);
  return type === "[object ArrayBuffer]" ? new Uint8Array(value as ArrayBuffer).slice() : undefined;
}
