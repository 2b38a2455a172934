/**
 * Calls of a database in a file, with a time limit, repeated while another process has locked it.
 *
 * @module
 */
import { withDeadline } from "../../src/store/deadline.ts";
import { backoffMs } from "../../src/time/backoff.ts";
import { elapsedMs, instant, systemClock } from "../../src/time/clock.ts";
import { delay } from "../../src/time/delay.ts";

/** The limits of a call. */
export interface LockedCallOptions {
  /** The action, as error messages name it after "Cannot". */
  readonly action: string;
  /** How long the call may take, with all of its attempts. */
  readonly limitMs: number;
  /** Ends the call. */
  readonly cancel: AbortSignal | undefined;
  /** Whether an error says that the database was locked, and that nothing was done. */
  readonly isLocked: (error: unknown) => boolean;
}

/** The first retry waits from the first length to twice that. The longest wait doubles up to the second length. */
const FIRST_WAIT_MS = 10;
const LONGEST_WAIT_MS = 500;

/**
 * Makes a call that ends within its time limit, and repeats it while the database is locked.
 *
 * @throws The error of the call, the reason of the signal, or an error at the time limit.
 */
export async function callWhileLocked<T>(
  options: LockedCallOptions,
  send: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { action, limitMs, cancel } = options;
  let callSignal: AbortSignal | undefined;
  try {
    return await withDeadline(systemClock, limitMs, cancel, ({ signal }) => {
      callSignal = signal;
      return retryWhileLocked(send, options, signal);
    });
  } catch (cause) {
    cancel?.throwIfAborted();
    const isExpired = callSignal?.aborted;
    if (!isExpired) throw cause;
    const message = `Cannot ${action} as it did not answer within requestTimeout: current value is ${limitMs} ms`;
    throw new Error(message, { cause });
  }
}

async function retryWhileLocked<T>(
  send: (signal: AbortSignal) => Promise<T>,
  { limitMs, isLocked }: LockedCallOptions,
  signal: AbortSignal,
): Promise<T> {
  const started = instant(systemClock);
  for (let failures = 1;; failures++) {
    try {
      return await send(signal);
    } catch (error) {
      const delayMs = backoffMs(failures, LONGEST_WAIT_MS, systemClock.random(), FIRST_WAIT_MS);
      const isTooLate = elapsedMs(systemClock, started) + delayMs >= limitMs;
      if (!isLocked(error) || isTooLate) throw error;
      await delay(systemClock, delayMs, signal);
      signal.throwIfAborted();
    }
  }
}
