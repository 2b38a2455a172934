/**
 * Keys, entries and errors of Deno KV.
 *
 * @module
 */
import { cannot, shown } from "../../src/errors.ts";
import type { StatusEntry } from "../../src/store/store.ts";
import type { KvCommit, KvEntry, KvKey, KvKeyPart } from "./kv.ts";

/** Whether a value is a version of Deno KV. */
export function isVersionstamp(value: unknown): value is string {
  return typeof value === "string" && /^[\da-f]{20}$/i.test(value);
}

/** Whether a value can be a part of a key. */
export function isKeyPart(value: unknown): value is KvKeyPart {
  return isBytes(value) || ["string", "number", "bigint", "boolean"].includes(typeof value);
}

/** A key as messages show it. */
export function keyText(key: KvKey): string {
  return `[${key.map(shown).join(", ")}]`;
}

/**
 * The record in an entry; `null` if there is no entry.
 *
 * Any value but bytes is data of another program. It becomes a text that is not a record, at a version that no write accepts.
 */
export function recordIn(entry: KvEntry, action: string): StatusEntry | null {
  // a client without types may return anything
  const { value, versionstamp } = entry as Partial<KvEntry> | undefined ?? {};
  if (versionstamp === null && (value ?? null) === null) return null;
  if (!isVersionstamp(versionstamp)) {
    throw new TypeError(cannot(action, "the entry's versionstamp must be 20 hex digits", versionstamp));
  }
  // a copy that is a plain Uint8Array and that the database does not share
  if (isBytes(value)) return { value: new Uint8Array(value), version: versionstamp };
  const remark = `not a record but a value of type ${typeof value}`;
  return { value: new TextEncoder().encode(remark), version: `foreign ${versionstamp}` };
}

/** The new version in the result of a write; `null` if nothing was written. */
export function versionIn(commit: KvCommit, action: string): string | null {
  const { ok, versionstamp } = commit as { ok?: unknown; versionstamp?: unknown } | undefined ?? {};
  if (ok === false) return null;
  if (ok === true && isVersionstamp(versionstamp)) return versionstamp;
  throw new TypeError(cannot(action, "the commit's answer must say whether the record was written", commit));
}

/**
 * Whether a call did nothing because another process or connection used the database file.
 *
 * SQLite reports this when it can't get the lock of a statement. Only a message that begins so counts: inside the message of a
 * remote database it may describe the last of several attempts. @deno/kv appends a stack trace.
 */
export function isLocked(error: unknown): boolean {
  return error instanceof Error && /^database (table )?is locked(\n|$)/.test(error.message);
}

/**
 * Whether a call did nothing because something in it is too large or there is too much of it, which may concern one entry of several.
 * The messages of @deno/kv on Node are names such as `ValueTooLong`.
 */
export function isRefused(error: unknown): boolean {
  return error instanceof Error &&
    /^((Key|Value|Total \w+ size) too large|(Key|Value|AtomicWrite)Too|Too ?many)/i.test(error.message);
}

/** Whether a value is a Uint8Array, also one of another realm such as Jest's. */
function isBytes(value: unknown): value is Uint8Array {
  return ArrayBuffer.isView(value) && Object.prototype.toString.call(value) === "[object Uint8Array]";
}
