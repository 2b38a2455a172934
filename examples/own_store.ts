/**
 * How is a store of your own written, and checked?
 *
 * A store keeps one record per key and replaces it only at the version that the caller names. This one keeps the records in a
 * `Map`; put your database's conditional write in its place. `storeChecks` says whether a store is fit for use.
 *
 *   deno run examples/own_store.ts
 */
import type { StatusEntry, StatusStore, StoreCallOptions } from "@neat/periodic-task";
import { storeChecks } from "@neat/periodic-task/testing";

/** Keeps records in a `Map`. */
export class MapStore implements StatusStore {
  readonly #entries = new Map<string, StatusEntry>();

  // async, so that an aborted signal rejects the promise
  // deno-lint-ignore require-await
  async read(key: string, { signal }: StoreCallOptions = {}): Promise<StatusEntry | null> {
    signal?.throwIfAborted();
    const entry = this.#entries.get(key);
    // a copy: the caller may change its array
    return entry ? { value: entry.value.slice(), version: entry.version } : null;
  }

  // deno-lint-ignore require-await
  async write(
    key: string,
    value: Uint8Array,
    version: string | null,
    { signal }: StoreCallOptions = {},
  ): Promise<string | null> {
    signal?.throwIfAborted();
    const current = this.#entries.get(key)?.version ?? null;
    if (current !== version) return null;
    const next = crypto.randomUUID();
    this.#entries.set(key, { value: value.slice(), version: next });
    return next;
  }
}

if (import.meta.main) {
  const store = new MapStore();
  // a test would use `Deno.test({ name, ignore: skipped !== undefined, fn: run })`
  for (const { name, run, skipped } of storeChecks({ open: () => store, raceRounds: 20 })) {
    if (skipped === undefined) await run();
    console.log(skipped === undefined ? `ok       ${name}` : `skipped  ${name}`);
  }
}
