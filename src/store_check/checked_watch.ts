/**
 * A watch of a key, each step of which is checked.
 *
 * @module
 */
import { mustEndWithin, settle, sleep } from "./settle.ts";
import { requireThat } from "./store_check_error.ts";

/** Without a hint for this time, those of earlier writes have come. */
const QUIET_MS = 100;

/** A store that hints all the time is allowed to: after so many hints, nobody waits for silence. */
const MAX_EARLY_HINTS = 20;

/** A step that must be prompt ends within this time. */
const PROMPT_MS = 1_000;

/** A hint comes within this time of its write. */
const SOON_MS = 5_000;

/** The hints of a watch. */
export class CheckedWatch {
  readonly #hints: AsyncIterator<void>;
  readonly #controller: AbortController;
  #next: Promise<IteratorResult<void>> | undefined;

  /**
   * Starts a watch.
   *
   * @param open Calls the store.
   * @param controller Ends the watch.
   */
  constructor(open: (signal: AbortSignal) => AsyncIterable<void>, controller: AbortController = new AbortController()) {
    const hints = open(controller.signal);
    const isIterable = typeof hints?.[Symbol.asyncIterator] === "function";
    requireThat(isIterable, "watch() must return an AsyncIterable", hints);
    this.#hints = hints[Symbol.asyncIterator]();
    this.#controller = controller;
  }

  /** Waits until the watch has begun, and the hints of earlier writes have come. */
  async settle(): Promise<void> {
    for (let hints = 0; hints < MAX_EARLY_HINTS; hints++) {
      this.#next ??= this.#hints.next();
      const result = await Promise.race([this.#next, sleep(QUIET_MS)]);
      if (!result) return;
      requireThat(!result.done, "watch() must not end by itself", result);
      this.#next = undefined;
    }
  }

  /** Requires a hint, after a write. */
  async mustHint(): Promise<void> {
    const result = await this.#take(SOON_MS, `watch() must yield within ${SOON_MS} ms of a write by another client`);
    requireThat(result.done !== true, "watch() must not end by itself", result);
  }

  /** Aborts the signal, and requires that the watch ends without an error. */
  async mustEndAtAbort(): Promise<void> {
    this.#controller.abort(new DOMException("the check ends the watch", "AbortError"));
    await this.#mustEnd("its signal has aborted");
  }

  /** Leaves the watch after a hint, and requires that it ends. */
  async mustEndAtReturn(): Promise<void> {
    const rule = `watch() must let its consumer leave within ${PROMPT_MS} ms`;
    await mustEndWithin(PROMPT_MS, rule, async () => void await this.#hints.return?.());
    await this.#mustEnd("its consumer has left");
  }

  /** Ends the watch, whatever has happened. */
  async stop(): Promise<void> {
    this.#controller.abort();
    await mustEndWithin(PROMPT_MS, "", async () => void await this.#hints.return?.()).catch(() => {});
  }

  async #mustEnd(situation: string): Promise<void> {
    const rule = `once ${situation}, watch() must end within ${PROMPT_MS} ms, without an error`;
    const result = await settle(this.#take(PROMPT_MS, rule));
    requireThat(
      result.isFulfilled && result.value.done === true,
      rule,
      result.isFulfilled ? result.value : result.error,
    );
  }

  async #take(limitMs: number, rule: string): Promise<IteratorResult<void>> {
    this.#next ??= this.#hints.next();
    const next = this.#next;
    const result = await mustEndWithin(limitMs, rule, () => next);
    this.#next = undefined;
    return result;
  }
}
