/**
 * Errors of PostgreSQL.
 *
 * @module
 */
import { cannot, textOf } from "../../src/errors.ts";

/** What a call is about. */
export interface CallSubject {
  /** The action, as error messages name it after "Cannot". */
  readonly action: string;
  /** The table, quoted. */
  readonly table: string;
}

/** Nothing was done, as another transaction was in the way; the same statement may succeed. */
const REPEATABLE = ["40001", "40P01"];

const NOT_PREPARED =
  'a pooler shares connections, on which named statements are lost: set the client\'s option "prepare" to false';

const HINTS: Readonly<Record<string, string>> = {
  "25006": "the server or the session only allows reads: the store needs the primary server",
  "26000": NOT_PREPARED,
  "3F000": "the schema does not exist",
  "42501": "the role needs SELECT, INSERT and UPDATE on the table, and to create it CREATE on the schema",
  "42703": "the table lacks a column: it must be one that createTable() has made",
  "42P05": NOT_PREPARED,
  "55P03": "another transaction has locked the record: end that transaction",
  "42P01": "the table does not exist: call createTable(), or create it by hand",
};

/** The SQLSTATE of an error that the database has sent; `undefined` if the error is another one. */
export function sqlState(error: unknown): string | undefined {
  // Bun has it in `errno`, the others in `code`
  const { code, errno } = (error ?? {}) as { readonly code?: unknown; readonly errno?: unknown };
  // those of the system, such as EPIPE, have no digit
  return [code, errno].find((state): state is string =>
    typeof state === "string" && /^(?=.*\d)[\dA-Z]{5}$/.test(state)
  );
}

/** Whether the database ends the connection after an error. */
export function isFatal(error: unknown): boolean {
  const { severity } = (error ?? {}) as { readonly severity?: unknown };
  return severity === "FATAL" || severity === "PANIC";
}

/** Another transaction has locked the record. The statement has left it out instead of waiting for it. */
export class RecordLockedError extends Error {
  /** The SQLSTATE of a lock that can't be had. */
  readonly code: string = "55P03";

  /** Creates an error. */
  constructor() {
    super("the record is locked");
  }
}

/**
 * Whether a statement did nothing and may be repeated: the isolation level of the session is above "read committed", or the record was
 * left out.
 */
export function isRepeatable(error: unknown): boolean {
  return error instanceof RecordLockedError || REPEATABLE.includes(sqlState(error) ?? "");
}

/** Classes of errors that may concern one record only: its data, a constraint, a limit, a lock, a trigger. */
const CLASSES_OF_ROWS = ["22", "23", "44", "54", "55", "P0"];

/** Whether a statement for several records did nothing, and one for each of them may succeed. */
export function mayConcernOneRow(error: unknown): boolean {
  return isRepeatable(error) || CLASSES_OF_ROWS.includes(sqlState(error)?.slice(0, 2) ?? "");
}

/** Whether another session has created the same table at the same moment. */
export function isCreatedByAnother(error: unknown): boolean {
  return ["23505", "42710", "42P07"].includes(sqlState(error) ?? "");
}

/** The error of a call that failed, with its cause. It has no password, as messages of the server and of connections have none. */
export function callError({ action, table }: CallSubject, cause: unknown): Error {
  const state = sqlState(cause);
  const hint = state === undefined ? undefined : HINTS[state];
  if (hint !== undefined) return new Error(`Cannot ${action} as ${hint}: current value is ${table}`, { cause });
  const description = state === undefined ? "the call failed" : `the database rejected it with ${state}`;
  return new Error(cannot(action, description, messageOf(cause)), { cause });
}

/** The error of a server that answers reads and would reject writes. */
export function readOnlyError({ action }: CallSubject, isStandby: boolean): Error {
  const found = isStandby ? "a standby server" : "transaction_read_only = on";
  return new Error(`Cannot ${action} as ${HINTS["25006"]}: current value is ${found}`);
}

/** The message of an error. The error of several addresses, or of a closed port, may have none but a code. */
function messageOf(error: unknown): string {
  const { message, code } = (error ?? {}) as { readonly message?: unknown; readonly code?: unknown };
  return textOf(message || code || error);
}
