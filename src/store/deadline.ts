/**
 * Calls that end in time, whatever the callee does.
 *
 * @module
 */
import type { Clock } from "../time/clock.ts";
import { startTimer } from "../time/delay.ts";

/**
 * Ends a call at its limit, or when a signal aborts, even if the callee ignores the signal that it is given.
 *
 * @param clock The clock.
 * @param limitMs How long the call may take, in milliseconds.
 * @param cancel Ends it immediately.
 * @param call The call. A synchronous error counts as a rejection.
 * @returns The answer of the call.
 * @throws What the call threw, a `TimeoutError` at the limit, or the reason of `cancel`.
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
  // listens before the call does, so that this rejection comes before what the callee makes of the signal
  const aborted = new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  // a call that throws synchronously is never raced with it
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
