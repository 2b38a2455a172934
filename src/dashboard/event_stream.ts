/**
 * The event stream of one viewer.
 *
 * @module
 */
import type { Clock } from "../time/clock.ts";
import type { LiveTasks } from "./live_tasks.ts";
import type { SharedView } from "./shared_view.ts";
import type { Snapshot } from "./view.ts";
import type { ViewState } from "./view_change.ts";

/** The settings of an event stream. */
export interface EventStreamSettings {
  readonly live: LiveTasks;
  readonly clock: Clock;
  readonly view: SharedView;
  /** The version of the tasks that the page shows. */
  readonly version: string | undefined;
  /** Ends the stream, as the server stops. */
  readonly signal: AbortSignal | undefined;
  /** Called when the stream has ended. */
  readonly onEnd: () => void;
}

/** Shorter than the time after which servers and proxies close a connection without traffic; Bun does so after 10 seconds. */
const KEEP_ALIVE_MS = 5_000;

/** The number of signs of life in a row that a viewer may leave unread: it has gone, and its server has not cancelled the stream. */
const MAX_UNREAD = 12;

/** The number of messages that may wait for a viewer that reads slowly. */
const MAX_WAITING = 3;

/** The time after which a browser connects again. */
const RETRY_MS = 3_000;

/**
 * Returns the changes of a view as server-sent events.
 *
 * Servers cancel the stream when the viewer leaves. Not by `request.signal`, which Deno warns about.
 */
export function eventStream(settings: EventStreamSettings): ReadableStream<Uint8Array<ArrayBuffer>> {
  let end = (): void => {};
  return new ReadableStream<Uint8Array<ArrayBuffer>>({
    start: (controller) => {
      end = startStream(controller, settings);
    },
    cancel: () => end(),
    // room for the first state behind the first line
  }, { highWaterMark: MAX_WAITING });
}

/** Starts a stream. Returns the function that ends it. */
function startStream(
  controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>,
  { live, clock, view, version, signal, onEnd }: EventStreamSettings,
): () => void {
  const encoder = new TextEncoder();
  const send = (text: string): void => controller.enqueue(encoder.encode(text));
  let shown: ViewState | undefined;
  let shownVersion = version;
  let hasEnded = false;
  let timer: unknown;
  let unsubscribe = (): void => {};
  const end = (): void => {
    if (hasEnded) return;
    hasEnded = true;
    clock.clearTimer(timer);
    unsubscribe();
    onEnd();
    signal?.removeEventListener("abort", end);
    try {
      controller.close();
    } catch {
      // the viewer has cancelled the stream
    }
  };
  const show = (all: Snapshot): void => {
    // a viewer that reads slowly gets the newest state later
    if (hasEnded || (controller.desiredSize ?? 0) <= 0) return;
    const { version: newVersion, state, messageAfter } = view.update(all);
    if (shown && newVersion === shownVersion) return;
    const message = !shown && newVersion === shownVersion ? undefined : messageAfter(shown);
    shown = state;
    shownVersion = newVersion;
    if (message) controller.enqueue(message);
  };
  const update = (all: Snapshot): void => {
    try {
      show(all);
    } catch {
      // the browser connects again, and the loop of the other viewers goes on
      end();
    }
  };
  let unread = 0;
  const keepAlive = (): void => {
    const isRead = (controller.desiredSize ?? 0) > 0;
    unread = isRead ? 0 : unread + 1;
    if (unread >= MAX_UNREAD) return end();
    // with data, as scripts do not get comments, nor events without data
    if (isRead) send(`event: alive\ndata: ${clock.nowMs()}\n\n`);
    timer = clock.setTimer(keepAlive, KEEP_ALIVE_MS);
  };
  send(`retry: ${RETRY_MS}\n\n`);
  timer = clock.setTimer(keepAlive, KEEP_ALIVE_MS);
  if (signal?.aborted) {
    end();
    return end;
  }
  signal?.addEventListener("abort", end, { once: true });
  unsubscribe = live.subscribe(update);
  // the first update may have ended the stream
  if (hasEnded) unsubscribe();
  return end;
}
