/**
 * The part of the drivers that the store uses. The types are structural, so that `mysql2` and `mariadb` fit.
 *
 * @module
 */

/** The value of a column, as the drivers pass it to `typeCast`. */
export interface MysqlField {
  /** Returns the value as a text. */
  string(): string | null;
}

/** A statement, with the options that make its answer the same whatever options the user has set. */
export interface MysqlQuery {
  /** The statement, with `?` in the place of each value. */
  sql: string;
  /** Rows are arrays. */
  rowsAsArray: true;
  /** Rows are not grouped by tables. */
  nestTables: false;
  /** Makes each column a text. */
  typeCast: (field: MysqlField, next: () => unknown) => string | null;
}

/** A connection. */
export interface MysqlConnection {
  /** Sends a statement. */
  query(query: MysqlQuery, values: string[]): PromiseLike<unknown>;
}

/** A connection of a pool. */
export interface MysqlPoolConnection extends MysqlConnection {
  /** Gives the connection back. */
  release(): unknown;
  /** Closes the connection, also while a statement is not answered. */
  destroy(): unknown;
}

/** A pool of connections: a `Pool` of `mysql2/promise` or of `mariadb`. */
export interface MysqlPool {
  /** Takes a connection. */
  getConnection(): PromiseLike<MysqlPoolConnection>;
}

/** A client of `mysql2` with callbacks, which has one with promises. */
export interface MysqlCallbackClient {
  /** Returns the client with promises. */
  promise(): MysqlPool | MysqlConnection;
}

/** What a store takes: a pool, or one connection. */
export type MysqlClient = MysqlPool | MysqlConnection | MysqlCallbackClient;

/** A client without callbacks. */
export type PromiseClient = MysqlPool | MysqlConnection;

/** Returns the client with promises; `undefined` if a value is no client. Sends nothing. */
export function promiseClient(client: MysqlClient): PromiseClient | undefined {
  // a client of mysql2 with callbacks has getConnection() and query(), too
  const found: unknown = hasMethod(client, "promise") ? (client as MysqlCallbackClient).promise() : client;
  return hasMethod(found, "getConnection") || hasMethod(found, "query") ? found as PromiseClient : undefined;
}

/** Whether a client is a pool. A pool has the method `query()`, too. */
export function isPool(client: PromiseClient): client is MysqlPool {
  return hasMethod(client, "getConnection");
}

function hasMethod(value: unknown, name: string): boolean {
  return typeof (value as Readonly<Record<string, unknown>> | null | undefined)?.[name] === "function";
}
