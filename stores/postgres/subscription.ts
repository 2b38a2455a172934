/**
 * Channels of drivers that open a connection for them and listen again when it breaks.
 *
 * @module
 */
import { unlessAborted } from "../calls/unless_aborted.ts";
import type { ChannelEvents } from "./driver.ts";

/** What the driver calls. */
export interface SubscriptionHandlers {
  readonly notified: ChannelEvents["notified"];
  /** Called when the driver listens, and each time that it listens again. */
  readonly listening: () => void;
}

/**
 * Starts to listen, and ends it if the signal has aborted meanwhile.
 *
 * @param events Receives the notifications.
 * @param signal Ends the start.
 * @param start Starts to listen. Returns a function that ends it.
 */
export async function listenOnce(
  events: ChannelEvents,
  signal: AbortSignal,
  start: (handlers: SubscriptionHandlers) => Promise<() => PromiseLike<unknown>>,
): Promise<() => void> {
  let starts = 0;
  let hasEnded = false;
  const handlers: SubscriptionHandlers = {
    notified: (payload) => hasEnded || events.notified(payload),
    listening: () => hasEnded || ++starts === 1 || events.listensAgain(),
  };
  const starting = start(handlers);
  const end = (unlisten: () => PromiseLike<unknown>): void => {
    hasEnded = true;
    Promise.resolve(unlisten()).catch(() => {});
  };
  try {
    const unlisten = await unlessAborted(starting, signal);
    return () => end(unlisten);
  } catch (error) {
    starting.then(end, () => {});
    throw error;
  }
}
