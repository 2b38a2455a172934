/**
 * What checks say of a store that is not as it must be.
 *
 * @module
 */
import { refusal, shown } from "../errors.ts";
import type { StatusEntry } from "../store/store.ts";

/** A store is not as it must be. */
export class StoreCheckError extends Error {
  /** Always `StoreCheckError`. */
  override readonly name: string = "StoreCheckError";
}

/**
 * Fails a check, unless something is as it must be.
 *
 * @param isMet Whether it is.
 * @param rule What must be.
 * @param found What was found in its place.
 * @param doing What can't be done then.
 */
export function must(
  isMet: boolean,
  rule: string,
  found: unknown,
  doing: string = "accept the store",
): asserts isMet {
  if (isMet) return;
  throw new StoreCheckError(refusal(rule, display(found), doing), found instanceof Error ? { cause: found } : {});
}

/** A value as a message shows it: bytes as text if they are some, records with their versions, errors by name. */
export function display(value: unknown): string {
  if (value instanceof Uint8Array) return displayBytes(value);
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  if (isEntry(value)) return `${displayBytes(value.value)} at version ${shown(value.version)}`;
  return shown(value);
}

function isEntry(value: unknown): value is StatusEntry {
  return (value as Partial<StatusEntry> | null | undefined)?.value instanceof Uint8Array;
}

function displayBytes(bytes: Uint8Array): string {
  const start = bytes.subarray(0, 100);
  const more = bytes.length > start.length ? "…" : "";
  // shorter texts are records of the checks, all in ASCII
  const isText = start.every((byte) => byte >= 0x20 && byte < 0x7f);
  const text = isText
    ? shown(String.fromCharCode(...start))
    : Array.from(start, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
  return bytes.length > 0 ? `${text}${more} (${bytes.length} bytes)` : "0 bytes";
}

/** Whether two arrays hold the same bytes. */
export function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}
