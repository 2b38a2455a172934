/** The stores of the package, each with the checks that it must pass. */
import { join } from "node:path";
import process from "node:process";
import { MemoryStore } from "@neat/periodic-task";
import { DatastoreStore } from "@neat/periodic-task/stores/datastore";
import { DenoKvStore } from "@neat/periodic-task/stores/deno-kv";
import { FirestoreStore } from "@neat/periodic-task/stores/firestore";
import { GcsStore } from "@neat/periodic-task/stores/gcs";
import { type StoreCheck, storeChecks, type StoreChecksOptions } from "@neat/periodic-task/testing";

/** Where a service is, once for each way in which it behaves. */
export interface Addresses {
  readonly working: string;
  /** Takes requests and never answers. */
  readonly hung: string;
  /** Answers each with HTTP 503. */
  readonly failing: string;
}

/** Where the stores keep their records. */
export interface Places {
  readonly gcs: Addresses;
  /** Absent where there is no fake-gcs-server. */
  readonly fakeGcsServer?: Addresses;
  readonly datastore: Addresses;
  readonly firestore: Addresses;
  /** A folder for files, which is empty. */
  readonly folder: string;
}

/** More rounds find more faults of a store, as other tests do; here it is about the runtimes. */
const SHORT = { raceRounds: 5 };

const PROJECT = { projectId: "project", token: () => "a-token" };
const BUCKET = { bucket: "bucket", token: () => "a-token" };

type Open = (apiEndpoint: string, requestTimeout: number) => ReturnType<StoreChecksOptions["open"]>;

/** The checks of a store that is reached over HTTP. */
function overHttp(
  { working, hung, failing }: Addresses,
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

function ofGcs(addresses: Addresses): StoreCheck[] {
  const open: Open = (apiEndpoint, requestTimeout) => new GcsStore({ ...BUCKET, apiEndpoint, requestTimeout });
  return overHttp(addresses, open, { maxKeyBytes: 1_024 - "neat-periodic-task/".length });
}

/** As installed from npm beside the package; each client has a connection of its own to one file. */
function ofDenoKv(folder: string): StoreCheck[] {
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

/** The checks of each store, by its name. */
export function checksOf({ gcs, fakeGcsServer, datastore, firestore, folder }: Places): Record<string, StoreCheck[]> {
  const ofDatabase = { maxKeyBytes: 1_500, equalBodiesMayShareVersions: true };
  const memory = new MemoryStore();
  return {
    MemoryStore: storeChecks({ ...SHORT, open: () => memory }),
    GcsStore: ofGcs(gcs),
    ...fakeGcsServer && { "GcsStore on fake-gcs-server": ofGcs(fakeGcsServer) },
    DatastoreStore: overHttp(
      datastore,
      (apiEndpoint, requestTimeout) => new DatastoreStore({ ...PROJECT, apiEndpoint, requestTimeout }),
      ofDatabase,
    ),
    FirestoreStore: overHttp(
      firestore,
      (apiEndpoint, requestTimeout) => new FirestoreStore({ ...PROJECT, apiEndpoint, requestTimeout }),
      ofDatabase,
    ),
    DenoKvStore: ofDenoKv(folder),
  };
}
