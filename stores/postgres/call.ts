/**
 * Calls of PostgreSQL with a time limit, repeated after serialisation failures.
 *
 * @module
 */
import { withDeadline } from "../../src/store/deadline.ts";
import { backoffMs } from "../../src/time/backoff.ts";
import { elapsedMs, instant, systemClock } from "../../src/time/clock.ts";
import { delay } from "../../src/time/delay.ts";
import { callError, type CallSubject, isRepeatable } from "./errors.ts";

/** What a call is about, and its limits. */
export interface PostgresCall extends CallSubject {
  /** How long the call may take, with the wait for a connection and all of its attempts. */
  readonly limitMs: number;
  /** Ends the call. */
  readonly cancel: AbortSignal | undefined;
}

/** The first retry waits from the first length to twice that. The longest wait doubles up to the second length. */
const FIRST_WAIT_MS = 5;
const LONGEST_WAIT_MS = 200;

/**
 * Makes a call that ends within its time limit.
 *
 * @throws The reason of the signal, or an error that names the record, with the error of the driver as its cause.
 */
export async function callPostgres<T>(call: PostgresCall, send: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { action, limitMs, cancel } = call;
  let callSignal: AbortSignal | undefined;
  try {
    return await withDeadline(systemClock, limitMs, cancel, ({ signal }) => {
      callSignal = signal;
      return repeat(send, limitMs, signal);
    });
  } catch (cause) {
    cancel?.throwIfAborted();
    if (!callSignal?.aborted) throw callError(call, cause);
    const message = `Cannot ${action} as it did not answer within requestTimeout: current value is ${limitMs} ms`;
    throw new Error(message, { cause });
  }
}

async function repeat<T>(
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
