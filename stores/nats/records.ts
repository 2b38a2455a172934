/**
 * Entries and errors of JetStream.
 *
 * @module
 */
import { cannot, textOf } from "../../src/errors.ts";
import type { StatusEntry } from "../../src/store/store.ts";
import type { NatsKv, NatsKvEntry } from "./bucket.ts";

/** The codes of an error that says that the key is at another revision. Some servers do not say at which. */
const WRONG_REVISION = [10_071, 10_164];

/** Whether a value is a revision: a positive integer as a string. */
export function isRevision(value: unknown): value is string {
  return typeof value === "string" && /^[1-9]\d{0,15}$/.test(value) && Number.isSafeInteger(Number(value));
}

/** The record in an entry; `null` if there is no entry, or the marker of a deleted one. */
export function recordIn(entry: NatsKvEntry | null, action: string): StatusEntry | null {
  if (entry === null) return null;
  // a client without types may return anything
  const { value, revision, operation } = entry as Partial<NatsKvEntry> | undefined ?? {};
  if (operation === "DEL" || operation === "PURGE") return null;
  const version = String(revision);
  if (operation !== "PUT" || !isRevision(version) || !isBytes(value)) {
    throw new TypeError(cannot(action, "the entry must have a value and a revision", entry));
  }
  // a copy that is a plain Uint8Array and that the client does not share
  return { value: new Uint8Array(value), version };
}

/** The version of a write's answer. */
export function versionOf(revision: unknown, action: string): string {
  const version = String(revision);
  if (isRevision(version)) return version;
  throw new TypeError(cannot(action, "the answer must be the new revision", revision));
}

/** Whether an error says that the key is at another revision, so that nothing was written. */
export function isConflict(error: unknown): boolean {
  const { code, api_error } = (error ?? {}) as { readonly code?: unknown; readonly api_error?: unknown };
  // the package "nats" has the code further down
  const inner = (api_error as { readonly err_code?: unknown } | undefined)?.err_code;
  return WRONG_REVISION.some((wrong) => wrong === code || wrong === inner);
}

/** The error of a call. */
export function failure(action: string, cause: unknown): Error {
  const text = cause instanceof Error ? cause.message || cause.name : textOf(cause);
  return new Error(`Cannot ${action} as the call of JetStream failed: current value is ${text}`, { cause });
}

/**
 * Checks that a bucket answers reads by its leader alone.
 *
 * @throws If it may answer with an older record.
 */
export async function checkBucket(kv: NatsKv, action: string): Promise<void> {
  const status = await kv.status() as Partial<Awaited<ReturnType<NatsKv["status"]>>> | undefined;
  const { allow_direct: allowsDirect, mirror } = status?.streamInfo?.config ?? {};
  const isDirect = allowsDirect === true || (kv as { readonly direct?: unknown }).direct === true;
  if (isDirect) {
    const state =
      'each server of the bucket may answer a read with an older record; create it with "allow_direct: false"';
    throw new BucketError(cannot(action, state, "allow_direct"));
  }
  if (mirror) throw new BucketError(cannot(action, "the bucket must be the original, not a copy of one", "a mirror"));
}

/** The error about a bucket that can't be used. */
export class BucketError extends Error {}

/** Whether a value is a Uint8Array, also one of another realm such as Jest's. */
function isBytes(value: unknown): value is Uint8Array {
  return ArrayBuffer.isView(value) && Object.prototype.toString.call(value) === "[object Uint8Array]";
}
