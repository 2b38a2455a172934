/**
 * Lists the keys of records in Deno KV.
 *
 * @module
 */
import { type KeyPage, PAGE_SIZE } from "../listing/key_pages.ts";
import type { Kv, KvKey } from "./kv.ts";

/** A database that can list. */
export type ListingKv = Kv & Required<Pick<Kv, "list">>;

/** Whether a database can list. */
export function canList(kv: Kv): kv is ListingKv {
  return typeof kv.list === "function";
}

/** Reads the names of the tasks of one page, the first one if there is no cursor. */
export async function readPage(kv: ListingKv, prefix: KvKey, cursor: string | undefined): Promise<KeyPage> {
  const start = cursor === undefined ? {} : { cursor };
  const entries = kv.list({ prefix }, { limit: PAGE_SIZE, consistency: "strong", ...start });
  const keys: string[] = [];
  let count = 0;
  for await (const { key } of entries) {
    count++;
    const name = key[prefix.length];
    // other programs may have entries further down, and keys of other types
    if (key.length === prefix.length + 1 && typeof name === "string") keys.push(name);
  }
  return { keys, next: count < PAGE_SIZE ? undefined : entries.cursor };
}
