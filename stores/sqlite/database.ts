/**
 * The part of the drivers that the store uses. The types are structural, so that all drivers fit.
 *
 * @module
 */

/** A value that the store sends. */
export type SqliteParameter = string | Uint8Array;

/** A prepared statement of a synchronous driver. */
export interface SqliteStatement {
  /** Runs a statement that reads, and returns its rows. */
  all(...parameters: SqliteParameter[]): unknown;
  /** Runs a statement that writes, and returns how many rows it has changed. */
  run(...parameters: SqliteParameter[]): { readonly changes: number | bigint };
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

/** The result of a statement of `@libsql/client`. */
export interface LibsqlResult {
  /** The rows, with their columns by name. */
  readonly rows: readonly unknown[];
  /** How many rows the statement has changed. */
  readonly rowsAffected: number;
}

/** The client of `@libsql/client`, of a file or of a server such as Turso's. */
export interface LibsqlClient {
  /** Runs one statement in a transaction of its own. */
  execute(statement: { sql: string; args: SqliteParameter[] }): Promise<LibsqlResult>;
  /** How the client reaches the database: `file`, `http` or `ws`. */
  readonly protocol?: string;
}

/** What every adapter makes of its driver. Each statement runs to its end, in a transaction of its own. */
export interface SqliteConnection {
  /** Whether the database is on this machine, so that its clock is the one of this process. */
  readonly isLocal: boolean;
  /** Runs a statement that reads, and returns its rows. */
  read(sql: string, parameters: readonly SqliteParameter[]): readonly unknown[] | Promise<readonly unknown[]>;
  /**
   * Runs a statement that writes, and returns how many rows it has changed.
   *
   * The statement must return no rows: with `RETURNING`, drivers that stop at the first row, such as `@libsql/client`, don't notice
   * that the commit, which follows the last row, fails.
   */
  write(sql: string, parameters: readonly SqliteParameter[]): number | Promise<number>;
}
