/**
 * Answers of the drivers.
 *
 * @module
 */
import { cannot } from "../../src/errors.ts";
import type { StatusEntry } from "../../src/store/store.ts";
import type { BatchAnswer } from "../batching/batcher.ts";
import type { KeyPage } from "../listing/key_pages.ts";
import type { MysqlConnection } from "./client.ts";
import { AnswerError } from "./errors.ts";
import { bytesOf } from "./hex.ts";
import { RECORD_COLUMNS, SESSION_COLUMNS } from "./statements.ts";

/** Bits of the server's status, which comes with the answer of a write. */
const IN_TRANSACTION = 1;
const AUTOCOMMIT = 2;

const TRANSACTION_OPEN = "the connection has an open transaction";
const ROWS = "the answer must have rows that are arrays";
const NO_AUTOCOMMIT = "autocommit is off in the session";

/** Whether a value is a version. */
export function isVersion(value: unknown): value is string {
  return typeof value === "string" && /^[\da-f]{32}$/.test(value);
}

/**
 * The record in the answer of a read; `null` if there is none.
 *
 * @throws {AnswerError} If the server is read-only, or the session would not show the newest record.
 */
export function recordIn(answer: unknown): StatusEntry | null {
  const [row = []] = rowsIn(answer);
  checkSession(row);
  return recordInRow(row);
}

/**
 * The records in the answer of a read of several, by their names.
 *
 * @throws {AnswerError} If the server is read-only, or the session would not show the newest records.
 */
export function recordsIn(answer: unknown): ReadonlyMap<string, BatchAnswer<StatusEntry | null>> {
  const rows = rowsIn(answer);
  for (const row of rows) checkSession(row);
  return new Map(rows.map((row) => [String(row[SESSION_COLUMNS + RECORD_COLUMNS]).toLowerCase(), answerIn(row)]));
}

function answerIn(row: readonly unknown[]): BatchAnswer<StatusEntry | null> {
  try {
    return { kind: "answered", answer: recordInRow(row) };
  } catch (error) {
    return { kind: "failed", error };
  }
}

function recordInRow(row: readonly unknown[]): StatusEntry | null {
  const [micros, version, value] = row.slice(SESSION_COLUMNS);
  if (version === null && value === null) return null;
  const [bytes, versionText] = [bytesOf(value), String(version).toLowerCase()];
  const storeTime = Number(micros ?? NaN) / 1_000;
  if (!bytes || !isVersion(versionText) || !Number.isFinite(storeTime)) {
    throw shapeError("the columns must be a time, a version and a value", row);
  }
  return { value: bytes, version: versionText, storeTime };
}

/** The versions of the records in the answer of {@linkcode unlockedStatement}, by their names. */
export function unlockedIn(answer: unknown): ReadonlyMap<string, string> {
  const rows = rowsOf(answer);
  for (const row of rows) checkSession(row);
  return new Map(rows.map((row) => {
    const [name, version] = row.slice(SESSION_COLUMNS).map((column) => String(column).toLowerCase());
    return [name ?? "", version ?? ""];
  }));
}

/** The names in the answer of a listing. Names that are no UTF-8 belong to other programs. */
export function namesIn(answer: unknown, limit: number): KeyPage {
  const rows = rowsIn(answer);
  for (const row of rows) checkSession(row);
  const hexNames = rows.map((row) => row[SESSION_COLUMNS]).filter((hex) => typeof hex === "string");
  const keys = hexNames.flatMap((hex) => textOf(bytesOf(hex)) ?? []);
  return { keys, next: hexNames.length < limit ? undefined : hexNames.at(-1) };
}

/**
 * Whether a write has changed a row.
 *
 * @throws {AnswerError} If the change is not committed.
 */
export function isWritten(answer: unknown, connection: MysqlConnection): boolean {
  return changedRows(answer, connection, 1) === 1;
}

/**
 * How many rows a write has changed.
 *
 * @throws {AnswerError} If the change is not committed.
 */
export function changedRows(answer: unknown, connection: MysqlConnection, limit: number): number {
  // mysql2 answers with the header and the fields
  const header: unknown = Array.isArray(answer) ? answer[0] : answer;
  const { affectedRows, serverStatus } = (header ?? {}) as { affectedRows?: unknown; serverStatus?: unknown };
  // mariadb keeps the status with the connection
  const { status } = (connection as { readonly info?: { readonly status?: unknown } }).info ?? {};
  checkStatus(serverStatus ?? status);
  const count = Number(affectedRows ?? NaN);
  if (Number.isInteger(count) && count >= 0 && count <= limit) return count;
  throw shapeError("the answer must say whether a row was changed", header);
}

/** The rows of an answer. There is always a row. */
function rowsIn(answer: unknown): readonly (readonly unknown[])[] {
  const rows = rowsOf(answer);
  if (rows.length > 0) return rows;
  throw shapeError(ROWS, answer);
}

/** The rows of an answer, maybe none: of mysql2 with the fields behind, of mariadb without. */
function rowsOf(answer: unknown): readonly (readonly unknown[])[] {
  const [rows] = Array.isArray(answer) ? answer : [];
  const isWithFields = Array.isArray(rows) && rows.every(Array.isArray);
  const found: unknown = isWithFields ? rows : answer;
  if (Array.isArray(found) && found.every(Array.isArray)) return found;
  throw shapeError(ROWS, answer);
}

function checkSession(row: readonly unknown[]): void {
  const isOff = (value: unknown): boolean => ["0", "OFF"].includes(String(value));
  const [readOnly, engineReadOnly, autocommit, inTransaction] = row;
  if (!isOff(readOnly)) throw readOnlyError(`read_only = ${readOnly}`);
  if (!isOff(engineReadOnly)) throw readOnlyError(`innodb_read_only = ${engineReadOnly}`);
  if (isOff(autocommit)) throw sessionError(NO_AUTOCOMMIT, autocommit);
  if (!isOff(inTransaction)) throw sessionError(TRANSACTION_OPEN, inTransaction);
}

/** A status of another type says nothing. */
function checkStatus(status: unknown): void {
  if (typeof status !== "number") return;
  const notCommitted = " and does not commit the write";
  if ((status & AUTOCOMMIT) === 0) throw sessionError(NO_AUTOCOMMIT + notCommitted, status);
  if ((status & IN_TRANSACTION) !== 0) throw sessionError(TRANSACTION_OPEN + notCommitted, status);
}

function sessionError(state: string, value: unknown): AnswerError {
  return new AnswerError((action) => new Error(cannot(action, state, value)));
}

function shapeError(state: string, value: unknown): AnswerError {
  return new AnswerError((action) => new TypeError(cannot(action, state, value)));
}

function readOnlyError(found: string): AnswerError {
  const state = "the server is read-only: the store needs the primary server";
  return new AnswerError((action) => new Error(`Cannot ${action} as ${state}: current value is ${found}`));
}

function textOf(bytes: Uint8Array | undefined): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
