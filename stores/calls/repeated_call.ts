/**
 * Calls of a database with a time limit, repeated after errors that say that nothing was done.
 *
 * @module
 */
import { withDeadline } from "../../src/store/deadline.ts";
import { backoffMs } from "../../src/time/backoff.ts";
import { elapsedMs, instant, systemClock } from "../../src/time/clock.ts";
import { delay } from "../../src/time/delay.ts";

/** The limits of a call, and what its errors mean. */
export interface RepeatedCall {
  /** The action, as error messages name it after "Cannot". */
  readonly action: string;
  /** How long the call may take, with all of its attempts. */
  readonly limitMs: number;
  /** Ends the call. */
  readonly cancel: AbortSignal | undefined;
  /** Whether an error says that nothing was done, so that the same call may succeed: a lock, for example. */
  readonly isRepeatable: (error: unknown) => boolean;
  /** Returns the error to throw for that of the last attempt, which is thrown itself if absent. */
  readonly explain?: (cause: unknown) => unknown;
  /** The waits between attempts; from 10 ms to 500 ms if absent. */
  readonly waits?: Waits;
}

/** The first retry waits from the first length to twice that. The longest wait doubles up to the second length. */
export interface Waits {
  readonly firstMs: number;
  readonly longestMs: number;
}

const WAITS: Waits = { firstMs: 10, longestMs: 500 };

/**
 * Makes a call that ends within its time limit, and repeats it with jitter while an error says that nothing was done.
 *
 * @throws The error of the call, the reason of the signal, or an error at the time limit.
 */
export async function callRepeatedly<T>(call: RepeatedCall, send: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { action, limitMs, cancel, explain = (cause: unknown) => cause } = call;
  let callSignal: AbortSignal | undefined;
  try {
    return await withDeadline(systemClock, limitMs, cancel, ({ signal }) => {
      callSignal = signal;
      return repeat(send, call, signal);
    });
  } catch (cause) {
    cancel?.throwIfAborted();
    if (!callSignal?.aborted) throw explain(cause);
    const message = `Cannot ${action} as it did not answer within requestTimeout: current value is ${limitMs} ms`;
    throw new Error(message, { cause });
  }
}

async function repeat<T>(
  send: (signal: AbortSignal) => Promise<T>,
  { limitMs, isRepeatable, waits: { firstMs, longestMs } = WAITS }: RepeatedCall,
  signal: AbortSignal,
): Promise<T> {
  const started = instant(systemClock);
  for (let failures = 1;; failures++) {
    try {
      return await send(signal);
    } catch (error) {
      const delayMs = backoffMs(failures, longestMs, systemClock.random(), firstMs);
      const isTooLate = elapsedMs(systemClock, started) + delayMs >= limitMs;
      if (!isRepeatable(error) || isTooLate) throw error;
      await delay(systemClock, delayMs, signal);
      signal.throwIfAborted();
    }
  }
}
