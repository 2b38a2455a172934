/**
 * The watch of the record in a store that can watch it.
 *
 * @module
 */
import { withDeadline } from "../store/deadline.ts";
import { backoffMs } from "../time/backoff.ts";
import type { Clock } from "../time/clock.ts";
import { delay } from "../time/delay.ts";
import { settle } from "./task_call.ts";

/** The wait after each hint in milliseconds, so that a flood of hints does not keep the event loop busy. */
const HINT_PAUSE_MS = 50;

/** The longest wait before a watch that has ended or failed is started again, in milliseconds. */
const MAX_RESTART_MS = 60_000;

/** The longest wait for the end of a watch before it is started again, in milliseconds. */
const MAX_END_MS = 10_000;

/** A watch that fails is reported after this number of watches in a row, as a connection may break now and then. */
const REPORTED_FAILURES = 3;

/** The options of a {@linkcode Watcher}. */
export interface WatcherOptions {
  /** Starts a watch of the record, until the signal aborts. */
  readonly watch: (signal: AbortSignal) => AsyncIterable<unknown>;
  readonly clock: Clock;
  /** Called with each hint. */
  readonly onHint: () => void;
  /** Called when several watches in a row have ended or failed without a hint, with the last error if there is one. */
  readonly onFailure: (error?: unknown) => void;
}

/** Watches the record, and starts the watch again after it has ended or failed. Hints are passed on as they come. */
export class Watcher {
  readonly #options: WatcherOptions;
  readonly #stop = new AbortController();
  readonly #ended: Promise<void>;
  /** The number of watches in a row that have ended or failed without a hint. */
  #failures = 0;

  /** Starts a watch. */
  constructor(options: WatcherOptions) {
    this.#options = options;
    this.#ended = this.#run();
  }

  /** Ends the watch. Resolves when the store has ended it. */
  stop(): Promise<void> {
    this.#stop.abort();
    return this.#ended;
  }

  async #run(): Promise<void> {
    const { clock, onFailure } = this.#options;
    const { signal } = this.#stop;
    // a scheduler that is stopped at once needs no watch
    await undefined;
    while (!signal.aborted) {
      const ended = await settle(() => this.#watch(signal));
      if (signal.aborted) return;
      if (++this.#failures === REPORTED_FAILURES) onFailure(...ended.isFailure ? [ended.error] : []);
      await delay(clock, backoffMs(this.#failures, MAX_RESTART_MS, clock.random()), signal);
    }
  }

  /** Passes the hints of one watch on until it ends. */
  async #watch(signal: AbortSignal): Promise<void> {
    const { watch, clock, onHint } = this.#options;
    const hints = watch(signal)[Symbol.asyncIterator]();
    try {
      while (!(await nextOf(hints, signal)).done) {
        this.#failures = 0;
        onHint();
        await delay(clock, HINT_PAUSE_MS, signal);
      }
    } finally {
      const end = async (): Promise<unknown> => await hints.return?.();
      // a watch that has failed may never end
      if (signal.aborted) await end();
      else await withDeadline(clock, MAX_END_MS, signal, end).catch(() => {});
    }
  }
}

/** Returns the next hint, or the end of the watch when the signal aborts, as a store may ignore the signal. */
function nextOf(hints: AsyncIterator<unknown>, signal: AbortSignal): Promise<IteratorResult<unknown, unknown>> {
  return new Promise((resolve, reject) => {
    const end = (): void => resolve({ done: true, value: undefined });
    if (signal.aborted) return end();
    signal.addEventListener("abort", end);
    const next = async (): Promise<IteratorResult<unknown, unknown>> => await hints.next();
    next().then(resolve, reject).finally(() => signal.removeEventListener("abort", end));
  });
}
