/** Uses every name that the stores export, and has lines that must not compile. */
import { NeatPeriodicTaskScheduler, type StatusStore } from "@neat/periodic-task";
import { DatastoreStore, type DatastoreStoreOptions } from "@neat/periodic-task/stores/datastore";
import type * as datastore from "@neat/periodic-task/stores/datastore";
import {
  DenoKvStore,
  type DenoKvStoreOptions,
  type Kv,
  type KvAtomicOperation,
  type KvCheck,
  type KvCommit,
  type KvEntry,
  type KvKey,
  type KvKeyPart,
  type KvListIterator,
  type KvWatchStream,
} from "@neat/periodic-task/stores/deno-kv";
import type * as denoKv from "@neat/periodic-task/stores/deno-kv";
import { FirestoreStore, type FirestoreStoreOptions } from "@neat/periodic-task/stores/firestore";
import type * as firestore from "@neat/periodic-task/stores/firestore";
import {
  checkStore,
  type Duration,
  type DurationLike,
  type Fetch,
  GcsStore,
  type GcsStoreOptions,
  type StatusEntry,
  type StoreCallOptions,
  StoreCheckError,
  type TokenSource,
} from "@neat/periodic-task/stores/gcs";
import type * as gcs from "@neat/periodic-task/stores/gcs";
import {
  type AwsCredentials,
  type AwsCredentialSource,
  type S3ServiceOptions,
  S3Store,
  type S3StoreOptions,
} from "@neat/periodic-task/stores/s3";
import type * as s3 from "@neat/periodic-task/stores/s3";

const token: TokenSource = async (options) => {
  options?.signal?.throwIfAborted();
  return await Promise.resolve(options?.fresh ? "fresh" : "kept");
};
const send: Fetch = (address, init) => fetch(address, init);
const units: DurationLike = { seconds: 8 };
const requestTimeout: Duration = units;
const http: datastore.GoogleServiceOptions & firestore.GoogleServiceOptions & gcs.GoogleServiceOptions = {
  token,
  fetch: send,
  apiEndpoint: "https://storage.example.com",
  requestTimeout,
};

const gcsOptions: GcsStoreOptions = { ...http, bucket: "bucket", prefix: "", userProject: "project" };
const firestoreOptions: FirestoreStoreOptions = { ...http, projectId: "p", databaseId: "d", collection: "c" };
const datastoreOptions: DatastoreStoreOptions = { ...http, projectId: "p", databaseId: "d", namespace: "n", kind: "K" };

const keys: AwsCredentials = {
  accessKeyId: "AKIAEXAMPLE",
  secretAccessKey: "secret",
  sessionToken: undefined,
  expiration: new Date(),
};
const provider: AwsCredentialSource = () => Promise.resolve(keys);
const s3Service: S3ServiceOptions = {
  bucket: "bucket",
  region: "eu-central-1",
  endpoint: "https://s3.example.com",
  pathStyle: true,
  credentials: provider,
  fetch: send,
  requestTimeout,
};
const s3Options: S3StoreOptions = { ...s3Service, prefix: "tasks/" };

/** What `@aws-sdk/credential-providers` returns, of some versions. */
interface AwsIdentity {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly credentialScope?: string;
  readonly expiration?: Date;
  readonly accountId?: string;
}
type AwsProvider = (properties?: { callerClientConfig?: { region?: string } }) => Promise<AwsIdentity>;
const awsProvider: AwsProvider = () => Promise.resolve({ accessKeyId: "AKIAEXAMPLE", secretAccessKey: "secret" });

/** A database with the methods that the store calls. */
export class OwnKv implements Kv {
  readonly #entry: KvEntry = { value: null, versionstamp: null };

