/**
 * The error class that callers catch, and the wording of all error messages.
 *
 * @module
 */
import type { FoundRecord } from "./record/status_record.ts";

/**
 * The reason of `run.signal` when the replica can no longer trust that the lease of the run is its own.
 *
 * Either the last confirmed heartbeat is older than the lease, or the record shows another owner. Another run of the task may
 * begin at any moment, so the task should stop immediately.
 *
 * @example Telling a lost lease from a timeout
 * ```ts
 * import { LeaseLostError } from "@neat/periodic-task";
 *
 * function describe(signal: AbortSignal): string {
 *   if (!signal.aborted) return "going on";
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
 * Returns the message of an error that refuses a value.
 *
 * @param doing What is refused, after "Cannot".
 * @param state What is wrong, after "as".
 * @param value The value, shown on one line.
 */
export function cannot(doing: string, state: string, value: unknown): string {
  return `Cannot ${doing} as ${state}: current value is ${shown(value)}`;
}

/** Returns a value as an error message shows it: on one line, with strings in quotes. */
export function shown(value: unknown): string {
  const isPlain = Object(value) !== value && typeof value !== "string";
  return textOf(value, isPlain ? String : JSON.stringify);
}

/** Returns the text of a value, cut to 500 characters. Never throws. */
export function textOf(value: unknown, convert: (value: unknown) => string = String): string {
  try {
    return convert(value).slice(0, 500);
  } catch {
    // a getter, a toJSON or a cycle of the user's, or a value that JSON does not know
    return `of type ${typeof value}`;
  }
}

/** Returns the error about data that is neither run nor overwritten. */
export function unusableRecordError(name: string, found: Extract<FoundRecord, { description: string }>): Error {
  const state = found.kind === "newer" ? "it is of a newer version" : "it is not a status record";
  return new Error(`Cannot use the record at "${name}" as ${state}: current value is ${found.description}`);
}
