/**
 * As much of Deno KV as the store needs, by its shape alone, and what the store makes of its answers.
 *
 * @module
 */
import { refuse, shown } from "../../src/errors.ts";
import type { StatusEntry } from "../../src/store/store.ts";

/** A part of a key. */
export type KvKeyPart = Uint8Array | string | number | bigint | boolean;

/** A key: its parts, the most significant first. */
export type KvKey = readonly KvKeyPart[];

/** What a read found. */
export interface KvEntry {
  /** What stands at the key; `null` if there is no entry, but an entry's value may be `null` too. */
  readonly value: unknown;
  /** The entry's version, 20 hex digits; `null` if there is no entry. */
  readonly versionstamp: string | null;
}

/** What has to hold for a write to take place. */
export interface KvCheck {
  /** Where. */
  readonly key: KvKey;
  /** The version that must still stand, or `null` if there must be no entry. */
  readonly versionstamp: string | null;
}

/** What became of a write: done, or not, as a check failed. */
export type KvCommit = { readonly ok: true; readonly versionstamp: string } | { readonly ok: false };

/** A write in the making. */
export interface KvAtomicOperation {
  /** Adds a condition. */
  check(check: KvCheck): KvAtomicOperation;
  /** Adds a value to write. */
  set(key: KvKey, value: Uint8Array): KvAtomicOperation;
  /** Sends it. */
  commit(): Promise<KvCommit>;
}

/**
 * A Deno KV database, as far as the store uses it: Deno's own, Deno Deploy's, one opened over KV Connect, and those of
 * `npm:@deno/kv` on Node and Bun all fit.
 */
export interface Kv {
  /** Reads an entry. */
  get(key: KvKey, options?: { readonly consistency?: "strong" | "eventual" }): Promise<KvEntry>;
  /** Begins a write. */
  atomic(): KvAtomicOperation;
}

const VERSIONSTAMP = /^[\da-f]{20}$/i;

/** Whether it is a version as Deno KV gives them. */
export function isVersionstamp(version: unknown): version is string {
  return typeof version === "string" && VERSIONSTAMP.test(version);
}

/** Whether it can be a part of a key. */
export function isKeyPart(part: unknown): part is KvKeyPart {
  return isBytes(part) || ["string", "number", "bigint", "boolean"].includes(typeof part);
}

/** A key as messages show it. */
export function keyText(key: KvKey): string {
  return `[${key.map(shown).join(", ")}]`;
}

/** What a read found as a record: data of someone else's comes with a version that no write takes. */
export function recordOf(entry: KvEntry, doing: string): StatusEntry | null {
  // whoever implements the interface without types may give less
  const { value, versionstamp } = entry as Partial<KvEntry> | undefined ?? {};
  if (versionstamp === null && (value ?? null) === null) return null;
  if (!isVersionstamp(versionstamp)) {
    return refuse(TypeError, "the entry's versionstamp must be 20 hex digits", versionstamp, doing);
  }
  // a copy: Buffers of Node are bytes too, and a database in memory may go on using its own
  if (isBytes(value)) return { value: new Uint8Array(value), version: versionstamp };
  const remark = `not a record but a value of type ${typeof value}`;
  return { value: new TextEncoder().encode(remark), version: `foreign ${versionstamp}` };
}

/** What a commit came to: the new version, or `null` if nothing was written. */
export function versionOf(commit: KvCommit, doing: string): string | null {
  const { ok, versionstamp } = commit as { ok?: unknown; versionstamp?: unknown } | undefined ?? {};
  if (ok === false) return null;
  if (ok === true && isVersionstamp(versionstamp)) return versionstamp;
  return refuse(TypeError, "the commit's answer does not say what became of it", commit, doing);
}

/**
 * Whether nothing was done because another process or connection was using the database file.
 *
 * SQLite says so when it could not get the lock that a statement takes. Only a message that is this alone is trusted: within
 * the message of a remote database it may stand for the last of several attempts. @deno/kv adds a stack trace below.
 */
export function isLocked(error: unknown): boolean {
  return error instanceof Error && /^database (table )?is locked(\n|$)/.test(error.message);
}

/** Whether it is a Uint8Array, even one of another realm, such as Jest's. */
function isBytes(value: unknown): value is Uint8Array {
  return ArrayBuffer.isView(value) && Object.prototype.toString.call(value) === "[object Uint8Array]";
}
