/**
 * Reads of several schedulers that share calls of their store.
 *
 * @module
 */
import { checkedEntries } from "./read_many_answer.ts";
import type { StatusEntry, StatusStore } from "./store.ts";

/** A store that wants its readers to share calls. */
type SharingStore = StatusStore & Required<Pick<StatusStore, "readMany">>;

/**
 * The maximum number of calls of a store that wait for their answers. Reads that come meanwhile share the next one. Few tasks never wait
 * for one another, and a call that hangs does not hold up all tasks.
 */
const MAX_CALLS = 4;

/** The reads of each store that wants them to share calls. */
const sharedReads = new WeakMap<StatusStore, SharedReads>();

/**
 * Reads a record for a scheduler. Reads that come while some are not answered share the next call, if the store wants that.
 *
 * @param store The store.
 * @param key The task's name.
 * @param options The signal, at which the caller no longer waits for the answer.
 * @returns The answer of the store, which is not checked.
 * @throws {unknown} The error of the store. That of a shared call is the error of each of its readers.
 */
export function readShared(
  store: StatusStore,
  key: string,
  options: { readonly signal: AbortSignal },
): Promise<StatusEntry | null> {
  if (!isSharing(store)) return store.read(key, options);
  const reads = sharedReads.get(store) ?? new SharedReads(store);
  sharedReads.set(store, reads);
  return reads.read(key, options.signal);
}

function isSharing(store: StatusStore): store is SharingStore {
  return store.readsTogether === true && typeof store.readMany === "function";
}

/** A scheduler that waits for a record. */
interface Reader {
  readonly key: string;
  readonly signal: AbortSignal;
  readonly resolve: (entry: StatusEntry | null) => void;
  readonly reject: (error: unknown) => void;
}

/** The reads of a store. */
class SharedReads {
  readonly #store: SharingStore;
  #waiting: Reader[] = [];
  #calls = 0;

  constructor(store: SharingStore) {
    this.#store = store;
  }

  read(key: string, signal: AbortSignal): Promise<StatusEntry | null> {
    if (this.#calls < MAX_CALLS) return this.#counted(signal, () => this.#store.read(key, { signal }));
    return new Promise((resolve, reject) => this.#waiting.push({ key, signal, resolve, reject }));
  }

  /** Makes a call, which has a place until it is answered, or until nobody waits for it: it may ignore its signal. */
  async #counted<T>(signal: AbortSignal, call: () => Promise<T>): Promise<T> {
    let hasPlace = true;
    const leave = (): void => {
      if (!hasPlace) return;
      hasPlace = false;
      this.#calls--;
      this.#sendWaiting();
    };
    this.#calls++;
    signal.addEventListener("abort", leave);
    try {
      return await call();
    } finally {
      signal.removeEventListener("abort", leave);
      leave();
    }
  }

  #sendWaiting(): void {
    // nobody waits for the others any longer
    const readers = this.#waiting.filter(({ signal }) => !signal.aborted);
    this.#waiting = [];
    if (readers.length > 0) void this.#send(readers);
  }

  /** Makes a call, and passes its answers on. Never rejects. */
  async #send(readers: readonly Reader[]): Promise<void> {
    const { signal, stop } = whileAwaited(readers.map(({ signal }) => signal));
    try {
      const entries = await this.#counted(signal, () => this.#entriesOf(readers, signal));
      for (const [index, { resolve }] of readers.entries()) resolve(entries[index] ?? null);
    } catch (error) {
      for (const { reject } of readers) reject(error);
    } finally {
      stop();
    }
  }

  async #entriesOf(readers: readonly Reader[], signal: AbortSignal): Promise<readonly (StatusEntry | null)[]> {
    const [first, ...others] = readers.map(({ key }) => key);
    if (first === undefined) return [];
    if (others.length === 0) return [await this.#store.read(first, { signal })];
    const keys = [first, ...others];
    return checkedEntries(await this.#store.readMany(keys, { signal }), keys.length);
  }
}

/** A signal that aborts when all signals have, until it is stopped. That of one reader is its own. */
function whileAwaited(signals: readonly AbortSignal[]): { readonly signal: AbortSignal; readonly stop: () => void } {
  const [first] = signals;
  if (first && signals.length === 1) return { signal: first, stop: () => {} };
  const controller = new AbortController();
  let awaited = signals.length;
  const leave = (event: Event): void => {
    if (--awaited === 0) controller.abort((event.target as AbortSignal | null)?.reason);
  };
  for (const signal of signals) signal.addEventListener("abort", leave);
  const stop = (): void => {
    for (const signal of signals) signal.removeEventListener("abort", leave);
  };
  return { signal: controller.signal, stop };
}
