/**
 * The names of the tasks in a store.
 *
 * @module
 */
import { withDeadline } from "../store/deadline.ts";
import { MAX_CALL_MS } from "../store/record_store.ts";
import type { StatusStore } from "../store/store.ts";
import type { ReadSettings } from "./options.ts";

/**
 * Yields the names of the tasks in a store. The wait for each name has a limit, as a store may ignore its signal.
 *
 * @param store The store. One that cannot list its records yields no name.
 * @param settings The clock, and the signal that ends the listing.
 * @throws The error of the store, a `TimeoutError` after 10 seconds, or the reason of the signal.
 */
export async function* taskNames(
  store: StatusStore,
  { clock, signal }: ReadSettings,
): AsyncGenerator<string, void, void> {
  const end = new AbortController();
  const signals = AbortSignal.any(signal ? [signal, end.signal] : [end.signal]);
  const names = store.list?.({ signal: signals })[Symbol.asyncIterator]();
  if (!names) return;
  try {
    for (;;) {
      const next = await withDeadline(clock, MAX_CALL_MS, signal, async () => await names.next());
      if (next.done) return;
      yield next.value;
    }
  } finally {
    end.abort();
    // not awaited, as a generator returns only after its store has answered
    (async () => await names.return?.())().catch(() => {});
  }
}
