/**
 * One call that several callers wait for.
 *
 * @module
 */

/**
 * A call that starts immediately and that any number of callers may wait for. A caller that stops waiting doesn't end it for the
 * others. When the last one stops, the call is aborted.
 */
export class SharedCall<T> {
  readonly #controller = new AbortController();
  readonly #result: Promise<T>;
  readonly #onEnd: () => void;
  #callers = 0;

  /**
   * Starts the call. The constructor's caller must wait for it.
   *
   * @param call The call. Its signal aborts when nobody waits any more; then it must end.
   * @param onEnd Called when the call ends, when nobody waits for it any more, or both.
   */
  constructor(call: (signal: AbortSignal) => Promise<T>, onEnd: () => void) {
    this.#onEnd = onEnd;
    this.#result = call(this.#controller.signal).finally(onEnd);
  }

  /**
   * Waits for the call.
   *
   * @param signal Ends the wait.
   * @throws The error of the call, or the reason of the signal.
   */
  async result(signal: AbortSignal | undefined): Promise<T> {
    this.#callers++;
    let abort = (): void => {};
    const aborted = new Promise<never>((_, reject) => abort = () => reject(signal?.reason));
    signal?.addEventListener("abort", abort);
    try {
      return await Promise.race([this.#result, aborted]);
    } finally {
      signal?.removeEventListener("abort", abort);
      this.#callers--;
      if (this.#callers === 0) {
        // before the caller continues, which may start a new call
        this.#onEnd();
        this.#controller.abort();
      }
    }
  }
}
