/**
 * The store that a caller gets, which owns its client.
 *
 * @module
 */
import { cannot } from "../../src/errors.ts";
import type { StatusEntry, StatusStore, StoreCallOptions } from "../../src/store/store.ts";
import { hintsWhenReady, NO_HINTS } from "./late_hints.ts";
import type { Connection } from "./scheme.ts";

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

  readonly watch?: (key: string, options?: StoreCallOptions) => AsyncIterable<void>;

  constructor(connection: Connection) {
    this.#connection = connection;
    const { store, prepare } = connection;
    if (!store.watch) return;
    this.watch = (key, options) => {
      // begins at once if it can
      if (!prepare && !this.#closing) return store.watch?.(key, options) ?? NO_HINTS;
      return hintsWhenReady(async (signal) => {
        const ready = await this.#ready("watch the record", { signal });
        return ready.watch?.(key, { signal }) ?? NO_HINTS;
      }, options?.signal);
    };
  }

  async read(key: string, options?: StoreCallOptions): Promise<StatusEntry | null> {
    const store = await this.#ready("read the record", options);
    return await store.read(key, options);
  }

  async write(
    key: string,
    value: Uint8Array,
    version: string | null,
    options?: StoreCallOptions,
  ): Promise<string | null> {
    // a copy, as the caller may change its array before the store is ready
    const copy = value.slice();
    const store = await this.#ready("write the record", options);
    return await store.write(key, copy, version, options);
  }

  async *list(options?: StoreCallOptions): AsyncIterable<string> {
    const store = await this.#ready("list the records", options);
    yield* store.list(options);
  }

  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #ready(action: string, options: StoreCallOptions | undefined): Promise<Connection["store"]> {
    const { prepare, store } = this.#connection;
    this.#checkOpen(action);
    if (!prepare) return store;
    await prepare(options?.signal);
    this.#checkOpen(action);
    return store;
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
