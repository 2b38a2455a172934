/**
 * Calls with a deadline.
 *
 * @module
 */
import type { Clock } from "../time/clock.ts";
import { startTimer } from "../time/delay.ts";

/**
 * Calls a function, and ends the call at its limit or when a signal aborts, even if the function ignores its own signal.
 *
 * @param clock The clock.
 * @param limitMs The limit of the call in milliseconds.
 * @param cancel Ends the call immediately.
 * @param call The function. A synchronous error counts as a rejection.
 * @returns The result of the function.
 * @throws The error of the function, a `TimeoutError` at the limit, or the reason of `cancel`.
 */
export async function withDeadline<T>(
  clock: Clock,
  limitMs: number,
  cancel: AbortSignal | undefined,
  call: (options: { signal: AbortSignal }) => Promise<T>,
): Promise<T> {
  cancel?.throwIfAborted();
  const controller = new AbortController();
  const { signal } = controller;
  // listens before the function does, so that this rejection precedes that of the function
  const aborted = new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  // has no other handler if the function throws synchronously
  aborted.catch(() => {});
  const abort = (): void => controller.abort(cancel?.reason);
  const expire = (): void => controller.abort(new DOMException(`No answer within ${limitMs} ms`, "TimeoutError"));
  const cancelTimer = startTimer(clock, expire, limitMs);
  cancel?.addEventListener("abort", abort);
  try {
    return await Promise.race([call({ signal }), aborted]);
  } finally {
    cancelTimer();
    cancel?.removeEventListener("abort", abort);
  }
}
