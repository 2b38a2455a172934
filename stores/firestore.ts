/**
 * A store in Firestore, by its REST API and `fetch` alone: for databases in native mode.
 *
 * ```ts
 * import { NeatPeriodicTaskScheduler } from "@neat/periodic-task";
 * import { FirestoreStore } from "@neat/periodic-task/stores/firestore";
 *
 * const scheduler = new NeatPeriodicTaskScheduler({
 *   name: "backup",
 *   interval: { hours: 6 },
 *   timeout: { minutes: 30 },
 *   store: new FirestoreStore({ projectId: "my-project" }),
 *   task: () => {},
 * });
 * console.assert(scheduler.state === "new");
 * ```
 *
 * @module
 */
import type { Duration } from "../src/time/duration.ts";
import { refuse } from "../src/errors.ts";
import type { StatusEntry, StatusStore, StoreCallOptions } from "../src/store/store.ts";
import { databaseIdOf, DEFAULT_DATABASE, projectIdOf } from "./datastore/database_options.ts";
import { checkId, idOf } from "./datastore/id.ts";
import type { Database } from "./datastore/rpc.ts";
import { type FirestoreDocument, readDocument, UPDATE_TIME, writeDocument } from "./firestore/document.ts";
import type { TokenSource } from "./google_auth.ts";
import { callWithin } from "./http/attempts.ts";
import { checkOptions, type Service, SERVICE_TYPES, serviceOf } from "./http/options.ts";
import type { Fetch } from "./http/fetch.ts";

export type { Duration, DurationLike } from "../src/time/duration.ts";
export type { StatusEntry, StatusStore, StoreCallOptions } from "../src/store/store.ts";
export type { TokenSource } from "./google_auth.ts";
export type { Fetch } from "./http/fetch.ts";

/** What a {@linkcode FirestoreStore} is made with. */
export interface FirestoreStoreOptions {
  /** The project's id; that of the environment variable `GOOGLE_CLOUD_PROJECT` or `GCLOUD_PROJECT` if absent. */
  readonly projectId?: string;
  /** The database's id; the project's default database if absent. It must be in native mode. */
  readonly databaseId?: string;
  /** The collection of the documents; `neat-periodic-task` if absent. */
  readonly collection?: string;
  /**
   * Answers with an OAuth access token for each request, and so should keep it while it is valid. Called with `fresh: true`
   * after the server has refused the last one. If absent, Application Default Credentials are used, see README.
   */
  readonly token?: TokenSource;
  /** What to send requests with; `globalThis.fetch`, looked up at each request, if absent. */
  readonly fetch?: Fetch;
  /**
   * Where the service is; `https://firestore.googleapis.com` if absent, or what the environment variable
   * `FIRESTORE_EMULATOR_HOST` names. With `http:`, no token is sent but that of `token`.
   */
  readonly apiEndpoint?: string;
  /**
   * How long a read or write may take, with its sign-in and all its attempts; 8 s if absent. An attempt that has no answer
   * after half of it is made again.
   */
  readonly requestTimeout?: Duration;
}

const TYPES = {
  projectId: "string",
  databaseId: "string",
  collection: "string",
  ...SERVICE_TYPES,
};

const DEFAULTS = {
  service: "Firestore",
  apiEndpoint: "https://firestore.googleapis.com",
  scope: "https://www.googleapis.com/auth/datastore",
  emulatorVariable: "FIRESTORE_EMULATOR_HOST",
};

const PROJECT_VARIABLES = ["GOOGLE_CLOUD_PROJECT", "GCLOUD_PROJECT"];

