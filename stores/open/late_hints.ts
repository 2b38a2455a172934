/**
 * Hints of a store that is not ready yet.
 *
 * @module
 */
import { hintsOf } from "../../src/store/hints.ts";

/** The hints of a store that has no `watch()`. */
export const NO_HINTS: AsyncIterable<void> = {
  [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve({ done: true, value: undefined }) }),
};

/**
 * Passes on the hints of a watch that begins later.
 *
 * @param begin Begins the watch, which the signal ends.
 * @param signal Ends the hints without an error.
 * @returns The hints. Unlike those of a generator, they end at `return()` even while one is waited for.
 */
export function hintsWhenReady(
  begin: (signal: AbortSignal) => Promise<AsyncIterable<void>>,
  signal: AbortSignal | undefined,
): AsyncIterable<void> {
  return hintsOf((sink) => {
    const ending = new AbortController();
    const forward = async (): Promise<void> => {
      for await (const _ of await begin(ending.signal)) sink.hint();
    };
    forward().then(() => sink.end(), (error) => sink.fail(error));
    return () => ending.abort();
  }, signal);
}
