/**
 * The error for lost leases, and functions that build error messages.
 *
 * @module
 */
import type { FoundRecord } from "./record/status_record.ts";

/**
 * The abort reason of `run.signal` when the lease of the run can no longer be trusted.
 *
 * Either the last confirmed heartbeat is older than the lease, or the record shows another owner. Another run of the task may
 * start at any moment, so the task should stop immediately.
 *
 * @example Distinguish a lost lease from a timeout
 * ```ts
 * import { LeaseLostError } from "@neat/periodic-task";
 *
 * function describe(signal: AbortSignal): string {
 *   if (!signal.aborted) return "running";
 *   return signal.reason instanceof LeaseLostError ? "another replica may be running" : "timed out or stopped";
 * }
 *
 * console.assert(describe(AbortSignal.abort(new LeaseLostError("gone"))) === "another replica may be running");
 * ```
 */
export class LeaseLostError extends Error {
  /** Always `LeaseLostError`. */
  override readonly name: string = "LeaseLostError";
}

/**
 * Returns the message of an error about a wrong value.
 *
 * @param doing The failed action, as the message names it after "Cannot".
 * @param state The fault of the value, as the message names it after "as".
 * @param value The value.
 */
export function cannot(doing: string, state: string, value: unknown): string {
  return `Cannot ${doing} as ${state}: current value is ${shown(value)}`;
}

/** Returns a value as error messages show it: on one line, with strings in quotes. */
export function shown(value: unknown): string {
  const isPlain = Object(value) !== value && typeof value !== "string";
  return textOf(value, isPlain ? String : JSON.stringify);
}

/** Returns the text of a value, cut to 500 characters. Never throws. */
export function textOf(value: unknown, convert: (value: unknown) => string = String): string {
  try {
    return convert(value).slice(0, 500);
  } catch {
    // getters and toJSON() of the user may throw, and JSON has no cycles and no functions
    return `of type ${typeof value}`;
  }
}

/** Returns the error about data at the task's key that must not be overwritten. */
export function unusableRecordError(name: string, found: Extract<FoundRecord, { description: string }>): Error {
  const state = found.kind === "newer" ? "it is of a newer version" : "it is not a status record";
  return new Error(`Cannot use the record at "${name}" as ${state}: current value is ${found.description}`);
}
