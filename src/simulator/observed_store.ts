/**
 * The store as a scheduler uses it, with its calls written to the history.
 *
 * @module
 */
import { hintsOf } from "../store/hints.ts";
import type { StatusEntry, StatusStore, StoreCallOptions } from "../store/store.ts";
import type { History } from "./history.ts";
import type { ObservedCall, ObservedScheduler } from "./observations.ts";
import type { StoreClock } from "./store_clock.ts";

/** The store of one scheduler. */
export class ObservedStore implements StatusStore {
  readonly #store: StatusStore;
  readonly #history: History;
  readonly #storeClock: StoreClock;
  readonly #scheduler: ObservedScheduler;

  /** Reads several records, if the store can. Each counts as a read. */
  readonly readMany?: (keys: readonly string[], options?: StoreCallOptions) => Promise<(StatusEntry | null)[]>;
  /** Whether schedulers read together, as the store says. */
  readonly readsTogether?: boolean;
  /** Lists the keys, if the store can. */
  readonly list?: (options?: StoreCallOptions) => AsyncIterable<string>;
  /** Watches the record, if the store can. A process that is paused or killed gets no hint meanwhile. */
  readonly watch?: (key: string, options?: StoreCallOptions) => AsyncIterable<void>;

  constructor(store: StatusStore, history: History, storeClock: StoreClock, scheduler: ObservedScheduler) {
    this.#store = store;
    this.#history = history;
    this.#storeClock = storeClock;
    this.#scheduler = scheduler;
    const { readMany, readsTogether, list, watch } = store;
    if (readMany) {
      this.readMany = async (keys, options) => {
        const entries = readMany.call(store, keys, options);
        return await Promise.all(
          keys.map((_, index) => this.#read(async () => (await entries)[index] ?? null, options)),
        );
      };
    }
    if (readsTogether) this.readsTogether = true;
    if (list) this.list = (options) => list.call(store, options);
    if (watch) this.watch = (key, options) => this.#deliver((passed) => watch.call(store, key, passed), options);
  }

  /** Reads the record. */
  async read(key: string, options?: StoreCallOptions): Promise<StatusEntry | null> {
    return await this.#read(() => this.#store.read(key, options), options);
  }

  async #read(
    send: () => Promise<StatusEntry | null>,
    options: StoreCallOptions | undefined,
  ): Promise<StatusEntry | null> {
    const call = this.#history.callSent(this.#scheduler, "read", undefined, options?.signal);
    const entry = await this.#observe(call, send);
    if (call.signal?.aborted) return entry;
    if (entry) this.#storeClock.observe(entry.storeTime, call.sentMs);
    this.#history.readAnswered(call, entry);
    return entry;
  }

  /** Writes the record. */
  async write(
    key: string,
    value: Uint8Array,
    version: string | null,
    options?: StoreCallOptions,
  ): Promise<string | null> {
    const call = this.#history.callSent(this.#scheduler, "write", value, options?.signal);
    const next = await this.#observe(call, () => this.#store.write(key, value, version, options));
    if (!call.signal?.aborted) this.#history.writeAnswered(call, version, next);
    return next;
  }

  /** The hints as the process gets them. */
  #deliver(
    open: (options: StoreCallOptions) => AsyncIterable<void>,
    options: StoreCallOptions | undefined,
  ): AsyncIterable<void> {
    const { process } = this.#scheduler;
    return hintsOf((sink) => {
      const ended = new AbortController();
      const pass = async (): Promise<void> => {
        for await (const _ of open({ signal: ended.signal })) process.deliver(() => sink.hint());
        process.deliver(() => sink.end());
      };
      pass().catch((error) => process.deliver(() => sink.fail(error)));
      return () => ended.abort();
    }, options?.signal);
  }

  async #observe<T>(call: ObservedCall, send: () => Promise<T>): Promise<T> {
    try {
      const answer = await send();
      // a store without a network may change in the middle of a step
      this.#history.refresh();
      this.#history.callEnded(call, false);
      return answer;
    } catch (error) {
      this.#history.callEnded(call, true);
      throw error;
    }
  }
}
