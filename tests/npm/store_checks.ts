/** The stores of the package, each with the checks that it must pass. */
import { join } from "node:path";
import process from "node:process";
import { MemoryStore } from "@neat/periodic-task";
import { DatastoreStore } from "@neat/periodic-task/stores/datastore";
import { DenoKvStore } from "@neat/periodic-task/stores/deno-kv";
import { FirestoreStore } from "@neat/periodic-task/stores/firestore";
import { GcsStore } from "@neat/periodic-task/stores/gcs";
import { PostgresStore } from "@neat/periodic-task/stores/postgres";
import { RedisStore } from "@neat/periodic-task/stores/redis";
import { S3Store } from "@neat/periodic-task/stores/s3";
import { type StoreCheck, storeChecks, type StoreChecksOptions } from "@neat/periodic-task/testing";

/** The addresses of a service, one for each behaviour. */
export interface ServiceAddresses {
  readonly working: string;
  /** Accepts requests and never responds. */
  readonly hung: string;
  /** Responds to each request with HTTP 503. */
  readonly failing: string;
}

/** The ports of servers on this machine. */
export interface RedisPorts {
  readonly working: number;
  /** Accepts connections and never answers. */
  readonly hung: number;
}

/** Where the stores keep their records. */
export interface StoreAddresses {
  readonly gcs: ServiceAddresses;
  /** Absent if fake-gcs-server is not installed. */
  readonly fakeGcsServer?: ServiceAddresses;
  readonly s3: ServiceAddresses;
  readonly datastore: ServiceAddresses;
  readonly firestore: ServiceAddresses;
  /** Absent if there is no redis-server. */
  readonly redis?: RedisPorts;
  /** An empty folder for files. */
  readonly folder: string;
}

/** Rounds in each module format. They are few, because these tests compare the runtimes: other tests run more on each store. */
const SHORT = { raceRounds: 3 };

const PROJECT = { projectId: "project", token: () => "a-token" };
const BUCKET = { bucket: "bucket", token: () => "a-token" };

type Open = (apiEndpoint: string, requestTimeout: number) => ReturnType<StoreChecksOptions["open"]>;

/** The checks of a store over HTTP. */
function checksOverHttp(
  { working, hung, failing }: ServiceAddresses,
  open: Open,
  options: Omit<StoreChecksOptions, "open">,
): StoreCheck[] {
  return storeChecks({
    ...SHORT,
    ...options,
    open: () => open(working, 8_000),
    openHung: (limitMs) => open(hung, limitMs),
    openFailing: () => open(failing, 300),
  });
}

function checksOfGcs(addresses: ServiceAddresses): StoreCheck[] {
  const open: Open = (apiEndpoint, requestTimeout) => new GcsStore({ ...BUCKET, apiEndpoint, requestTimeout });
  return checksOverHttp(addresses, open, { maxKeyBytes: 1_024 - "neat-periodic-task/".length });
}

/** The keys are those of the fake. */
function checksOfS3(addresses: ServiceAddresses): StoreCheck[] {
  const credentials = { accessKeyId: "AKIAEXAMPLE", secretAccessKey: "wJalr/XUtnFEMI+K7MDENG" };
  const open: Open = (endpoint, requestTimeout) =>
    new S3Store({ bucket: "bucket", region: "us-east-1", endpoint, credentials, requestTimeout });
  return checksOverHttp(addresses, open, {
    maxKeyBytes: 1_024 - "neat-periodic-task/".length,
    equalBodiesMayShareVersions: true,
  });
}

/** The checks of a store on `@deno/kv` from npm. Each client has its own connection to one file. */
function checksOfDenoKv(folder: string): StoreCheck[] {
  const connections = new Map<unknown, { close(): void }>();
  return storeChecks({
    ...SHORT,
    open: async () => {
      const { makeLimitedV8Serializer, openKv } = await import("@deno/kv");
      const file = join(folder, "kv.sqlite3");
      const kv = await (process.versions.bun ? openKv(file, makeLimitedV8Serializer()) : openKv(file));
      const store = new DenoKvStore({ kv });
      connections.set(store, kv);
      return store;
    },
    close: (store) => connections.get(store)?.close(),
    maxKeyBytes: 2_000,
  });
}

/** The checks of a store on PGlite from npm: a server would not belong to the runtime. */
function checksOfPostgres(): StoreCheck[] {
  let opened: Promise<PostgresStore> | undefined;
  const open = async (): Promise<PostgresStore> => {
    const { PGlite } = await import("@electric-sql/pglite");
    const client = new PGlite();
    // takes longer than a call may on a busy machine
    await client.waitReady;
    const store = new PostgresStore({ client, watch: true });
    await store.createTable();
    return store;
  };
  return storeChecks({ ...SHORT, open: () => opened ??= open(), maxKeyBytes: 2_600 });
}

/** Nothing listens there. */
const CLOSED_PORT = 9;

/** The checks of a store on ioredis from npm. Each client has its own connection. */
function checksOfRedis({ working, hung }: RedisPorts): StoreCheck[] {
  const clients = new Map<unknown, { disconnect(): void }>();
  const open = async (port: number, requestTimeout: number): Promise<RedisStore> => {
    const { Redis } = await import("ioredis");
    const client = new Redis(port, "127.0.0.1");
    client.on("error", () => {});
    const store = new RedisStore({ client, requestTimeout });
    clients.set(store, client);
    return store;
  };
  return storeChecks({
    ...SHORT,
    open: () => open(working, 8_000),
    openHung: (limitMs) => open(hung, limitMs),
    openFailing: () => open(CLOSED_PORT, 300),
    close: (store) => clients.get(store)?.disconnect(),
    maxKeyBytes: 2_000,
  });
}

/** Returns the checks of each store by its name. */
export function checksByStore(
  { gcs, fakeGcsServer, s3, datastore, firestore, redis, folder }: StoreAddresses,
): Record<string, StoreCheck[]> {
  const databaseOptions = { maxKeyBytes: 1_500, equalBodiesMayShareVersions: true };
  const memory = new MemoryStore();
  return {
    MemoryStore: storeChecks({ ...SHORT, open: () => memory }),
    GcsStore: checksOfGcs(gcs),
    ...fakeGcsServer && { "GcsStore on fake-gcs-server": checksOfGcs(fakeGcsServer) },
    S3Store: checksOfS3(s3),
    DatastoreStore: checksOverHttp(
      datastore,
      (apiEndpoint, requestTimeout) => new DatastoreStore({ ...PROJECT, apiEndpoint, requestTimeout }),
      databaseOptions,
    ),
    FirestoreStore: checksOverHttp(
      firestore,
      (apiEndpoint, requestTimeout) => new FirestoreStore({ ...PROJECT, apiEndpoint, requestTimeout }),
      databaseOptions,
    ),
    DenoKvStore: checksOfDenoKv(folder),
    PostgresStore: checksOfPostgres(),
    ...redis && { RedisStore: checksOfRedis(redis) },
  };
}
