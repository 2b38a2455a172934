/**
 * The store of simulations that are given none.
 *
 * @module
 */
import type { StatusEntry, StatusStore, StoreCallOptions } from "../store/store.ts";
import type { SimulatedHost } from "./simulated_host.ts";

/** What a store is like. */
export interface SimulatedStoreTraits {
  /** The store's clock; reads have no `storeTime` without it. */
  readonly clock?: (() => number) | undefined;
  /** Whether equal records have equal versions, as where a version is a hash. */
  readonly sharesVersions: boolean;
  /** Starts a watch in a process; absent if the store cannot be watched. */
  readonly watch?: ((host: SimulatedHost, signal: AbortSignal | undefined) => AsyncIterable<void>) | undefined;
  /** Called after each write. */
  readonly onChange?: (() => void) | undefined;
}

/** A linearisable server that holds one record. */
export class SimulatedStore {
  /** The record; a new object after each write. */
  value: Uint8Array | null = null;
  readonly #traits: SimulatedStoreTraits;
  readonly #versions = new Map<string, string>();
  #version: string | null = null;
  #writes = 0;

  constructor(traits: SimulatedStoreTraits) {
    this.#traits = traits;
  }

  /** The store as the client in a process. */
  client(host: SimulatedHost): StatusStore {
    const { watch } = this.#traits;
    return {
      read: (_key: string, options?: StoreCallOptions) => host.call(() => this.#read(), options?.signal),
      write: (_key: string, value: Uint8Array, version: string | null, options?: StoreCallOptions) =>
        host.call(() => this.#write(value, version), options?.signal),
      ...watch && { watch: (_key: string, options?: StoreCallOptions) => watch(host, options?.signal) },
    };
  }

  /** Replaces the record unconditionally. */
  put(value: Uint8Array): void {
    this.value = value;
    this.#version = this.#versionOf(value);
    this.#traits.onChange?.();
  }

  #read(): StatusEntry | null {
    const { clock } = this.#traits;
    if (!this.value || this.#version === null) return null;
    const entry = { value: this.value, version: this.#version };
    return clock ? { ...entry, storeTime: clock() } : entry;
  }

  #write(value: Uint8Array, version: string | null): string | null {
    if (version !== this.#version) return null;
    this.put(value);
    return this.#version;
  }

  #versionOf(value: Uint8Array): string {
    if (!this.#traits.sharesVersions) return `v${++this.#writes}`;
    const text = new TextDecoder().decode(value);
    const version = this.#versions.get(text) ?? `h${++this.#writes}`;
    this.#versions.set(text, version);
    return version;
  }
}
