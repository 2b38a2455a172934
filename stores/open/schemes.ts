/**
 * The kinds of stores that a URL can name.
 *
 * @module
 */
import { nearestName } from "../../src/nearest_name.ts";
import { StoreAddress } from "./address.ts";
import { GCS, S3 } from "./buckets.ts";
import { DENO_KV } from "./deno_kv.ts";
import { CONSUL } from "./consul.ts";
import { ETCD } from "./etcd.ts";
import { DATASTORE, FIRESTORE } from "./google_databases.ts";
import { LIBSQL } from "./libsql.ts";
import { MEMORY } from "./memory.ts";
import { MYSQL } from "./mysql.ts";
import { NATS } from "./nats.ts";
import { POSTGRES } from "./postgres.ts";
import { REDIS } from "./redis.ts";
import { type Connection, OPEN, type Scheme } from "./scheme.ts";
import { SQLITE } from "./sqlite.ts";

/** All kinds. */
export function schemes(): readonly Scheme[] {
  return [POSTGRES, REDIS, MYSQL, SQLITE, LIBSQL, S3, GCS, DATASTORE, FIRESTORE, DENO_KV, ETCD, CONSUL, NATS, MEMORY];
}

/** Drivers and services take one host; the URL of none of them is shown, as each may hold a password. */
function parsed(url: string): URL {
  if (URL.canParse(url)) return new URL(url);
  const state = "it must be a URL, with special characters of a password percent-encoded";
  throw new RangeError(`Cannot ${OPEN} as ${state}: current value is a string of ${url.length} characters`);
}

/**
 * Loads the store that a URL names, and its driver.
 *
 * @throws {RangeError} If the URL is wrong.
 * @throws {Error} If no driver is installed.
 */
export async function connectionFor(text: string): Promise<Connection> {
  const url = parsed(text);
  const name = url.protocol.slice(0, -1);
  const all = schemes();
  const scheme = all.find(({ names }) => names.includes(name));
  if (!scheme) {
    const known = all.flatMap(({ names }) => names);
    const nearest = nearestName(name, known);
    const hint = nearest === undefined ? `known ones are ${known.join(", ")}` : `did you mean "${nearest}:"?`;
    throw new RangeError(`Cannot ${OPEN} as its URL has an unknown scheme, ${hint}: current value is "${name}:"`);
  }
  return await scheme.open(new StoreAddress(url, scheme));
}
