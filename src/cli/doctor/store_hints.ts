/**
 * What people should know about each store, beside what can be checked. Pure.
 *
 * @module
 */

/** What there is to know, and the page of the documentation. */
export interface StoreHint {
  readonly text: string;
  readonly page: string;
}

const HINTS: readonly (readonly [schemes: readonly string[], page: string, text: string])[] = [
  [
    ["postgres", "postgresql"],
    "postgres",
    "Connect to the primary, not to a standby. A failover without synchronous replication may lose the last write.",
  ],
  [
    ["redis", "rediss"],
    "redis",
    "Keep the records: appendonly yes, and maxmemory-policy noeviction. A failover may lose the last write.",
  ],
  [["mysql", "mariadb"], "mysql", "Connect to the primary, not to a replica."],
  [
    ["sqlite"],
    "sqlite",
    "For the processes of one host. A file on a network file system is not locked reliably.",
  ],
  [["libsql"], "sqlite", "Use the address of the primary database, not of an embedded replica."],
  [["s3"], "s3", "The service must support conditional writes. A lifecycle rule must not delete the records."],
  [["gs"], "gcs", "A lifecycle rule must not delete the records. One record takes one write a second."],
  [["datastore"], "datastore", "The records are in the namespace and the database of the URL."],
  [["firestore"], "firestore", "Security rules must not let browsers write the collection."],
  [["deno-kv"], "deno-kv", "A file serves the processes of one host; Deno KV Connect serves several."],
  [["etcd", "etcds"], "etcd", "The cluster must compact its history: --auto-compaction-retention."],
  [["consul", "consuls"], "consul", "All replicas must use the same datacenter. Synchronise the clocks of the hosts."],
  [["nats"], "nats", "The bucket needs allow_direct: false and, to survive a server, three replicas."],
  [["memory"], "sqlite", "The memory of this process is gone at its end, and shared with nobody."],
];

/** Returns what there is to know about the store of a scheme. */
export function storeHint(scheme: string): StoreHint | undefined {
  const [, page, text] = HINTS.find(([schemes]) => schemes.includes(scheme)) ?? [];
  return text === undefined || page === undefined ? undefined : { text, page: `docs/stores/${page}.md` };
}
