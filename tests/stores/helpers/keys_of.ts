import { assert } from "@std/assert";
import type { StatusStore } from "../../../mod.ts";

/** Returns all keys that a store lists. */
export async function keysOf(store: StatusStore, signal?: AbortSignal): Promise<string[]> {
  assert(store.list, "the store can't list");
  const keys: string[] = [];
  for await (const key of store.list(signal && { signal })) keys.push(key);
  return keys;
}
