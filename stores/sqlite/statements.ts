/**
 * The SQL of the store. Each statement is a transaction of its own.
 *
 * @module
 */
import { PAGE_SIZE } from "../listing/key_pages.ts";

/** The statements for a table. */
export interface Statements {
  readonly create: string;
  /** Takes the name. */
  readonly read: string;
  /** Returns a statement that takes so many names. The order of its rows is not specified. */
  readonly readMany: (count: number) => string;
  /** Takes name, version and value. Changes a row if there was no record. */
  readonly insert: string;
  /** Takes the new version, the value, the name, the old version and the new one. Changes a row if the record was at the old version. */
  readonly update: string;
  readonly firstPage: string;
  /** Takes the last name of the page before. */
  readonly nextPage: string;
}

/** Milliseconds since 1970, also in SQLite before 3.42, which has no `unixepoch('subsec')`. */
const TIME = "round((julianday('now') - 2440587.5) * 86400000)";

/** Returns the statements for a table. `table` is a quoted identifier. */
export function statementsFor(table: string): Statements {
  // columns have no quotes: SQLite takes an unknown name in double quotes for a text
  const page = (condition: string): string =>
    `SELECT name FROM ${table} WHERE typeof(name) = 'text'${condition} ORDER BY name LIMIT ${PAGE_SIZE}`;
  return {
    create: `CREATE TABLE IF NOT EXISTS ${table} ` +
      "(name TEXT NOT NULL PRIMARY KEY, version TEXT NOT NULL, value BLOB NOT NULL)",
    read: `SELECT version, value, ${TIME} AS time FROM ${table} WHERE name = ?`,
    readMany: (count) =>
      `SELECT version, value, ${TIME} AS time, name FROM ${table} WHERE name IN (${Array(count).fill("?").join(", ")})`,
    // both have the same effect if they are repeated, as fetch() of a libSQL client may do on a connection that breaks
    insert: `INSERT INTO ${table} (name, version, value) VALUES (?, ?, ?) ` +
      `ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE version = excluded.version`,
    update: `UPDATE ${table} SET version = ?, value = ? WHERE name = ? AND version IN (?, ?)`,
    firstPage: page(""),
    nextPage: page(" AND name > ?"),
  };
}
