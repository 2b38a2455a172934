/**
 * The renewals of the lease of a run, by the writes that its store confirms.
 *
 * @module
 */
import type { StatusEntry, StatusStore, StoreCallOptions } from "../../store/store.ts";
import type { Clock } from "../../time/clock.ts";
import type { CommandStore } from "../store_access.ts";

/** Passes calls on, and notes when the last confirmed write was sent. The record of one task is written by it. */
export class RenewalStore implements StatusStore {
  readonly #store: CommandStore;
  readonly #clock: Clock;
  readonly readMany?: NonNullable<StatusStore["readMany"]>;
  readonly readsTogether?: boolean;
  readonly watch?: (key: string, options?: StoreCallOptions) => AsyncIterable<void>;
  /** Called with the time of the monotonic clock at which a write was sent that the store has confirmed. */
  onRenewed: ((sentMs: number) => void) | undefined;

  constructor(store: CommandStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
    if (store.readMany) this.readMany = store.readMany.bind(store);
    if (store.readsTogether) this.readsTogether = true;
    if (store.watch) this.watch = store.watch.bind(store);
  }

  read(key: string, options?: StoreCallOptions): Promise<StatusEntry | null> {
    return this.#store.read(key, options);
  }

  async write(
    key: string,
    value: Uint8Array,
    version: string | null,
    options?: StoreCallOptions,
  ): Promise<string | null> {
    const sentMs = this.#clock.monotonicMs();
    const newVersion = await this.#store.write(key, value, version, options);
    if (newVersion !== null) this.onRenewed?.(sentMs);
    return newVersion;
  }
}
