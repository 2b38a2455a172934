/**
 * The error that callers catch by its class, and how every message shows the value that was refused.
 *
 * @module
 */

/**
 * The reason of `run.signal` when the replica can no longer trust that the run is its own.
 *
 * Either the last confirmed heartbeat is older than the lease, or the record shows another owner. What the task does from
 * here on may happen beside another run of it, so it should stop at once.
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
 * Refuses a value.
 *
 * @param Kind The class of the error: TypeError for a wrong shape, RangeError for a wrong value.
 * @param state What is wrong, after "Cannot … as".
 * @param value The value.
 * @param doing What is refused because of it.
 */
export function refuse(
  Kind: ErrorConstructor,
  state: string,
  value: unknown,
  doing: string = "create the scheduler",
): never {
  throw new Kind(refusal(state, shown(value), doing));
}

/** Why a scheduler is not started again. */
export const STARTED = "it is not new";

/**
 * The message of an error.
 *
 * @param doing What can't be done, after "Cannot".
 * @param state What is wrong, after "as".
 * @param value The value, shown on one line.
 */
export function cannot(doing: string, state: string, value: unknown): string {
  return refusal(state, shown(value), doing);
}

/** What such an error says. */
export function refusal(state: string, value: string, doing: string): string {
  return `Cannot ${doing} as ${state}: current value is ${value}`;
}

/** A value as an error message shows it: on one line, with texts in quotes. */
export function shown(value: unknown): string {
  const isPlain = Object(value) !== value && typeof value !== "string";
  return textOf(value, isPlain ? String : JSON.stringify);
}

/** What a value says of itself: no more than the record keeps, and without ever throwing. */
export function textOf(value: unknown, write: (value: unknown) => string = String): string {
  try {
    return write(value).slice(0, 500);
  } catch {
    // a getter, a toJSON or a cycle of the user's, or what JSON doesn't know: its type has to do
    return `of type ${typeof value}`;
  }
}
