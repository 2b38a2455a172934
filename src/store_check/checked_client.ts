/**
 * A client of a store that checks every answer.
 *
 * @module
 */
import type { StatusEntry, StatusStore, StoreCallOptions } from "../store/store.ts";
import { bytesOf } from "./bytes.ts";
import { CheckedList } from "./checked_list.ts";
import { CheckedWatch } from "./checked_watch.ts";
import { CallTimeoutError, withTimeLimit } from "./settle.ts";
import { requireThat, sameBytes } from "./store_check_error.ts";

/** Calls a store. Each call must end in time, with an answer of the right type. */
export class CheckedClient {
  /** The store. */
  readonly store: StatusStore;
  readonly #limitMs: number;
  readonly #passesSignal: boolean;

  /**
   * Creates a client.
   *
   * @param store The store.
   * @param limitMs How long a call may take.
   * @param passesSignal Whether calls without a signal get one that does not abort, or else no options at all.
   */
  constructor(store: StatusStore, limitMs: number, passesSignal: boolean) {
    this.store = store;
    this.#limitMs = limitMs;
    this.#passesSignal = passesSignal;
  }

  /** Reads the record at a key. */
  async read(key: string, signal?: AbortSignal): Promise<StatusEntry | null> {
    return checkedEntry(await this.#call("read()", signal, (...options) => this.store.read(key, ...options)), "read()");
  }

  /** Reads the records at several keys of a store that can do so. */
  async readMany(keys: readonly string[], signal?: AbortSignal): Promise<(StatusEntry | null)[]> {
    const entries = await this.#call(
      "readMany()",
      signal,
      async (...options) => await this.store.readMany?.(keys, ...options) as (StatusEntry | null)[],
    );
    const isForEach = Array.isArray(entries) && entries.length === keys.length;
    requireThat(isForEach, `readMany() of ${keys.length} keys must return an array of as many entries`, entries);
    return entries.map((entry) => checkedEntry(entry, "readMany()"));
  }

  /** Replaces the record at a key. */
  async write(
    key: string,
    record: Uint8Array | string,
    version: string | null,
    signal?: AbortSignal,
  ): Promise<string | null> {
    const value = toBytes(record);
    const newVersion = await this.#call(
      "write()",
      signal,
      (...options) => this.store.write(key, value, version, ...options),
    );
    const isValid = newVersion === null || isVersion(newVersion);
    requireThat(isValid, "write() must return null or a string that is not empty", newVersion);
    return newVersion;
  }

  /** Whether the store has an optional method. */
  has(method: "list" | "watch" | "readMany"): boolean {
    const value: unknown = this.store[method];
    requireThat(value === undefined || typeof value === "function", `${method} must be absent or a method`, value);
    return value !== undefined;
  }

  /** Lists the keys of a store that can do so. */
  list(signal?: AbortSignal): CheckedList {
    return new CheckedList(() => this.store.list?.(signal && { signal }) as AsyncIterable<string>, this.#limitMs);
  }

  /**
   * Watches a key of a store that can do so.
   *
   * @param key The key.
   * @param controller Ends the watch.
   */
  watch(key: string, controller?: AbortController): CheckedWatch {
    return new CheckedWatch((signal) => this.store.watch?.(key, { signal }) as AsyncIterable<void>, controller);
  }

  /** Replaces the record at a key, which must succeed. */
  async mustWrite(key: string, record: Uint8Array | string, version: string | null): Promise<string> {
    const newVersion = await this.write(key, record, version);
    const description = version === null ? "the first write of a key" : "a write with the current version";
    requireThat(newVersion !== null, `${description} must return the new version`, newVersion);
    return newVersion;
  }

  /** Reads a record that must exist. */
  async mustRead(key: string): Promise<StatusEntry> {
    const entry = await this.read(key);
    requireThat(entry !== null, "a record that was written must exist", entry);
    return entry;
  }

  /**
   * Reads a record that must be the given one.
   *
   * @param key The key.
   * @param record The record.
   * @param version Its version.
   * @param situation When this must be so, for the message.
   */
  async mustFind(key: string, record: Uint8Array | string, version: string, situation: string): Promise<void> {
    const entry = await this.mustRead(key);
    const recordRule = `${situation}, the record must be the last one that was written`;
    requireThat(sameBytes(entry.value, toBytes(record)), recordRule, entry);
    const versionRule = `${situation}, the version must be the one that write() returned, ${version}`;
    requireThat(entry.version === version, versionRule, entry);
  }

  async #call<T>(
    name: string,
    signal: AbortSignal | undefined,
    call: (...options: [StoreCallOptions?]) => Promise<T>,
  ): Promise<T> {
    const controller = new AbortController();
    const passedSignal = signal ?? (this.#passesSignal ? controller.signal : undefined);
    const options: [StoreCallOptions?] = passedSignal ? [{ signal: passedSignal }] : [];
    try {
      // async, as a store may throw synchronously
      return await withTimeLimit(this.#limitMs, name, async () => await call(...options));
    } catch (error) {
      controller.abort();
      requireThat(!(error instanceof CallTimeoutError), `a call must end within ${this.#limitMs} ms`, error);
      throw error;
    }
  }
}

function toBytes(record: Uint8Array | string): Uint8Array {
  return typeof record === "string" ? bytesOf(record) : record;
}

function isVersion(version: unknown): version is string {
  return typeof version === "string" && version !== "";
}

/** Returns an answer of `read` or `readMany` that is `null` or an entry. */
function checkedEntry(entry: StatusEntry | null, name: string): StatusEntry | null {
  if (entry === null) return null;
  const { value, version, storeTime } = entry ?? {};
  requireThat(value instanceof Uint8Array, `${name} must return null or an entry whose value is a Uint8Array`, entry);
  requireThat(isVersion(version), `the version that ${name} returns must be a string that is not empty`, version);
  requireThat(
    storeTime === undefined || Number.isFinite(storeTime),
    `the storeTime that ${name} returns must be absent or a finite number`,
    storeTime,
  );
  return entry;
}
