/**
 * Errors of MySQL and MariaDB.
 *
 * @module
 */
import { cannot, textOf } from "../../src/errors.ts";

/**
 * Nothing was written, as another transaction was in the way; the same statement may succeed. 1213 is also what a cluster of Galera
 * answers, and 3101 what Group Replication answers, when another member has changed the row.
 */
const REPEATABLE: readonly number[] = [1020, 1205, 1213, 3101];

const READ_ONLY: readonly number[] = [1290, 1792, 1836];
const DUPLICATE_KEY: readonly number[] = [1062, 1586];
const TABLE_EXISTS = 1050;

/** Access denied to a database, to a table. */
const DENIED: readonly number[] = [1044, 1142];

const HINTS: Readonly<Record<number, string>> = {
  1044: "the user may not use the database",
  1046: 'the connection has no database: set the option "database", or that of the client',
  1047: "the server is not ready, as it may be cut off from its cluster",
  1049: "the database does not exist",
  1054: "the table lacks a column: it must be one that createTable() has made",
  1142: "the user may not use the table: it needs SELECT, INSERT and UPDATE",
  1146: "the table does not exist: call createTable(), or create it by hand",
  1290: "the server does not allow it, as it may be read-only: the store needs the primary server",
  1792: "the session is read-only",
  1836: "the server is read-only: the store needs the primary server",
};

/** An answer that can't be used. It may be that of several calls, whose errors name their actions. */
export class AnswerError extends Error {
  /** Returns the error of a call, given its action as error messages name it after "Cannot". */
  readonly explain: (action: string) => Error;

  /** Creates an error whose message names no action of a user. */
  constructor(explain: (action: string) => Error) {
    super(explain("use the answer of MySQL").message);
    this.explain = explain;
  }
}

/** Another transaction has locked the record, or was faster, and the statement has left it out: nothing was written. */
export class RecordLockedError extends AnswerError {
  /** Creates an error. */
  constructor() {
    super((action) =>
      new Error(cannot(action, "another transaction has locked the record: end that transaction", "locked"))
    );
  }
}

/** The number of an error that the server has sent; `undefined` if the error is another one, such as a broken connection. */
function serverErrno(error: unknown): number | undefined {
  const { errno, sqlState } = (error ?? {}) as { readonly errno?: unknown; readonly sqlState?: unknown };
  // errors of the operating system have a negative number, and those of mariadb itself one above 45,000
  const isOfServer = typeof errno === "number" && errno >= 1_000 && errno < 45_000 && typeof sqlState === "string";
  return isOfServer ? errno : undefined;
}

/** Whether the server has rejected a statement, and its session can be used again. */
export function isRejection(error: unknown): boolean {
  const errno = serverErrno(error);
  const { fatal } = (error ?? {}) as { readonly fatal?: unknown };
  // after a failover another connection may reach the new primary server
  return errno !== undefined && fatal !== true && !READ_ONLY.includes(errno) && errno !== 1047;
}

/** Whether a statement did nothing and may be repeated. */
export function isRepeatable(error: unknown): boolean {
  return error instanceof RecordLockedError || REPEATABLE.includes(serverErrno(error) ?? 0);
}

/**
 * Errors that may concern one record only: its name, its data, a limit, a trigger, a constraint of MySQL or of MariaDB; and those of a
 * server that does not know SKIP LOCKED. A proxy may answer with others after a statement that took effect.
 */
const OF_ONE_ROW: readonly number[] = [...DUPLICATE_KEY, 1048, 1064, 1235, 1264, 1366, 1406, 1644, 3819, 4025];

/** Whether a statement for several records did nothing, and one for each of them may succeed. */
export function mayConcernOneRow(error: unknown): boolean {
  return isRepeatable(error) || OF_ONE_ROW.includes(serverErrno(error) ?? 0);
}

/** Whether a row with the same name exists. */
export function isDuplicate(error: unknown): boolean {
  return DUPLICATE_KEY.includes(serverErrno(error) ?? 0);
}

/** Whether a table can't be created as it exists. */
export function isExistingTable(error: unknown): boolean {
  return serverErrno(error) === TABLE_EXISTS;
}

/** Whether the user lacks a permission. */
export function isDenied(error: unknown): boolean {
  return DENIED.includes(serverErrno(error) ?? 0);
}

/** The error of a call that failed, with its cause. It has no password, as messages of the server and of connections have none. */
export function callError(action: string, table: string, cause: unknown): Error {
  if (cause instanceof AnswerError) return cause.explain(action);
  const errno = serverErrno(cause);
  const hint = errno === undefined ? undefined : HINTS[errno];
  if (hint !== undefined) return new Error(`Cannot ${action} as ${hint}: current value is ${table}`, { cause });
  const state = errno === undefined ? "the call failed" : `the server rejected it with error ${errno}`;
  return new Error(cannot(action, state, messageOf(cause)), { cause });
}

/** The message of an error. That of a closed port may be empty, and has a code. */
function messageOf(error: unknown): string {
  const { message, code } = (error ?? {}) as { readonly message?: unknown; readonly code?: unknown };
  return textOf(message || code || error);
}
