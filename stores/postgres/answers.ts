/**
 * The rows in answers.
 *
 * @module
 */
import { cannot } from "../../src/errors.ts";
import type { StatusEntry } from "../../src/store/store.ts";
import type { Row } from "./driver.ts";
import { type CallSubject, readOnlyError } from "./errors.ts";

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

/** Whether a value is a version: a UUID as PostgreSQL prints it. */
export function isVersion(value: unknown): value is string {
  return typeof value === "string" && UUID.test(value);
}

/** The columns of the rows of a read after those about its server. */
export function columnsOf(rows: readonly Row[], subject: CallSubject): Row[] {
  const [first] = rows;
  if (!first) throw new TypeError(cannot(subject.action, "the answer must have a row", rows));
  const [isStandby, isReadOnly] = first;
  if (isStandby !== "false" || isReadOnly !== "off") throw readOnlyError(subject, isStandby === "true");
  return rows.map(([, , ...columns]) => columns);
}

/** The record in the answer of a read; `null` if there is none. */
export function recordIn(rows: readonly Row[], subject: CallSubject): StatusEntry | null {
  const [[time, version, value] = []] = columnsOf(rows, subject);
  if (version === null) return null;
  if (!isVersion(version) || typeof value !== "string") {
    throw new TypeError(cannot(subject.action, "the record must have a version and a value", [version, typeof value]));
  }
  return { value: bytesOf(value), version, storeTime: timeIn(time, subject) };
}

/** Whether the answer of a write says that the record was written. */
export function isWritten(rows: readonly Row[], version: string, { action }: CallSubject): boolean {
  const [first] = rows;
  if (!first) return false;
  if (first[0] === version) return true;
  throw new TypeError(cannot(action, `the answer must have the version ${version}`, first));
}

/** The rows of an answer that must have so many. */
export function rowsInOrder(rows: readonly Row[], count: number): readonly Row[] {
  if (rows.length === count) return rows;
  throw new TypeError(cannot("use the answer of PostgreSQL", `it must have ${count} rows`, rows.length));
}

/** What became of several writes, by their new versions. The others met a lock. */
export interface WriteOutcomes {
  readonly written: ReadonlySet<string>;
  /** The record is at another version. */
  readonly lost: ReadonlySet<string>;
}

/** The outcomes in the answer of a write of several records. */
export function outcomesIn(rows: readonly Row[]): WriteOutcomes {
  const versionsOf = (outcome: string): ReadonlySet<string> =>
    new Set(rows.filter((row) => row[1] === outcome).map(([version]) => version).filter(isVersion));
  return { written: versionsOf("written"), lost: versionsOf("lost") };
}

/** The names in the answer of a listing. */
export function namesIn(rows: readonly Row[], subject: CallSubject): string[] {
  return columnsOf(rows, subject).flatMap(([name]) => typeof name === "string" ? [name] : []);
}

/** A record in base64. */
export function base64Of(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

function bytesOf(base64: string): Uint8Array {
  // PostgreSQL breaks the lines, which atob() ignores
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

function timeIn(text: unknown, { action }: CallSubject): number {
  const ms = typeof text === "string" ? Number(text) : NaN;
  if (!Number.isFinite(ms)) throw new TypeError(cannot(action, "the server's time must be a number", text));
  return ms;
}
