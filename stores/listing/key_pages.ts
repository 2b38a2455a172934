/**
 * Lists that are read page by page.
 *
 * @module
 */
import { cannot } from "../../src/errors.ts";

/** How many keys a page has at most. Their names always fit into one response. */
export const PAGE_SIZE = 100;

/** One page of a list. */
export interface KeyPage {
  readonly keys: readonly string[];
  /** Where the next page begins; `undefined` if this is the last one. */
  readonly next: string | undefined;
}

/**
 * Yields the keys of all pages. A page is read when the keys before it have been consumed.
 *
 * @param readPage Reads the page that begins at a position, or the first one. Throws if the signal has aborted.
 * @param signal Ends the list.
 * @param action The action, as error messages name it after "Cannot".
 * @throws The error of `readPage`, or the reason of the signal.
 */
export async function* listPages(
  readPage: (start: string | undefined) => Promise<KeyPage>,
  signal: AbortSignal | undefined,
  action: string,
): AsyncGenerator<string, void, undefined> {
  let start: string | undefined;
  do {
    const { keys, next } = await readPage(start);
    for (const key of keys) {
      yield key;
      signal?.throwIfAborted();
    }
    // a server that ignores the position would be asked forever
    if (next !== undefined && next === start) {
      throw new Error(cannot(action, "the next page must be another one", next));
    }
    start = next;
  } while (start !== undefined);
}
