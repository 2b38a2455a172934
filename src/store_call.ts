/**
 * Calls to a store that end in time, whatever the store does.
 *
 * @module
 */
import { type Clock, type Instant, setAlarm } from "./clock.ts";
import type { StatusEntry } from "./store.ts";

/** A read's answer, and when it was on its way. */
export interface ReadAnswer {
  readonly entry: StatusEntry | null;
  /** Before the call was sent. */
  readonly sent: Instant;
  /** After the answer had come. */
  readonly received: Instant;
}

/**
 * Ends a call at its limit or when it is cancelled, even if the store pays no heed to its signal.
 *
 * @param clock The clock.
 * @param limitMs How long the call may take.
 * @param cancel Ends it at once.
 * @param call The call; a synchronous error counts as a rejection.
 * @returns What the call came to.
 * @throws What the store threw, a `TimeoutError` at the limit, or the reason of `cancel`.
 */
export async function limited<T>(
  clock: Clock,
  limitMs: number,
  cancel: AbortSignal | undefined,
  call: (options: { signal: AbortSignal }) => Promise<T>,
): Promise<T> {
  cancel?.throwIfAborted();
  const controller = new AbortController();
  const { signal } = controller;
  // listens before the call does, so that its end is known before what the store makes of it
  const ended = new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  // a call that throws at once is never raced with it
  ended.catch(() => {});
  const end = (): void => controller.abort(cancel?.reason);
  const expire = (): void => controller.abort(new DOMException("No answer", "TimeoutError"));
  const clearLimit = setAlarm(clock, expire, limitMs);
  cancel?.addEventListener("abort", end);
  try {
    return await Promise.race([call({ signal }), ended]);
  } finally {
    clearLimit();
    cancel?.removeEventListener("abort", end);
  }
}
