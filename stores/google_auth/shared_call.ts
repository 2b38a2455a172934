/**
 * One call that several wait for.
 *
 * @module
 */

/**
 * A call that begins at once and that any number may wait for. Whoever stops waiting doesn't end it for the others; when
 * nobody waits any more, it ends.
 */
export class SharedCall<T> {
  readonly #cancel = new AbortController();
  readonly #outcome: Promise<T>;
  readonly #ended: () => void;
  #waiting = 0;

  /**
   * @param call The call, which somebody must wait for. Its signal aborts when nobody waits any more: then it must end.
   * @param ended Called when it is over or when nobody waits for it any more, or both.
   */
  constructor(call: (cancel: AbortSignal) => Promise<T>, ended: () => void) {
    this.#ended = ended;
    this.#outcome = call(this.#cancel.signal).finally(ended);
  }

  /**
   * Waits for the call.
   *
   * @param signal Ends the waiting.
   * @throws What the call threw, or the signal's reason.
   */
  async outcome(signal: AbortSignal | undefined): Promise<T> {
    this.#waiting++;
    let stop = (): void => {};
    const stopped = new Promise<never>((_, reject) => stop = () => reject(signal?.reason));
    signal?.addEventListener("abort", stop);
    try {
      return await Promise.race([this.#outcome, stopped]);
    } finally {
      signal?.removeEventListener("abort", stop);
      if (--this.#waiting === 0) {
        // before anyone hears of it, who might ask again
        this.#ended();
        this.#cancel.abort();
      }
    }
  }
}