/**
 * Keeps records as documents of a Firestore database in native mode.
 *
 * Nothing is asked of the service before the first read. One store serves any number of tasks: each has a document of its
 * own, which holds the record as one field of bytes, `record`. Its id is the task's name, in which `%` and `/` are written
 * `%25` and `%2F`, and the first character is percent-encoded if the id were else `.`, `..` or `__` at both ends. A document
 * there that holds anything else is someone else's, and is left alone.
 *
 * **Consistency.** A version is the document's update time, just as the service writes it. Reads are strongly consistent. A
 * write has the condition that there is no document, or that its update time still stands. Bytes that don't change the record
 * keep its version, and so two such writes can both succeed: the scheduler never writes the same bytes twice. `storeTime` is the
 * read's `readTime`, or the server's `Date` header.
 *
 * **Retries.** Answers 408, 429 and 5xx, broken connections and contention (`ABORTED`) are tried again within
 * `requestTimeout`, with exponential backoff and full jitter, no sooner than a `Retry-After` asks. A write that may have taken
 * effect is never called a conflict: it throws, and the scheduler reads back.
 *
 * **Limits.** A document's id has at most 1,500 bytes of UTF-8, which every task's name fits into. Firestore takes about one
 * write a second to one document for long.
 *
 * **Permissions.** `datastore.entities.get`, `datastore.entities.create` and `datastore.entities.update`; the role Cloud
 * Datastore User (`roles/datastore.user`) has them. Security rules don't apply to it, so they should let nobody else at the
 * collection. In Deno, `--allow-net` for the service, `--allow-env`, and `--allow-read` for Application Default Credentials.
 *
 * **Cost.** A read is one document read, also where there is none, and a write is one document write; a conflict may take
 * another read. See README for what that is per month.
 *
 * @example A token of one's own, and another service address
 * ```ts
 * import { FirestoreStore } from "@neat/periodic-task/stores/firestore";
 *
 * const store = new FirestoreStore({
 *   projectId: "my-project",
 *   collection: "tasks",
 *   token: () => Promise.resolve("ya29.abc"),
 *   apiEndpoint: "https://firestore.example.com",
 *   fetch: () => Promise.resolve(Response.json([{ missing: "its name", readTime: "2026-01-31T12:00:00Z" }])),
 * });
 * console.assert(await store.read("backup") === null);
 * ```
 */
export class FirestoreStore implements StatusStore {
  readonly #service: Service;
  readonly #database: Database;
  /** The name of the collection, with a slash at its end. */
  readonly #collection: string;

  /**
   * Checks the options; asks nothing of the service.
   *
   * @param options Where the database is, and how to sign in.
   * @throws {TypeError} If an option is missing, unknown or of the wrong type.
   * @throws {RangeError} If an option's value can't be used.
   */
  constructor(options: FirestoreStoreOptions = {}) {
    const doing = "create the Firestore store";
    checkOptions(options, TYPES, doing);
    const { collection = "neat-periodic-task" } = options;
    const projectId = projectIdOf(options.projectId, PROJECT_VARIABLES, doing);
    const databaseId = databaseIdOf(options.databaseId, doing);
    checkId(collection, "collection", doing);
    this.#service = serviceOf(options, DEFAULTS, doing);
    const { service, endpoint, token } = this.#service;
    const documents = `projects/${projectId}/databases/${databaseId || DEFAULT_DATABASE}/documents`;
    this.#database = {
      service,
      url: `${endpoint}/v1/${documents}`,
      // where nobody signs in, there is an emulator: by this it knows an administrator, to whom security rules don't apply
      headers: token ? {} : { authorization: "Bearer owner" },
      projectId,
      databaseId,
    };
    this.#collection = `${documents}/${collection}/`;
  }

  /**
   * Reads the record at a key.
   *
   * @param key The task's name.
   * @param options The signal that ends the call.
   * @returns The record with its update time and the service's time, or `null` if there is none.
   * @throws {RangeError} If no document can have the name.
   * @throws {Error} If the service refuses, or has not answered in time.
   */
  async read(key: string, options?: StoreCallOptions): Promise<StatusEntry | null> {
    const document = this.#document(key);
    const doing = `read the record at ${document.name}`;
    return await callWithin(
      this.#service,
      doing,
      options?.signal,
      (attempts) => readDocument(attempts, document, doing),
    );
  }

  /**
   * Replaces the record at a key, if it still has the given update time.
   *
   * @param key The task's name.
   * @param value The new record.
   * @param version The update time that must still stand, or `null` if there must be no record yet.
   * @param options The signal that ends the call.
   * @returns The new update time, or `null` if the record had changed: then nothing was written.
   * @throws {RangeError} If no document can have the name, or the version is no update time: nothing was sent then.
   * @throws {Error} If the service refuses, or it is not known whether the record was written.
   */
  async write(
    key: string,
    value: Uint8Array,
    version: string | null,
    options?: StoreCallOptions,
  ): Promise<string | null> {
    const document = this.#document(key);
    const doing = `write the record at ${document.name}`;
    if (version !== null && !UPDATE_TIME.test(version)) {
      refuse(RangeError, "its version must be an update time", version, doing);
    }
    const change = { document, value, version, doing };
    return await callWithin(this.#service, doing, options?.signal, (attempts) => writeDocument(attempts, change));
  }

  #document(key: string): FirestoreDocument {
    return { database: this.#database, name: `${this.#collection}${idOf(key, "use the key in Firestore")}` };
  }
}
