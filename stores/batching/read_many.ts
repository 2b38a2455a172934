/**
 * Reads of many records, by as many calls as the limits of a store need.
 *
 * @module
 */
import type { StatusEntry } from "../../src/store/store.ts";

/** How many calls there are at a time, and what ends them. */
export interface ReadManyLimits {
  /** The maximum number of calls that wait for their answers. */
  readonly maxCalls: number;
  /** Ends all calls. */
  readonly signal: AbortSignal | undefined;
}

/** How several records are read. */
export interface ReadInPartsOptions extends ReadManyLimits {
  /** Reads the records at different keys, at least one. Returns them in the order of the keys. */
  readonly readPart: (keys: readonly string[], signal: AbortSignal) => Promise<readonly (StatusEntry | null)[]>;
  /** The maximum number of keys in a call. */
  readonly maxKeys: number;
}

/**
 * Reads the records at any number of keys, each of them once.
 *
 * @returns The records in the order of the keys. No two entries share their bytes.
 * @throws The error of the first call that fails, which ends the others, or the reason of the signal.
 */
export async function readInParts(
  keys: readonly string[],
  { readPart, maxKeys, maxCalls, signal }: ReadInPartsOptions,
): Promise<(StatusEntry | null)[]> {
  signal?.throwIfAborted();
  const different = [...new Set(keys)];
  const parts = Array.from(
    { length: Math.ceil(different.length / maxKeys) },
    (_, index) => different.slice(index * maxKeys, (index + 1) * maxKeys),
  );
  const found = new Map<string, StatusEntry | null>();
  const calls = new EndedTogether();
  const abort = (): void => calls.end(signal?.reason);
  signal?.addEventListener("abort", abort);
  const waiting = parts.values();
  const readParts = async (): Promise<void> => {
    for (const part of waiting) {
      const entries = await calls.call((signal) => readPart(part, signal));
      part.forEach((key, index) => found.set(key, entries[index] ?? null));
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(maxCalls, parts.length) }, readParts));
  } catch (error) {
    calls.end(error);
    throw error;
  } finally {
    signal?.removeEventListener("abort", abort);
  }
  const entries = keys.map((key) => found.get(key) ?? null);
  return different.length === keys.length ? entries : entries.map(copyOf);
}

/** Reads the records at any number of keys by a call each. */
export function readEach(
  keys: readonly string[],
  read: (key: string, signal: AbortSignal) => Promise<StatusEntry | null>,
  limits: ReadManyLimits,
): Promise<(StatusEntry | null)[]> {
  const readPart = (part: readonly string[], signal: AbortSignal): Promise<(StatusEntry | null)[]> =>
    Promise.all(part.map((key) => read(key, signal)));
  return readInParts(keys, { ...limits, readPart, maxKeys: 1 });
}

/** Calls that end together. Each has a signal of its own, as Node warns of a signal with more than 10 listeners. */
class EndedTogether {
  readonly #running = new Set<AbortController>();
  #end: { readonly reason: unknown } | undefined;

  /** Makes a call. */
  async call<T>(send: (signal: AbortSignal) => Promise<T>): Promise<T> {
    if (this.#end) throw this.#end.reason;
    const controller = new AbortController();
    this.#running.add(controller);
    try {
      return await send(controller.signal);
    } finally {
      this.#running.delete(controller);
    }
  }

  /** Ends all calls. There is no further one. */
  end(reason: unknown): void {
    this.#end ??= { reason };
    for (const controller of this.#running) controller.abort(reason);
  }
}

function copyOf(entry: StatusEntry | null): StatusEntry | null {
  return entry && { ...entry, value: entry.value.slice() };
}
