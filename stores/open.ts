/**
 * Opens the store that a URL names, for programs that have it in one variable of their configuration.
 *
 * ```ts
 * import { NeatPeriodicTaskScheduler } from "@neat/periodic-task";
 * import { openStore } from "@neat/periodic-task/stores/open";
 * import process from "node:process";
 *
 * await using store = await openStore(process.env.STORE_URL ?? "memory:");
 * const scheduler = new NeatPeriodicTaskScheduler({
 *   name: "backup",
 *   interval: { hours: 6 },
 *   timeout: { minutes: 30 },
 *   store,
 *   task: () => {},
 * });
 * console.assert(scheduler.state === "new");
 * ```
 *
 * @module
 */
import { cannot } from "../src/errors.ts";
import { type OpenedStore, OwningStore } from "./open/opened_store.ts";
import { OPEN } from "./open/scheme.ts";
import { connectionFor } from "./open/schemes.ts";

export { checkStore, type CheckStoreOptions } from "../src/store_check/check_store.ts";
export { StoreCheckError } from "../src/store_check/store_check_error.ts";
export type { StatusEntry, StatusStore, StoreCallOptions } from "../src/store/store.ts";
export type { OpenedStore } from "./open/opened_store.ts";

/**
 * Opens the store that a URL names.
 *
 * | URL | store |
 * | --- | --- |
 * | `postgres://USER:PASSWORD@HOST:PORT/DATABASE` | `PostgresStore` with `pg`, `postgres` or `Bun.SQL` |
 * | `redis://USER:PASSWORD@HOST:PORT/DATABASE`, `rediss:` | `RedisStore` with `ioredis`, `redis` or `Bun.RedisClient` |
 * | `mysql://USER:PASSWORD@HOST:PORT/DATABASE`, `mariadb:` | `MysqlStore` with `mysql2` or `mariadb` |
 * | `sqlite:./tasks.db`, `sqlite:/var/lib/tasks.db`, `sqlite::memory:` | `SqliteStore` with the runtime's SQLite or `better-sqlite3` |
 * | `libsql://HOST?authToken=TOKEN` | `SqliteStore` with `@libsql/client` |
 * | `s3://BUCKET/PREFIX` | `S3Store` |
 * | `gs://BUCKET/PREFIX` | `GcsStore` |
 * | `datastore://PROJECT` | `DatastoreStore` |
 * | `firestore://PROJECT/COLLECTION` | `FirestoreStore` |
 * | `deno-kv:./tasks.db`, `deno-kv:https://...` | `DenoKvStore` with Deno or `@deno/kv` |
 * | `etcd://USER:PASSWORD@HOST:PORT/PREFIX`, `etcds:` | `EtcdStore` |
 * | `consul://HOST:PORT/PREFIX?token=TOKEN`, `consuls:` | `ConsulStore` |
 * | `nats://USER:PASSWORD@HOST:PORT/BUCKET` | `NatsStore` with `@nats-io/kv` and `@nats-io/transport-node` |
 * | `memory:` | `MemoryStore` |
 *
 * Parameters of the URL are options of the store: `?table=tasks&timeout=5s`. An unknown one is refused.
 *
 * **Drivers.** It loads the store and the first driver that is installed. It does not connect and opens no file: that happens at
 * the first call of the store. So a server that is away when the program starts is an outage like any other: the scheduler
 * tries again. The `timeout` is one limit over all that a call waits for: the connection, the creation of the table, and the call.
 *
 * **Tables.** `postgres:` and `mysql:` create the table before the first call, unless it exists or the URL has
 * `createTable=false`; `sqlite:` and `libsql:` create it when it is missing.
 *
 * **Ownership.** The store owns its client: close the store after its schedulers have stopped. Errors of connections that nothing
 * uses are ignored, as the next call reports its own.
 *
 * **Secrets.** No error shows the URL.
 *
 * @param url The URL.
 * @returns The store.
 * @throws {TypeError} If the URL is neither a string nor a `URL`.
 * @throws {RangeError} If the URL can't be used.
 * @throws {Error} If no driver is installed; the message has the command that installs one.
 *
 * @example A file of SQLite
 * ```ts
 * import { openStore } from "@neat/periodic-task/stores/open";
 *
 * await using store = await openStore("sqlite::memory:?table=tasks&timeout=2s");
 * const version = await store.write("backup", new TextEncoder().encode("{}"), null);
 * console.assert((await store.read("backup"))?.version === version);
 * ```
 */
export async function openStore(url: string | URL): Promise<OpenedStore> {
  if (typeof url !== "string" && !(url instanceof URL)) {
    const type = url === null ? "null" : typeof url;
    throw new TypeError(`Cannot ${OPEN} as its URL must be a string or a URL: current value is of type ${type}`);
  }
  if (url === "") throw new RangeError(cannot(OPEN, "its URL must not be empty", url));
  return new OwningStore(await connectionFor(String(url)));
}
