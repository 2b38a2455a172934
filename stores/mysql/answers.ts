/**
 * Answers of the drivers.
 *
 * @module
 */
import { cannot } from "../../src/errors.ts";
import type { StatusEntry } from "../../src/store/store.ts";
import type { KeyPage } from "../listing/key_pages.ts";
import type { MysqlConnection } from "./client.ts";
import { bytesOf } from "./hex.ts";
import { SESSION_COLUMNS } from "./statements.ts";

/** Bits of the server's status, which comes with the answer of a write. */
const IN_TRANSACTION = 1;
const AUTOCOMMIT = 2;

const TRANSACTION_OPEN = "the connection has an open transaction";
const NO_AUTOCOMMIT = "autocommit is off in the session";

/** Whether a value is a version. */
export function isVersion(value: unknown): value is string {
  return typeof value === "string" && /^[\da-f]{32}$/.test(value);
}

/**
 * The record in the answer of a read; `null` if there is none.
 *
 * @throws {Error} If the server is read-only, or the session would not show the newest record.
 */
export function recordIn(answer: unknown, action: string): StatusEntry | null {
  const [row = []] = rowsIn(answer, action);
  checkSession(row, action);
  const [micros, version, value] = row.slice(SESSION_COLUMNS);
  if (version === null && value === null) return null;
  const [bytes, versionText] = [bytesOf(value), String(version).toLowerCase()];
  const storeTime = Number(micros ?? NaN) / 1_000;
  if (!bytes || !isVersion(versionText) || !Number.isFinite(storeTime)) {
    throw new TypeError(cannot(action, "the columns must be a time, a version and a value", row));
  }
  return { value: bytes, version: versionText, storeTime };
}

/** The names in the answer of a listing. Names that are no UTF-8 belong to other programs. */
export function namesIn(answer: unknown, limit: number, action: string): KeyPage {
  const rows = rowsIn(answer, action);
  for (const row of rows) checkSession(row, action);
  const hexNames = rows.map((row) => row[SESSION_COLUMNS]).filter((hex) => typeof hex === "string");
  const keys = hexNames.flatMap((hex) => textOf(bytesOf(hex)) ?? []);
  return { keys, next: hexNames.length < limit ? undefined : hexNames.at(-1) };
}

/**
 * Whether a write has changed a row.
 *
 * @throws {Error} If the change is not committed.
 */
export function isWritten(answer: unknown, connection: MysqlConnection, action: string): boolean {
  // mysql2 answers with the header and the fields
  const header: unknown = Array.isArray(answer) ? answer[0] : answer;
  const { affectedRows, serverStatus } = (header ?? {}) as { affectedRows?: unknown; serverStatus?: unknown };
  // mariadb keeps the status with the connection
  const { status } = (connection as { readonly info?: { readonly status?: unknown } }).info ?? {};
  checkStatus(serverStatus ?? status, action);
  const count = Number(affectedRows ?? NaN);
  if (count === 0 || count === 1) return count === 1;
  throw new TypeError(cannot(action, "the answer must say whether a row was changed", header));
}

/** The rows of an answer: of mysql2 with the fields behind, of mariadb without. There is always a row. */
function rowsIn(answer: unknown, action: string): readonly (readonly unknown[])[] {
  const rows = Array.isArray(answer) && Array.isArray(answer[0]) && Array.isArray(answer[0][0]) ? answer[0] : answer;
  if (Array.isArray(rows) && rows.length > 0 && rows.every(Array.isArray)) return rows;
  throw new TypeError(cannot(action, "the answer must have rows that are arrays", answer));
}

function checkSession(row: readonly unknown[], action: string): void {
  const isOff = (value: unknown): boolean => ["0", "OFF"].includes(String(value));
  const [readOnly, engineReadOnly, autocommit, inTransaction] = row;
  if (!isOff(readOnly)) throw readOnlyError(action, `read_only = ${readOnly}`);
  if (!isOff(engineReadOnly)) throw readOnlyError(action, `innodb_read_only = ${engineReadOnly}`);
  if (isOff(autocommit)) throw new Error(cannot(action, NO_AUTOCOMMIT, autocommit));
  if (!isOff(inTransaction)) throw new Error(cannot(action, TRANSACTION_OPEN, inTransaction));
}

function readOnlyError(action: string, found: string): Error {
  const state = "the server is read-only: the store needs the primary server";
  return new Error(`Cannot ${action} as ${state}: current value is ${found}`);
}

/** A status of another type says nothing. */
function checkStatus(status: unknown, action: string): void {
  if (typeof status !== "number") return;
  const notCommitted = " and does not commit the write";
  if ((status & AUTOCOMMIT) === 0) throw new Error(cannot(action, NO_AUTOCOMMIT + notCommitted, status));
  if ((status & IN_TRANSACTION) !== 0) {
    throw new Error(cannot(action, TRANSACTION_OPEN + notCommitted, status));
  }
}

function textOf(bytes: Uint8Array | undefined): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
