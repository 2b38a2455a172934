/**
 * The store that a caller gets, which owns its client.
 *
 * @module
 */
import { cannot } from "../../src/errors.ts";
import type { StatusEntry, StatusStore, StoreCallOptions } from "../../src/store/store.ts";
import { hintsWhenReady, NO_HINTS } from "./late_hints.ts";
import { type Connection, DEFAULT_LIMIT_MS } from "./scheme.ts";
import { withinLimit } from "./time_limit.ts";

/** A call of a store that is ready. */
type Call<T> = (store: Connection["store"], options: StoreCallOptions | undefined) => Promise<T>;

/** A store that owns its client. */
export interface OpenedStore extends StatusStore {
  /**
   * Lists the names of the tasks that have a record.
   *
   * @param options The signal that ends the listing.
   * @returns The names.
   */
  list(options?: StoreCallOptions): AsyncIterable<string>;
  /**
   * Closes the client. Call it after the schedulers have stopped. Later calls of the store fail.
   *
   * @returns A promise that never rejects, and is the same for each call.
   */
  close(): Promise<void>;
  /** Closes the client at the end of an `await using` block. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Passes calls on until it is closed. */
export class OwningStore implements OpenedStore {
  readonly #connection: Connection;
  #closing: Promise<void> | undefined;

  readonly readMany?: NonNullable<StatusStore["readMany"]>;
  readonly readsTogether?: boolean;
  readonly watch?: (key: string, options?: StoreCallOptions) => AsyncIterable<void>;

  constructor(connection: Connection) {
    this.#connection = connection;
    const { store, prepare } = connection;
    const { readMany, readsTogether } = store;
    if (readMany) {
      this.readMany = async (keys, options) => {
        // a copy, as the caller may change its array before the store is ready
        const copy = [...keys];
        return await this.#whenReady("read the records", options?.signal, (_, own) => readMany.call(store, copy, own));
      };
    }
    if (readsTogether) this.readsTogether = true;
    if (!store.watch) return;
    this.watch = (key, options) => {
      // begins at once if it can
      if (!prepare && !this.#closing) return store.watch?.(key, options) ?? NO_HINTS;
      return hintsWhenReady(async (signal) => {
        await this.#whenReady("watch the record", signal, () => Promise.resolve());
        return store.watch?.(key, { signal }) ?? NO_HINTS;
      }, options?.signal);
    };
  }

  async read(key: string, options?: StoreCallOptions): Promise<StatusEntry | null> {
    return await this.#whenReady("read the record", options?.signal, (store, own) => store.read(key, own));
  }

  async write(
    key: string,
    value: Uint8Array,
    version: string | null,
    options?: StoreCallOptions,
  ): Promise<string | null> {
    // a copy, as the caller may change its array before the store is ready
    const copy = value.slice();
    const write: Call<string | null> = (store, own) => store.write(key, copy, version, own);
    return await this.#whenReady("write the record", options?.signal, write);
  }

  async *list(options?: StoreCallOptions): AsyncIterable<string> {
    const ending = new AbortController();
    const signal = AbortSignal.any(options?.signal ? [options.signal, ending.signal] : [ending.signal]);
    try {
      // with the first page, as the store has a limit for each
      const { keys, first } = await this.#whenReady("list the records", options?.signal, async (store) => {
        const keys = store.list({ signal })[Symbol.asyncIterator]();
        return { keys, first: await keys.next() };
      });
      if (first.done) return;
      yield first.value;
      yield* { [Symbol.asyncIterator]: () => keys };
    } finally {
      ending.abort();
    }
  }

  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Makes a call once the store is ready. One time limit is over both; the store has its own for the call alone. */
  async #whenReady<T>(action: string, cancel: AbortSignal | undefined, call: Call<T>): Promise<T> {
    const { prepare, store, limitMs = DEFAULT_LIMIT_MS } = this.#connection;
    this.#checkOpen(action);
    const preparing = prepare?.();
    if (!preparing) return await call(store, cancel ? { signal: cancel } : undefined);
    return await withinLimit({ action, limitMs, cancel }, async (signal) => {
      await preparing;
      signal.throwIfAborted();
      this.#checkOpen(action);
      return await call(store, { signal });
    });
  }

  #checkOpen(action: string): void {
    if (this.#closing) throw new Error(cannot(action, "the store must be open", "closed"));
  }

  async #close(): Promise<void> {
    try {
      await this.#connection.close?.();
    } catch {
      // drivers reject the end of connections that are broken or were never open
    }
  }
}
