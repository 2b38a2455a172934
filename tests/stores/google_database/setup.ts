import type { StatusStore } from "../../../mod.ts";
import { DatastoreStore, type DatastoreStoreOptions } from "../../../stores/datastore.ts";
import { FirestoreStore, type FirestoreStoreOptions } from "../../../stores/firestore.ts";
import type { FakeDatabase } from "../../helpers/fake_database.ts";
import { FakeDatastore } from "../../helpers/fake_datastore.ts";
import { FakeFirestore } from "../../helpers/fake_firestore.ts";
import type { Fault } from "../../../internal/servers/fault_service.ts";
import { faultFetch } from "../helpers/fault_fetch.ts";

/** The token of all stores. */
export const TOKEN = "ya29.a-secret-that-nobody-may-see";

/** A record, and how a message writes it. */
export const RECORD: Uint8Array = new Uint8Array([0, 0xff, 0xfe, 0x7b]);
export const BASE64 = "AP/+ew==";

/** The options of both stores. */
export type Options = Partial<DatastoreStoreOptions & FirestoreStoreOptions>;

/** A service in memory and a store on it. */
export interface Setup {
  readonly service: FakeDatabase;
  readonly store: StatusStore;
}

/** The differences of the two databases, for tests that apply to both. */
export interface DatabaseKind {
  readonly service: string;
  readonly make: () => FakeDatabase;
  readonly open: (options: Options) => StatusStore;
  /** The default address of the service. */
  readonly host: string;
  readonly emulatorVariable: string;
  readonly projectVariables: readonly string[];
  /** The record of the key "task", as messages name it. */
  readonly address: string;
  /** All records, as messages name them. */
  readonly listAddress: string;
  /** A version that no record has. */
  readonly oldVersion: string;
  /** Invalid versions. */
  readonly badVersions: readonly string[];
  /** Writes an entity, by default that of the key "task", as another program would. */
  readonly put: (service: FakeDatabase, properties: unknown, name?: string) => string;
  /** The property that holds the record. */
  readonly property: (base64: string) => unknown;
  /** The names of all entities. */
  readonly names: (service: FakeDatabase) => string[];
}

// with empty parts for the database and the namespace
const DATASTORE_PREFIX = "project   NeatPeriodicTaskStatus ";
const FIRESTORE_PREFIX = "projects/project/databases/(default)/documents/neat-periodic-task/";

export const DATASTORE: DatabaseKind = {
  service: "Datastore",
  make: () => new FakeDatastore(),
  open: (options) => new DatastoreStore(options),
  host: "https://datastore.googleapis.com",
  emulatorVariable: "DATASTORE_EMULATOR_HOST",
  projectVariables: ["DATASTORE_PROJECT_ID", "GOOGLE_CLOUD_PROJECT"],
  address: "entity NeatPeriodicTaskStatus/task of project project",
  listAddress: "kind NeatPeriodicTaskStatus of project project",
  oldVersion: "1",
  badVersions: ["", "0", "-1", "01", "1.0", "1e3", "12345678901234567890", "2026-01-31T12:00:00Z", "1\n"],
  put: (service, properties, name = "task") => (service as FakeDatastore).put(`${DATASTORE_PREFIX}${name}`, properties),
  property: (blobValue) => ({ blobValue, excludeFromIndexes: true }),
  names: (service) => [...(service as FakeDatastore).entities.keys()].map((key) => key.slice(DATASTORE_PREFIX.length)),
};

export const FIRESTORE: DatabaseKind = {
  service: "Firestore",
  make: () => new FakeFirestore(),
  open: (options) => new FirestoreStore(options),
  host: "https://firestore.googleapis.com",
  emulatorVariable: "FIRESTORE_EMULATOR_HOST",
  projectVariables: ["GOOGLE_CLOUD_PROJECT", "GCLOUD_PROJECT"],
  address: `${FIRESTORE_PREFIX}task`,
  listAddress: FIRESTORE_PREFIX.slice(0, -1),
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
  put: (service, fields, name = "task") => (service as FakeFirestore).put(`${FIRESTORE_PREFIX}${name}`, fields),
  property: (bytesValue) => ({ bytesValue }),
  names: (service) =>
    [...(service as FakeFirestore).documents.keys()].map((name) => name.slice(FIRESTORE_PREFIX.length)),
};

export const KINDS: readonly DatabaseKind[] = [DATASTORE, FIRESTORE];

/** Creates a service in memory and a store on it. */
export function setUp(kind: DatabaseKind, options: Options = {}): Setup {
  const service = kind.make();
  return { service, store: storeOn(kind, service, options) };
}

/** Creates a store on a service in memory. */
export function storeOn(kind: DatabaseKind, service: FakeDatabase, options: Options = {}): StatusStore {
  return kind.open({
    projectId: "project",
    token: () => TOKEN,
    apiEndpoint: "https://database.example",
    fetch: faultFetch(service),
    ...options,
  });
}

/** The messages that a service has received. */
export function messages({ requests }: FakeDatabase): unknown[] {
  return requests.map(({ body }) => JSON.parse(new TextDecoder().decode(body)));
}

/** A fault that replies with a message. */
export function answer(message: unknown): Fault {
  return { reply: { status: 200, body: JSON.stringify(message) } };
}