  get(key: KvKey, options?: { readonly consistency?: "strong" | "eventual" }): Promise<KvEntry> {
    const parts: readonly KvKeyPart[] = key;
    return Promise.resolve({ ...this.#entry, parts, options });
  }

  atomic(): KvAtomicOperation {
    const operation: KvAtomicOperation = {
      check: (_check: KvCheck) => operation,
      set: (_key: KvKey, _value: Uint8Array) => operation,
      commit: () => Promise.resolve<KvCommit>({ ok: false }),
    };
    return operation;
  }

  list(selector: { readonly prefix: KvKey }, options?: { readonly limit?: number }): KvListIterator {
    const entries = options?.limit === 0 ? [] : [{ key: [...selector.prefix, "task"] }];
    return {
      cursor: "",
      async *[Symbol.asyncIterator](): AsyncGenerator<{ readonly key: KvKey }> {
        for (const entry of entries) yield entry;
      },
    };
  }

  watch(keys: readonly [KvKey]): KvWatchStream {
    const read = (): Promise<{ done: boolean }> => Promise.resolve({ done: keys.length === 1 });
    return { getReader: () => ({ read, cancel: () => Promise.resolve() }) };
  }
}

const kvOptions: DenoKvStoreOptions = { kv: new OwnKv(), prefix: ["tasks", 1, 2n, true], requestTimeout, watch: true };

/** Every store is a StatusStore, and takes the global fetch(). */
export const all: readonly StatusStore[] = [
  new GcsStore(gcsOptions),
  new GcsStore({ bucket: "bucket", fetch: globalThis.fetch, token: () => "token" }),
  new FirestoreStore(firestoreOptions),
  new FirestoreStore(),
  new DatastoreStore(datastoreOptions),
  new DatastoreStore(),
  new DenoKvStore(kvOptions),
  new S3Store(s3Options),
  new S3Store({ bucket: "bucket", region: "eu-central-1", credentials: keys }),
  new S3Store({ bucket: "bucket", region: "eu-central-1", credentials: awsProvider }),
];

/** Entry points that export the same name export the same type. */
export function same(
  entry: StatusEntry,
  options: StoreCallOptions,
  fetches: [datastore.Fetch, firestore.Fetch, gcs.Fetch, s3.Fetch],
  tokens: [datastore.TokenSource, firestore.TokenSource, gcs.TokenSource],
): unknown[] {
  const entries: [
    datastore.StatusEntry,
    denoKv.StatusEntry,
    firestore.StatusEntry,
    gcs.StatusEntry,
    s3.StatusEntry,
  ] = [
    entry,
    entry,
    entry,
    entry,
    entry,
  ];
  const calls: [
    datastore.StoreCallOptions,
    denoKv.StoreCallOptions,
    firestore.StoreCallOptions,
    gcs.StoreCallOptions,
    s3.StoreCallOptions,
  ] = [
    options,
    options,
    options,
    options,
    options,
  ];
  const stores: [datastore.StatusStore, denoKv.StatusStore, firestore.StatusStore, gcs.StatusStore, s3.StatusStore] = [
    new S3Store(s3Options),
    new GcsStore(gcsOptions),
    new GcsStore(gcsOptions),
    new GcsStore(gcsOptions),
    new GcsStore(gcsOptions),
  ];
  const durations: [datastore.Duration, denoKv.Duration, firestore.Duration, s3.Duration] = [
    1,
    units,
    requestTimeout,
    1,
  ];
  const lengths: [datastore.DurationLike, denoKv.DurationLike, firestore.DurationLike, s3.DurationLike] = [
    units,
    units,
    units,
    units,
  ];
  const schedulers = stores.map((store) =>
    new NeatPeriodicTaskScheduler({ name: "task", interval: 1_000, timeout: 100, store, task: () => {} })
  );
  return [entries, calls, durations, lengths, schedulers, fetches, tokens];
}

/** Every store can list and read many records; some can watch. */
export async function optionalMethods(signal: AbortSignal): Promise<unknown[]> {
  const names: string[] = [];
  for await (const name of new GcsStore(gcsOptions).list({ signal })) names.push(name);
  const hints: AsyncIterable<void> | undefined = new DenoKvStore(kvOptions).watch?.("task", { signal });
  const listed = all.map((store): AsyncIterable<string> | undefined => store.list?.());
  const read = all.map((store): Promise<(StatusEntry | null)[]> | undefined => store.readMany?.(names, { signal }));
  const together: (boolean | undefined)[] = all.map(({ readsTogether }) => readsTogether);
  return [names, hints, listed, read, together];
}

/** The entry points export the check for the start of a program. */
export async function check(store: StatusStore, signal: AbortSignal): Promise<unknown> {
  const options: datastore.CheckStoreOptions & denoKv.CheckStoreOptions = { key: "check", list: true, signal };
  const same: firestore.CheckStoreOptions & gcs.CheckStoreOptions & s3.CheckStoreOptions = options;
  const checks: (typeof gcs.checkStore & typeof s3.checkStore)[] = [checkStore];
  const others: [typeof datastore.checkStore, typeof denoKv.checkStore, typeof firestore.checkStore] = [
    checkStore,
    checkStore,
    checkStore,
  ];
  try {
    await checkStore(store, same);
  } catch (error) {
    return error instanceof StoreCheckError ? error.message : error;
  }
  const errors:
    (datastore.StoreCheckError | denoKv.StoreCheckError | firestore.StoreCheckError | s3.StoreCheckError)[] = [];
  return [checks, others, errors];
}

/** Lines that must not compile. */
export function refused(): unknown[] {
  return [
    // @ts-expect-error: bucket is required
    () => new GcsStore({}),
    // @ts-expect-error: the option does not exist
    () => new GcsStore({ bucket: "bucket", region: "europe" }),
    // @ts-expect-error: must not be undefined under exactOptionalPropertyTypes
    () => new GcsStore({ bucket: "bucket", prefix: undefined }),
    // @ts-expect-error: a token is a string
    () => new FirestoreStore({ token: () => 42 }),
    // @ts-expect-error: a database is not an address
    () => new DenoKvStore({ kv: "https://kv.example.com" }),
    // @ts-expect-error: a part of a key is no object
    () => new DenoKvStore({ kv: new OwnKv(), prefix: [{}] }),
    // @ts-expect-error: the secret is missing
    () => new S3Store({ bucket: "bucket", credentials: { accessKeyId: "AKIAEXAMPLE" } }),
    // @ts-expect-error: a region is a string
    () => new S3Store({ bucket: "bucket", region: 1 }),
    // @ts-expect-error: a kind is a string
    () => new DatastoreStore({ kind: 1 }),
  ];
}
