/**
 * The store as a scheduler sees it, with an observer beside it.
 *
 * @module
 */
import type { StatusEntry, StatusStore, StoreCallOptions } from "../../store.ts";
import type { History } from "./history.ts";
import type { CallSeen, SchedulerSeen } from "./seen.ts";
import type { StoreClock } from "./store_clock.ts";

/** Passes calls on and tells of them. */
export class ObservedStore implements StatusStore {
  readonly #inner: StatusStore;
  readonly #history: History;
  readonly #storeClock: StoreClock;
  readonly #scheduler: () => SchedulerSeen;

  constructor(inner: StatusStore, history: History, storeClock: StoreClock, scheduler: () => SchedulerSeen) {
    this.#inner = inner;
    this.#storeClock = storeClock;
    this.#history = history;
    this.#scheduler = scheduler;
  }

  async read(key: string, options?: StoreCallOptions): Promise<StatusEntry | null> {
    const call = this.#history.calling(this.#scheduler(), "read", undefined, options?.signal);
    const entry = await this.#told(call, () => this.#inner.read(key, options));
    if (call.signal?.aborted) return entry;
    if (entry) this.#storeClock.told(entry.storeTime, call.sentMs);
    this.#history.hasRead(call, entry);
    return entry;
  }

  async write(
    key: string,
    value: Uint8Array,
    version: string | null,
    options?: StoreCallOptions,
  ): Promise<string | null> {
    const call = this.#history.calling(this.#scheduler(), "write", value, options?.signal);
    const next = await this.#told(call, () => this.#inner.write(key, value, version, options));
    if (!call.signal?.aborted) this.#history.hasWritten(call, version, next);
    return next;
  }

  async #told<T>(call: CallSeen, ask: () => Promise<T>): Promise<T> {
    try {
      const answer = await ask();
      // a store that is asked without the network may have changed since the step began
      this.#history.refresh();
      this.#history.ended(call, false);
      return answer;
    } catch (error) {
      this.#history.ended(call, true);
      throw error;
    }
  }
}
