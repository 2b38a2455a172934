/**
 * The store of simulated worlds: one record, replaced only by those who know its version, at one moment.
 *
 * @module
 */
import type { StatusEntry, StatusStore, StoreCallOptions } from "../../store/store.ts";
import type { SimulatedHost } from "./host.ts";

/** What the store of a world is like. */
export interface RecordStoreTraits {
  /** The clock that it tells; none if absent. */
  readonly clock?: (() => number) | undefined;
  /** Whether equal bodies have equal versions, as where a version is a hash. */
  readonly sharesVersions: boolean;
}

/** The server. */
export class RecordStore {
  /** The record, of which each write makes a new object. */
  value: Uint8Array | null = null;
  readonly #traits: RecordStoreTraits;
  readonly #versions = new Map<string, string>();
  #version: string | null = null;
  #writes = 0;

  constructor(traits: RecordStoreTraits) {
    this.#traits = traits;
  }

  /** A client in a process. */
  client(host: SimulatedHost): StatusStore {
    return {
      read: (_key: string, options?: StoreCallOptions) => host.call(() => this.#read(), options?.signal),
      write: (_key: string, value: Uint8Array, version: string | null, options?: StoreCallOptions) =>
        host.call(() => this.#write(value, version), options?.signal),
    };
  }

  /** Puts something in the record's place, whatever is there. */
  put(value: Uint8Array): void {
    this.value = value;
    this.#version = this.#versionOf(value);
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
    const body = new TextDecoder().decode(value);
    const known = this.#versions.get(body) ?? `h${++this.#writes}`;
    this.#versions.set(body, known);
    return known;
  }
}
