/**
 * Connections of `node:sqlite`, `bun:sqlite` and `better-sqlite3`.
 *
 * @module
 */
import { cannot } from "../../src/errors.ts";
import type { SqliteConnection, SqliteDatabase, SqliteParameter } from "./database.ts";
import { OpenTransactionError } from "./errors.ts";
import { columnsOf } from "./rows.ts";

/** Makes a connection of a database of a synchronous driver. */
export function synchronousConnection(database: SqliteDatabase): SqliteConnection {
  return {
    isLocal: true,
    query: (sql, parameters) => withoutWaiting(database, () => rowsOf(database, sql, parameters)),
    run: (sql) => withoutWaiting(database, () => runOnce(database, sql)),
  };
}

/**
 * Makes a call that fails immediately if the database is locked, whatever the connection's `busy_timeout`: during SQLite's own
 * wait the whole program would stand still. Leaves the setting as it was.
 */
function withoutWaiting<T>(database: SqliteDatabase, call: () => T): T {
  if (database.isTransaction || database.inTransaction) {
    throw new OpenTransactionError("the connection is in a transaction that the store has not begun");
  }
  const [timeoutMs] = columnsOf(rowsOf(database, "PRAGMA busy_timeout", [])[0], ["timeout"]);
  if (Number(timeoutMs) === 0) return call();
  rowsOf(database, "PRAGMA busy_timeout = 0", []);
  try {
    return call();
  } finally {
    rowsOf(database, `PRAGMA busy_timeout = ${Number(timeoutMs)}`, []);
  }
}

/**
 * Runs a statement to its end with `all()`. With `get()` some drivers return the row of a write whose commit failed: the commit
 * follows the last row.
 */
function rowsOf(database: SqliteDatabase, sql: string, parameters: readonly SqliteParameter[]): readonly unknown[] {
  const statement = database.prepare(sql);
  try {
    const rows = statement.all(...parameters);
    if (Array.isArray(rows)) return rows;
    throw new TypeError(cannot("use the SQLite database", "all() of a statement must return an array", rows));
  } finally {
    // bun:sqlite closes a database only when all of its statements are freed
    statement.finalize?.();
  }
}

function runOnce(database: SqliteDatabase, sql: string): void {
  const statement = database.prepare(sql);
  try {
    statement.run();
  } finally {
    statement.finalize?.();
  }
}
