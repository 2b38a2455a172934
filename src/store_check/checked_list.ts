/**
 * A list of keys, each step of which is checked.
 *
 * @module
 */
import { mustEndWithin } from "./settle.ts";
import { requireThat } from "./store_check_error.ts";

/** The keys that a store lists. Opened by the first step, so that a synchronous error is that of the step. */
export class CheckedList {
  readonly #open: () => AsyncIterable<string>;
  readonly #limitMs: number;
  #keys: AsyncIterator<string> | undefined;

  /**
   * Creates a list.
   *
   * @param open Calls the store.
   * @param limitMs How long a step may take.
   */
  constructor(open: () => AsyncIterable<string>, limitMs: number) {
    this.#open = open;
    this.#limitMs = limitMs;
  }

  /** The next key; `undefined` at the end. */
  async next(): Promise<string | undefined> {
    const { done, value } = await mustEndWithin(this.#limitMs, this.#rule("yield a key or end"), async () => {
      this.#keys ??= this.#iterator();
      return await this.#keys.next();
    });
    if (done) return undefined;
    requireThat(typeof value === "string", "list() must yield strings", value);
    return value;
  }

  /** Leaves the list early. */
  async leave(): Promise<void> {
    await mustEndWithin(
      this.#limitMs,
      this.#rule("let its consumer leave"),
      async () => void await this.#keys?.return?.(),
    );
  }

  #rule(step: string): string {
    return `list() must ${step} within ${this.#limitMs} ms`;
  }

  #iterator(): AsyncIterator<string> {
    const iterable = this.#open();
    const isIterable = typeof iterable?.[Symbol.asyncIterator] === "function";
    requireThat(isIterable, "list() must return an AsyncIterable", iterable);
    return iterable[Symbol.asyncIterator]();
  }
}
