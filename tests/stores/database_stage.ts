import type { FakeTime } from "@std/testing/time";
import { type Settled, settled } from "./gcs_stage.ts";
import type { StatusStore } from "../../mod.ts";
import { DatastoreStore, type DatastoreStoreOptions } from "../../stores/datastore.ts";
import { FirestoreStore, type FirestoreStoreOptions } from "../../stores/firestore.ts";
import type { FakeDatabase } from "../helpers/fake_database.ts";
import { FakeDatastore } from "../helpers/fake_datastore.ts";
import { FakeFirestore } from "../helpers/fake_firestore.ts";
import { faultFetch } from "../helpers/fault_fetch.ts";

export { environment, errorOf, fixedRandom, settled } from "./gcs_stage.ts";

/** The token that the stores of these tests sign in with. */
export const TOKEN = "ya29.a-secret-that-nobody-may-see";

/** What a record may be; what a message makes of it is `BASE64`. */
export const RECORD: Uint8Array = new Uint8Array([0, 0xff, 0xfe, 0x7b]);
export const BASE64 = "AP/+ew==";

/** The options that both stores have. */
export type Options = Partial<DatastoreStoreOptions & FirestoreStoreOptions>;

/** A service in memory and a store on it. */
export interface Stage {
  readonly service: FakeDatabase;
  readonly store: StatusStore;
}

/** What differs between the two databases, for tests of what doesn't. */
export interface DatabaseKind {
  readonly service: string;
  readonly make: () => FakeDatabase;
  readonly open: (options: Options) => StatusStore;
  /** The default address of the service. */
  readonly host: string;
  readonly emulatorVariable: string;
  readonly projectVariables: readonly string[];
  /** What stands after "Cannot read the record at" for the key "task". */
  readonly address: string;
  /** A version that never stands. */
  readonly oldVersion: string;
  /** Versions that are none. */
  readonly badVersions: readonly string[];
  /** What an entity holds for "task", put there by someone else. */
  readonly put: (service: FakeDatabase, properties: unknown) => string;
  /** What the record's property is as a message. */
  readonly property: (base64: string) => unknown;
  /** The names of all entities. */
  readonly names: (service: FakeDatabase) => string[];
}

// neither a database's id nor a namespace stands between the project and the kind
const DATASTORE_PLACE = "project   NeatPeriodicTaskStatus ";
const FIRESTORE_PLACE = "projects/project/databases/(default)/documents/neat-periodic-task/";

export const DATASTORE: DatabaseKind = {
  service: "Datastore",
  make: () => new FakeDatastore(),
  open: (options) => new DatastoreStore(options),
  host: "https://datastore.googleapis.com",
  emulatorVariable: "DATASTORE_EMULATOR_HOST",
  projectVariables: ["DATASTORE_PROJECT_ID", "GOOGLE_CLOUD_PROJECT"],
  address: "entity NeatPeriodicTaskStatus/task of project project",
  oldVersion: "1",
  badVersions: ["", "0", "-1", "01", "1.0", "1e3", "12345678901234567890", "2026-01-31T12:00:00Z", "1\n"],
  put: (service, properties) => (service as FakeDatastore).put(`${DATASTORE_PLACE}task`, properties),
  property: (blobValue) => ({ blobValue, excludeFromIndexes: true }),
  names: (service) =>
    [...(service as FakeDatastore).entities.keys()].map((place) => place.slice(DATASTORE_PLACE.length)),
};

export const FIRESTORE: DatabaseKind = {
  service: "Firestore",
  make: () => new FakeFirestore(),
  open: (options) => new FirestoreStore(options),
  host: "https://firestore.googleapis.com",
  emulatorVariable: "FIRESTORE_EMULATOR_HOST",
  projectVariables: ["GOOGLE_CLOUD_PROJECT", "GCLOUD_PROJECT"],
  address: `${FIRESTORE_PLACE}task`,
  oldVersion: "2020-01-31T12:00:00.123456Z",
  badVersions: [
    "",
    "0",
    "1",
    "2026-01-31",
    "2026-01-31T12:00:00",
    "2026-01-31T12:00:00+01:00",
    "2026-01-31T12:00:00Z\n",
  ],
  put: (service, fields) => (service as FakeFirestore).put(`${FIRESTORE_PLACE}task`, fields),
  property: (bytesValue) => ({ bytesValue }),
  names: (service) =>
    [...(service as FakeFirestore).documents.keys()].map((name) => name.slice(FIRESTORE_PLACE.length)),
};

export const KINDS: readonly DatabaseKind[] = [DATASTORE, FIRESTORE];

/** A service in memory and a store on it. */
export function stage(kind: DatabaseKind, options: Options = {}): Stage {
  const service = kind.make();
  return { service, store: storeOn(kind, service, options) };
}

/** A further store on a service in memory. */
export function storeOn(kind: DatabaseKind, service: FakeDatabase, options: Options = {}): StatusStore {
  return kind.open({
    projectId: "project",
    token: () => TOKEN,
    apiEndpoint: "https://database.example",
    fetch: faultFetch(service),
    ...options,
  });
}

/** The messages that a service was sent. */
export function messages({ requests }: FakeDatabase): unknown[] {
  return requests.map(({ body }) => JSON.parse(new TextDecoder().decode(body)));
}

/** Lets fake time pass until a promise has settled; its value. */
export async function valueOf<T>(time: FakeTime, promise: Promise<T>): Promise<T> {
  const { value, error }: Settled<T> = await settled(time, promise);
  if (error) throw error;
  return value as T;
}
