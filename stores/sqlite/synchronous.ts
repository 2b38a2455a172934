/**
 * Connections of `node:sqlite`, `bun:sqlite` and `better-sqlite3`.
 *
 * @module
 */
import { cannot } from "../../src/errors.ts";
import type { SqliteConnection, SqliteDatabase, SqliteParameter, SqliteStatement } from "./database.ts";
import { OpenTransactionError } from "./errors.ts";
import { columnsOf } from "./rows.ts";

/** Makes a connection of a database of a synchronous driver. */
export function synchronousConnection(database: SqliteDatabase): SqliteConnection {
  return {
    isLocal: true,
    read: (sql, parameters) => withoutWaiting(database, () => rowsOf(database, sql, parameters)),
    write: (sql, parameters) =>
      withoutWaiting(database, () => withStatement(database, sql, (statement) => changesOf(statement, parameters))),
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
  const [timeout] = columnsOf(rowsOf(database, "PRAGMA busy_timeout")[0], ["timeout"]);
  const timeoutMs = Number(timeout);
  if (timeoutMs === 0) return call();
  rowsOf(database, "PRAGMA busy_timeout = 0");
  try {
    return call();
  } finally {
    rowsOf(database, `PRAGMA busy_timeout = ${timeoutMs}`);
  }
}

function rowsOf(
  database: SqliteDatabase,
  sql: string,
  parameters: readonly SqliteParameter[] = [],
): readonly unknown[] {
  const rows = withStatement(database, sql, (statement) => statement.all(...parameters));
  if (Array.isArray(rows)) return rows;
  throw new TypeError(cannot("use the SQLite database", "all() of a statement must return an array", rows));
}

function changesOf(statement: SqliteStatement, parameters: readonly SqliteParameter[]): number {
  const { changes } = statement.run(...parameters) as { changes?: unknown } | undefined ?? {};
  if (typeof changes === "number" || typeof changes === "bigint") return Number(changes);
  throw new TypeError(
    cannot("use the SQLite database", "run() of a statement must return the number of changes", changes),
  );
}

/** Statements are not kept: they are prepared in microseconds, and `bun:sqlite` closes a database only when all are freed. */
function withStatement<T>(database: SqliteDatabase, sql: string, use: (statement: SqliteStatement) => T): T {
  const statement = database.prepare(sql);
  try {
    return use(statement);
  } finally {
    statement.finalize?.();
  }
}
