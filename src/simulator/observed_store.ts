/**
 * The store as a scheduler uses it, with its calls written to the history.
 *
 * @module
 */
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
  /** Watches the record, if the store can. */
  readonly watch?: NonNullable<StatusStore["watch"]>;

  constructor(store: StatusStore, history: History, storeClock: StoreClock, scheduler: ObservedScheduler) {
    this.#store = store;
    this.#history = history;
    this.#storeClock = storeClock;
    this.#scheduler = scheduler;
    if (store.watch) this.watch = store.watch.bind(store);
  }

  /** Reads the record. */
  async read(key: string, options?: StoreCallOptions): Promise<StatusEntry | null> {
    const call = this.#history.callSent(this.#scheduler, "read", undefined, options?.signal);
    const entry = await this.#observe(call, () => this.#store.read(key, options));
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
