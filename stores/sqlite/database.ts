/**
 * The part of the drivers that the store uses. The types are structural, so that all drivers fit.
 *
 * @module
 */

/** A value that the store sends. */
export type SqliteParameter = string | Uint8Array;

/** A prepared statement of a synchronous driver. */
export interface SqliteStatement {
  /** Runs the statement to its end and returns its rows. */
  all(...parameters: SqliteParameter[]): unknown;
  /** Runs a statement without rows to its end. */
  run(...parameters: SqliteParameter[]): unknown;
  /** Frees the statement, in drivers that have the method. */
  finalize?(): unknown;
}

/** A connection of a synchronous driver: of `node:sqlite`, `bun:sqlite` or `better-sqlite3`. */
export interface SqliteDatabase {
  /** Prepares a statement. */
  prepare(sql: string): SqliteStatement;
  /** Whether the connection is in a transaction, in `node:sqlite`. */
  readonly isTransaction?: boolean;
  /** Whether the connection is in a transaction, in `bun:sqlite` and `better-sqlite3`. */
  readonly inTransaction?: boolean;
}

/** The client of `@libsql/client`, of a file or of a server such as Turso's. */
export interface LibsqlClient {
  /** Runs one statement in a transaction of its own. */
  execute(statement: { sql: string; args: SqliteParameter[] }): Promise<{ readonly rows: readonly unknown[] }>;
  /** How the client reaches the database: `file`, `http` or `ws`. */
  readonly protocol?: string;
}

/** What every adapter makes of its driver. */
export interface SqliteConnection {
  /** Whether the database is on this machine, so that its clock is the one of this process. */
  readonly isLocal: boolean;
  /** Runs one statement to its end, in a transaction of its own, and returns its rows. */
  query(sql: string, parameters: readonly SqliteParameter[]): readonly unknown[] | Promise<readonly unknown[]>;
  /** Runs one statement without rows. */
  run(sql: string): unknown;
}
