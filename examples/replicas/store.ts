/**
 * Opens the store that the replicas of the demo share: a file, of Deno KV or of SQLite.
 */
import type { StatusStore } from "@neat/periodic-task";
import { DenoKvStore } from "@neat/periodic-task/stores/deno-kv";
import { SqliteStore } from "@neat/periodic-task/stores/sqlite";
import { DatabaseSync } from "node:sqlite";

/** The stores of the demo, as its option `--store` names them. */
export const STORES = ["deno-kv", "sqlite"] as const;

/** One of {@linkcode STORES}. */
export type StoreName = typeof STORES[number];

/** An open store, and how to close its database. */
export interface OpenStore extends Disposable {
  readonly store: StatusStore;
}

/** Whether a name is that of a store. */
export function isStoreName(name: string | undefined): name is StoreName {
  return STORES.some((store) => store === name);
}

/** Opens a store in a file, which is created if it does not exist. */
export async function openStore(name: StoreName, file: string): Promise<OpenStore> {
  if (name === "deno-kv") {
    const kv = await Deno.openKv(file);
    return { store: new DenoKvStore({ kv }), [Symbol.dispose]: () => kv.close() };
  }
  const database = new DatabaseSync(file, { timeout: 1_000 });
  database.exec("PRAGMA journal_mode = WAL");
  return { store: new SqliteStore({ database }), [Symbol.dispose]: () => database.close() };
}
