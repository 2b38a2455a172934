/**
 * The time limit of a call with all that it waits for.
 *
 * @module
 */
import { withDeadline } from "../../src/store/deadline.ts";
import { systemClock } from "../../src/time/clock.ts";

/** The limits of a call. */
export interface TimeLimit {
  /** The action, as error messages name it after "Cannot". */
  readonly action: string;
  readonly limitMs: number;
  /** Ends the call. */
  readonly cancel?: AbortSignal | undefined;
}

/**
 * Makes a call that ends within its time limit, even if it ignores its signal.
 *
 * @throws The error of the call, the reason of the signal, or an error at the time limit.
 */
export async function withinLimit<T>(
  { action, limitMs, cancel }: TimeLimit,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  let callSignal: AbortSignal | undefined;
  try {
    return await withDeadline(systemClock, limitMs, cancel, ({ signal }) => {
      callSignal = signal;
      return call(signal);
    });
  } catch (cause) {
    cancel?.throwIfAborted();
    if (!callSignal?.aborted) throw cause;
    const state = 'the store did not answer within the "timeout" of its URL';
    throw new Error(`Cannot ${action} as ${state}: current value is ${limitMs} ms`, { cause });
  }
}
