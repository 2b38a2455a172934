/**
 * A client of a store whose every call must end in time with an answer of the right shape.
 *
 * @module
 */
import type { StatusEntry, StatusStore, StoreCallOptions } from "../store/store.ts";
import { must, sameBytes, StoreCheckError } from "./expectation.ts";
import { bytesOf } from "./record.ts";

/** What a promise came to. */
export type Outcome<T> =
  | { readonly isAnswered: true; readonly value: T; readonly error?: never }
  | { readonly isAnswered: false; readonly value?: never; readonly error: unknown };

/** Waits for a promise, whether it resolves or rejects; but an answer that no store may give fails the check. */
export async function outcomeOf<T>(promise: Promise<T>): Promise<Outcome<T>> {
  try {
    return { isAnswered: true, value: await promise };
  } catch (error) {
    if (error instanceof StoreCheckError) throw error;
    return { isAnswered: false, error };
  }
}

/** Resolves after a time. */
export function pauseMs(delayMs: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, delayMs));
}

/** Was not settled in time. */
export class Unsettled extends Error {
  /** Always `Unsettled`. */
  override readonly name: string = "Unsettled";
}

/** Waits for a call, but not longer than a time; an error at once counts as a rejection. */
export async function within<T>(limitMs: number, what: string, call: () => Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Unsettled(`${what} is under way for more than ${limitMs} ms`)), limitMs);
  });
  try {
    return await Promise.race([call(), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** A client of the store that is checked. */
export class CheckedClient {
  /** The store as its author made it. */
  readonly store: StatusStore;
  readonly #limitMs: number;
  readonly #givesSignal: boolean;

  /**
   * Makes a client of a client.
   *
   * @param store The store.
   * @param limitMs How long a call may take.
   * @param givesSignal Whether calls are given a signal that doesn't abort in time, or else no options at all.
   */
  constructor(store: StatusStore, limitMs: number, givesSignal: boolean) {
    this.store = store;
    this.#limitMs = limitMs;
    this.#givesSignal = givesSignal;
  }

  /** Reads the record at a key. */
  async read(key: string, signal?: AbortSignal): Promise<StatusEntry | null> {
    const entry = await this.#call("read()", signal, (...options) => this.store.read(key, ...options));
    if (entry === null) return null;
    const { value, version, storeTime } = entry ?? {};
    must(value instanceof Uint8Array, "read() must answer null or an entry whose value is a Uint8Array", entry);
    must(isVersion(version), "the version that read() answers must be a text that is not empty", version);
    must(
      storeTime === undefined || Number.isFinite(storeTime),
      "the storeTime that read() answers must be absent or a finite number",
      storeTime,
    );
    return entry;
  }

  /** Replaces the record at a key. */
  async write(
    key: string,
    record: Uint8Array | string,
    version: string | null,
    signal?: AbortSignal,
  ): Promise<string | null> {
    const value = typeof record === "string" ? bytesOf(record) : record;
    const next = await this.#call(
      "write()",
      signal,
      (...options) => this.store.write(key, value, version, ...options),
    );
    must(next === null || isVersion(next), "write() must answer null or a text that is not empty", next);
    return next;
  }

  /** Replaces the record at a key, which must succeed. */
  async mustWrite(key: string, record: Uint8Array | string, version: string | null): Promise<string> {
    const next = await this.write(key, record, version);
    const which = version === null ? "the first record at a key" : "a record with the version that stands";
    must(next !== null, `writing ${which} must be answered with its version`, next);
    return next;
  }

  /** Reads a record that must be there. */
  async mustRead(key: string): Promise<StatusEntry> {
    const entry = await this.read(key);
    must(entry !== null, "a record that was written must be there", entry);
    return entry;
  }

  /** Reads a record that must be a certain one. */
  async mustFind(key: string, record: Uint8Array | string, version: string, when: string): Promise<void> {
    const entry = await this.mustRead(key);
    const expected = typeof record === "string" ? bytesOf(record) : record;
    const rule = `${when} the record must be the one that was written`;
    must(sameBytes(entry.value, expected), rule, entry);
    must(entry.version === version, `${when} the version must be the one that write() answered, ${version}`, entry);
  }

  async #call<T>(
    what: string,
    signal: AbortSignal | undefined,
    call: (...options: [StoreCallOptions?]) => Promise<T>,
  ): Promise<T> {
    const controller = new AbortController();
    const options: [StoreCallOptions?] = signal || this.#givesSignal ? [{ signal: signal ?? controller.signal }] : [];
    try {
      // async, as a store may throw at once
      return await within(this.#limitMs, what, async () => await call(...options));
    } catch (error) {
      controller.abort();
      must(!(error instanceof Unsettled), `a call must be settled within ${this.#limitMs} ms`, error);
      throw error;
    }
  }
}

function isVersion(version: unknown): version is string {
  return typeof version === "string" && version !== "";
}
