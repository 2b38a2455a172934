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
 * The maximum number of calls of a store that wait for their answers. Reads that come meanwhile share the next one. More than one, as a
 * call that hangs must not hold up all tasks.
 */
const MAX_CALLS = 4;

/** The reads of each store that wants them to share calls. */
const sharedReads = new WeakMap<StatusStore, SharedReads>();

/**
 * Reads a record for a scheduler. Reads of one moment, and those that come while others are not answered, share a call if the store
 * wants that.
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
    return new Promise((resolve, reject) => {
      this.#waiting.push({ key, signal, resolve, reject });
      // reads of the same moment come before this microtask
      if (this.#waiting.length === 1) queueMicrotask(() => this.#sendWaiting());
    });
  }

  #sendWaiting(): void {
    if (this.#calls >= MAX_CALLS) return;
    // nobody waits for the others any longer
    const readers = this.#waiting.filter(({ signal }) => !signal.aborted);
    this.#waiting = [];
    if (readers.length > 0) void this.#send(readers);
  }

  /** Makes a call, and passes its answers on. Never rejects. */
  async #send(readers: readonly Reader[]): Promise<void> {
    const unawaited = untilAllAbort(readers.map(({ signal }) => signal));
    this.#calls++;
    try {
      // a call that ignores its signal must not keep its place
      const entries = await Promise.race([this.#entriesOf(readers, unawaited.signal), unawaited.rejection]);
      for (const [index, { resolve }] of readers.entries()) resolve(entries[index] ?? null);
    } catch (error) {
      for (const { reject } of readers) reject(error);
    } finally {
      unawaited.stop();
      this.#calls--;
      this.#sendWaiting();
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

/** A signal that aborts when all signals have. */
function untilAllAbort(signals: readonly AbortSignal[]): {
  readonly signal: AbortSignal;
  readonly rejection: Promise<never>;
  readonly stop: () => void;
} {
  const controller = new AbortController();
  const { signal } = controller;
  const rejection = new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  let awaited = signals.length;
  const leave = (event: Event): void => {
    if (--awaited === 0) controller.abort((event.target as AbortSignal | null)?.reason);
  };
  for (const one of signals) one.addEventListener("abort", leave);
  return {
    signal,
    rejection,
    stop: () => {
      for (const one of signals) one.removeEventListener("abort", leave);
    },
  };
}
