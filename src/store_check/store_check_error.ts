/**
 * The error of a store check, and how it shows values.
 *
 * @module
 */
import { shown } from "../errors.ts";
import type { StatusEntry } from "../store/store.ts";

/** A store breaks a rule of the `StatusStore` interface. */
export class StoreCheckError extends Error {
  /** Always `StoreCheckError`. */
  override readonly name: string = "StoreCheckError";
}

/**
 * Fails a check unless a rule is kept.
 *
 * @param isKept Whether the rule is kept.
 * @param rule The rule, such as "read() must return null".
 * @param actual The value that breaks the rule.
 * @param action The failed action, as the error message names it after "Cannot".
 * @throws {StoreCheckError} If the rule is broken.
 */
export function requireThat(
  isKept: boolean,
  rule: string,
  actual: unknown,
  action: string = "accept the store",
): asserts isKept {
  if (isKept) return;
  const cause = actual instanceof Error ? { cause: actual } : {};
  throw new StoreCheckError(`Cannot ${action} as ${rule}: current value is ${describeValue(actual)}`, cause);
}

/** A value as a message shows it: printable bytes as text, entries with their versions, errors by name. */
export function describeValue(value: unknown): string {
  if (value instanceof Uint8Array) return describeBytes(value);
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  if (isEntry(value)) return `${describeBytes(value.value)} at version ${shown(value.version)}`;
  return shown(value);
}

function isEntry(value: unknown): value is StatusEntry {
  return (value as Partial<StatusEntry> | null | undefined)?.value instanceof Uint8Array;
}

function describeBytes(bytes: Uint8Array): string {
  if (bytes.length === 0) return "0 bytes";
  const start = bytes.subarray(0, 100);
  const ellipsis = bytes.length > start.length ? "…" : "";
  // the records of the checks are ASCII
  const isText = start.every((byte) => byte >= 0x20 && byte < 0x7f);
  const text = isText ? shown(String.fromCharCode(...start)) : hexOf(start);
  return `${text}${ellipsis} (${bytes.length} bytes)`;
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
}

/** Whether two arrays hold the same bytes. */
export function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}
