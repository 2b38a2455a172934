/**
 * Hints that the record at a key may have changed.
 *
 * @module
 */

/** Receives the hints of a source. */
export interface HintSink {
  /** Takes a hint. Hints that nobody has consumed yet count as one. */
  hint(): void;
  /** Ends the hints without an error. */
  end(): void;
  /** Ends the hints with an error. */
  fail(error: unknown): void;
}

/** Starts to send hints to a sink. Returns a function that stops it, which is called once. */
export type HintSource = (sink: HintSink) => () => void;

interface Consumer {
  readonly resolve: (result: IteratorResult<void, undefined>) => void;
  readonly reject: (error: unknown) => void;
}

type State = "open" | "ended" | { readonly error: unknown };

const HINT: IteratorResult<void, undefined> = { done: false, value: undefined };
const END: IteratorResult<void, undefined> = { done: true, value: undefined };

/** The hints of one consumer. Unlike a generator, it ends at `return()` even while a `next()` is pending. */
class HintIterator implements AsyncIterator<void, undefined>, HintSink {
  readonly #signal: AbortSignal | undefined;
  readonly #stopSource: () => void = () => {};
  readonly #consumers: Consumer[] = [];
  #state: State = "open";
  #hasHint = false;

  constructor(source: HintSource, signal: AbortSignal | undefined) {
    this.#signal = signal;
    if (signal?.aborted) {
      this.#state = "ended";
      return;
    }
    signal?.addEventListener("abort", this.#abort);
    try {
      this.#stopSource = source(this);
    } catch (error) {
      this.fail(error);
    }
  }

  next(): Promise<IteratorResult<void, undefined>> {
    if (this.#hasHint) {
      this.#hasHint = false;
      return Promise.resolve(HINT);
    }
    if (this.#state === "open") return new Promise((resolve, reject) => this.#consumers.push({ resolve, reject }));
    const state = this.#state;
    this.#state = "ended";
    return state === "ended" ? Promise.resolve(END) : Promise.reject(state.error);
  }

  return(): Promise<IteratorResult<void, undefined>> {
    this.end();
    return Promise.resolve(END);
  }

  hint(): void {
    if (this.#state !== "open") return;
    const consumer = this.#consumers.shift();
    if (consumer) consumer.resolve(HINT);
    else this.#hasHint = true;
  }

  end(): void {
    this.#close("ended");
  }

  fail(error: unknown): void {
    this.#close({ error });
  }

  readonly #abort = (): void => this.end();

  #close(state: State): void {
    if (this.#state !== "open") return;
    this.#state = state;
    this.#hasHint = false;
    this.#signal?.removeEventListener("abort", this.#abort);
    this.#stopSource();
    // only the first consumer gets the error
    for (const { resolve, reject } of this.#consumers.splice(0)) this.next().then(resolve, reject);
  }
}

/**
 * The hints of a source, which is started anew for each consumer and stopped when that consumer returns.
 *
 * @param source Starts to send hints. An error that it throws is that of the first `next()`.
 * @param signal Ends the hints without an error.
 */
export function hintsOf(source: HintSource, signal: AbortSignal | undefined): AsyncIterable<void> {
  return { [Symbol.asyncIterator]: () => new HintIterator(source, signal) };
}
