/**
 * Calls of a store with a time limit, repeated while other transactions are in the way.
 *
 * @module
 */
import { withDeadline } from "../../src/store/deadline.ts";
import { backoffMs } from "../../src/time/backoff.ts";
import { elapsedMs, instant, systemClock } from "../../src/time/clock.ts";
import { delay } from "../../src/time/delay.ts";
import { callError, isRepeatable } from "./errors.ts";

/** The limits of a call. */
export interface MysqlCallOptions {
  /** The action, as error messages name it after "Cannot". */
  readonly action: string;
  /** The table, quoted. */
  readonly table: string;
  /** How long the call may take, with all of its attempts. */
  readonly limitMs: number;
  /** Ends the call. */
  readonly cancel: AbortSignal | undefined;
}

/** The first retry waits from the first length to twice that. The longest wait doubles up to the second length. */
const FIRST_WAIT_MS = 10;
const LONGEST_WAIT_MS = 500;

/**
 * Makes a call that ends within its time limit, and repeats it after a deadlock and the like.
 *
 * @throws The error of the call, the reason of the signal, or an error at the time limit.
 */
export async function callMysql<T>(
  { action, table, limitMs, cancel }: MysqlCallOptions,
  send: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  let callSignal: AbortSignal | undefined;
  try {
    return await withDeadline(systemClock, limitMs, cancel, ({ signal }) => {
      callSignal = signal;
      return retryAfterDeadlocks(send, limitMs, signal);
    });
  } catch (cause) {
    cancel?.throwIfAborted();
    if (callSignal?.aborted) {
      const message = `Cannot ${action} as it did not answer within requestTimeout: current value is ${limitMs} ms`;
      throw new Error(message, { cause });
    }
    throw callError(action, table, cause);
  }
}

async function retryAfterDeadlocks<T>(
  send: (signal: AbortSignal) => Promise<T>,
  limitMs: number,
  signal: AbortSignal,
): Promise<T> {
  const started = instant(systemClock);
  for (let failures = 1;; failures++) {
    try {
      return await send(signal);
    } catch (error) {
      const delayMs = backoffMs(failures, LONGEST_WAIT_MS, systemClock.random(), FIRST_WAIT_MS);
      const isTooLate = elapsedMs(systemClock, started) + delayMs >= limitMs;
      if (!isRepeatable(error) || isTooLate) throw error;
      await delay(systemClock, delayMs, signal);
      signal.throwIfAborted();
    }
  }
}
