/**
 * Opens the store of a replica.
 *
 * @module
 */
import { DatabaseSync } from "node:sqlite";
import config from "../../deno.json" with { type: "json" };
import type { StatusStore } from "../../src/store/store.ts";
import { ConsulStore } from "../../stores/consul.ts";
import { DenoKvStore } from "../../stores/deno_kv.ts";
import { EtcdStore } from "../../stores/etcd.ts";
import { GcsStore } from "../../stores/gcs.ts";
import { MysqlStore } from "../../stores/mysql.ts";
import { NatsStore } from "../../stores/nats.ts";
import { PostgresStore } from "../../stores/postgres.ts";
import { RedisStore } from "../../stores/redis.ts";
import { S3Store } from "../../stores/s3.ts";
import { SqliteStore } from "../../stores/sqlite.ts";

/** The kinds of stores. */
export type StoreKind =
  | "--kv"
  | "--sqlite"
  | "--gcs"
  | "--s3"
  | "--redis"
  | "--postgres"
  | "--mysql"
  | "--etcd"
  | "--consul"
  | "--nats";

/** Where the record is, as arguments of replica.ts: the kind of the store, and a path or an address. */
export type StoreArguments = readonly [kind: StoreKind, location: string];

/** A store, and how to close its client. */
interface OpenedStore {
  readonly store: StatusStore;
  readonly close: () => unknown;
}

/** Opens a store at a location. The last argument is called with errors that a client reports outside of calls. */
type OpenStore = (location: string, report: (error: unknown) => void) => OpenedStore | Promise<OpenedStore>;

/** How long a client may take to connect, and how long it waits until it does so again. */
const CONNECT_MS = { limit: 1_000, pause: 100 };

/** A replica needs no more. */
const MAX_CONNECTIONS = 2;

// replicas run without the configuration that resolves the names of the drivers

const STORES: Readonly<Record<StoreKind, OpenStore>> = {
  "--kv": async (path) => {
    const kv = await Deno.openKv(path);
    return { store: new DenoKvStore({ kv }), close: () => kv.close() };
  },
  "--sqlite": (path) => {
    const database = new DatabaseSync(path);
    return { store: new SqliteStore({ database }), close: () => database.close() };
  },
  "--gcs": (apiEndpoint) => ({ store: new GcsStore({ bucket: "bucket", apiEndpoint }), close: () => {} }),
  "--s3": (location) => {
    const { origin, username: accessKeyId, password: secretAccessKey } = new URL(location);
    const credentials = { accessKeyId, secretAccessKey };
    return {
      store: new S3Store({ bucket: "bucket", region: "us-east-1", endpoint: origin, credentials }),
      close: () => {},
    };
  },
  "--etcd": (endpoint) => ({ store: new EtcdStore({ endpoint }), close: () => {} }),
  "--consul": (endpoint) => ({ store: new ConsulStore({ endpoint }), close: () => {} }),
  "--nats": async (servers) => {
    const { connect }: typeof import("@nats-io/transport-node") = await import(
      config.imports["@nats-io/transport-node"]
    );
    const { Kvm }: typeof import("@nats-io/kv") = await import(config.imports["@nats-io/kv"]);
    const connection = await connect({
      servers,
      timeout: CONNECT_MS.limit,
      waitOnFirstConnect: true,
      maxReconnectAttempts: -1,
      reconnectTimeWait: CONNECT_MS.pause,
      // a connection that hangs is noticed by the missing answers to pings alone
      pingInterval: CONNECT_MS.limit,
      maxPingOut: 1,
    });
    const kv = await new Kvm(connection).create("tasks", { history: 1, allow_direct: false });
    return { store: new NatsStore({ kv }), close: () => connection.close() };
  },
  "--redis": async (url, report) => {
    const { Redis }: typeof import("ioredis") = await import(config.imports.ioredis);
    const client = new Redis(url, { connectTimeout: CONNECT_MS.limit, retryStrategy: () => CONNECT_MS.pause });
    client.on("error", report);
    return { store: new RedisStore({ client }), close: () => client.disconnect() };
  },
  "--postgres": async (connectionString, report) => {
    const { default: { Pool } }: typeof import("pg") = await import(config.imports.pg);
    const pool = new Pool({ connectionString, max: MAX_CONNECTIONS, connectionTimeoutMillis: CONNECT_MS.limit });
    pool.on("error", report);
    return { store: new PostgresStore({ client: pool }), close: () => pool.end() };
  },
  "--mysql": async (uri) => {
    const { createPool }: typeof import("mysql2/promise") = await import(`${config.imports.mysql2}/promise`);
    const pool = createPool({ uri, connectionLimit: MAX_CONNECTIONS, connectTimeout: CONNECT_MS.limit });
    return { store: new MysqlStore({ client: pool }), close: () => pool.end() };
  },
};

/** Opens the store that the arguments name. */
export async function openStore(
  kind: string,
  location: string,
  report: (error: unknown) => void,
): Promise<OpenedStore> {
  const open = (STORES as Readonly<Record<string, OpenStore>>)[kind];
  if (!open) throw new RangeError(`Cannot open the store as there is no such kind: current value is ${kind}`);
  return await open(location, report);
}
