/**
 * A store in Firestore (native mode), which uses its REST API through `fetch`.
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
import { readEach } from "./batching/read_many.ts";
import { cannot } from "../src/errors.ts";
import { checkOptions, type OptionTypes } from "../src/option_checks.ts";
import type { StatusEntry, StatusStore, StoreCallOptions } from "../src/store/store.ts";
import { type DocumentBatches, documentBatches } from "./firestore/batches.ts";
import { type FirestoreDocument, isUpdateTime, readDocument, writeDocument } from "./firestore/document.ts";
import { readDocumentNames } from "./firestore/document_names.ts";
import {
  type GoogleService,
  googleService,
  type GoogleServiceDefaults,
  type GoogleServiceOptions,
  SERVICE_OPTION_TYPES,
} from "./google_auth/service.ts";
import { checkName, nameOf } from "./google_database/names.ts";
import { databaseIdOf, DEFAULT_DATABASE, projectIdOf } from "./google_database/options.ts";
import type { Database } from "./google_database/requests.ts";
import { callService } from "./http/call.ts";
import { listPages } from "./listing/key_pages.ts";

export { checkStore, type CheckStoreOptions } from "../src/store_check/check_store.ts";
export { StoreCheckError } from "../src/store_check/store_check_error.ts";
export type { Duration, DurationLike } from "../src/time/duration.ts";
export type { StatusEntry, StatusStore, StoreCallOptions } from "../src/store/store.ts";
export type { GoogleServiceOptions } from "./google_auth/service.ts";
export type { Fetch } from "./http/fetch.ts";
export type { TokenSource } from "./http/token_source.ts";

/** Options of a {@linkcode FirestoreStore}. */
export interface FirestoreStoreOptions extends GoogleServiceOptions {
  /** The id of the project; that of the environment variable `GOOGLE_CLOUD_PROJECT` or `GCLOUD_PROJECT` if absent. */
  readonly projectId?: string;
  /** The id of the database, which must be in native mode; the project's default database if absent. */
  readonly databaseId?: string;
  /** The collection of the documents; `neat-periodic-task` if absent. */
  readonly collection?: string;
}

const OPTION_TYPES: OptionTypes = {
  projectId: "string",
  databaseId: "string",
  collection: "string",
  ...SERVICE_OPTION_TYPES,
};

const SERVICE: GoogleServiceDefaults = {
  name: "Firestore",
  apiEndpoint: "https://firestore.googleapis.com",
  scope: "https://www.googleapis.com/auth/datastore",
  emulatorVariable: "FIRESTORE_EMULATOR_HOST",
};

const PROJECT_VARIABLES = ["GOOGLE_CLOUD_PROJECT", "GCLOUD_PROJECT"];
const CREATE = "create the Firestore store";

/** How many reads of a `readMany` wait for their answers: as many as share the requests that the store makes at a time. */
const MAX_READS = 1_000;

/**
 * Keeps records as documents of a Firestore database in native mode.
 *
 * The first request is that of the first read. One store serves any number of tasks. Each task has a document, which holds the
 * record as its only field: the bytes `record`. The id of the document is the name of the task, with `%` and `/` written as
 * `%25` and `%2F`. If the id were then `.`, `..` or `__` at both ends, its first character is percent-encoded. The store never
 * overwrites a document that holds other data.
 *
 * **Consistency.** A version is the update time of the document, as the service writes it. Reads are strongly consistent. A
 * write has the condition that there is no document, or that its update time is still the same. A write of the same bytes keeps
 * the version, so that two such writes can both succeed; the scheduler never makes one. `storeTime` is the `readTime` of the
 * read, or the `Date` header of the server.
 *
 * **Many tasks.** Reads of the same moment are sent in one `batchGet`, and writes in one `batchWrite`, which writes each document
 * on its own: 100 at most. Each call has its own outcome, limit, signal and retries, and none waits for a timer.
 *
 * **Retries.** Status 408, 429 and 5xx, broken connections and contention (`ABORTED`) are retried within `requestTimeout`, with
 * exponential backoff and full jitter, and not before the time of a `Retry-After` header. A write that may have succeeded is
 * never reported as a conflict: it throws, and the scheduler reads the record.
 *
 * **Limits.** The id of a document has at most 1,500 bytes of UTF-8; the name of any task fits. Firestore sustains about one
 * write a second to one document.
 *
 * **Permissions.** `datastore.entities.get`, `datastore.entities.create` and `datastore.entities.update`, also for `batchWrite`;
 * the role Cloud Datastore User (`roles/datastore.user`) has them, and `datastore.entities.list` for
 * {@linkcode FirestoreStore.list}, which schedulers don't need. Security rules don't apply to such an account, so they should deny
 * the collection to everybody else. In Deno, `--allow-net` for the service, `--allow-env`, and `--allow-read` for Application
 * Default Credentials.
 *
 * **Cost.** A read is one document read, also of a missing document; a write is one document write. A conflict may take another
 * read. Each listed name is one document read. Documents are billed one by one, however many share a request.
 *
 * **Emulator.** Without `apiEndpoint`, the store connects to the address in the environment variable
 * `FIRESTORE_EMULATOR_HOST`, as its administrator.
 *
 * @example A token and an address of your own
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
  readonly #service: GoogleService;
  readonly #database: Database;
  readonly #batches: DocumentBatches;
  /** The resource name of the collection. */
  readonly #collection: string;

  /**
   * Checks the options. Sends no request.
   *
   * @param options The database, and how to sign in.
   * @throws {TypeError} If an option is missing, unknown or of the wrong type.
   * @throws {RangeError} If the value of an option can't be used.
   */
  constructor(options: FirestoreStoreOptions = {}) {
    checkOptions(options, OPTION_TYPES, CREATE, { hidesValues: true });
    const { collection = "neat-periodic-task" } = options;
    const projectId = projectIdOf(options.projectId, PROJECT_VARIABLES, CREATE);
    const databaseId = databaseIdOf(options.databaseId, CREATE);
    checkName(collection, "collection", CREATE);
    this.#service = googleService(options, SERVICE, CREATE);
    const documents = `projects/${projectId}/databases/${databaseId || DEFAULT_DATABASE}/documents`;
    // without a token the service is an emulator, which takes this one for its administrator's
    const headers = this.#service.token ? {} : { authorization: "Bearer owner" };
    const url = `${this.#service.endpoint}/v1/${documents}`;
    this.#database = { serviceName: SERVICE.name, url, headers, projectId, databaseId };
    this.#batches = documentBatches(this.#database);
    this.#collection = `${documents}/${collection}`;
  }

  /**
   * Reads the record of a task.
   *
   * @param key The name of the task.
   * @param options The signal that ends the call.
   * @returns The record with its update time and the time of the service, or `null` if there is none.
   * @throws {RangeError} If no document can have the name.
   * @throws {Error} If the service rejects the request or does not answer in time.
   */
  async read(key: string, options?: StoreCallOptions): Promise<StatusEntry | null> {
    const document = this.#document(key);
    const action = `read the record at ${document.name}`;
    return await callService(this.#service, action, options?.signal, (call) => readDocument(call, document, action));
  }

  /**
   * Reads the records of several tasks. A `batchGet` reads 100 of them.
   *
   * @param keys The names of the tasks, as many as you like.
   * @param options The signal that ends the call.
   * @returns The record of each task, as {@linkcode read} returns it, in the order of the keys.
   * @throws {RangeError} If no document can have one of the names.
   * @throws {Error} If the service rejects a request or does not answer in time.
   */
  async readMany(keys: readonly string[], options?: StoreCallOptions): Promise<(StatusEntry | null)[]> {
    const read = (key: string, signal: AbortSignal): Promise<StatusEntry | null> => this.read(key, { signal });
    return await readEach(keys, read, { maxCalls: MAX_READS, signal: options?.signal });
  }

  /**
   * Replaces the record of a task if it still has the given update time.
   *
   * @param key The name of the task.
   * @param value The new record.
   * @param version The update time of the record to replace, or `null` if there must be no record.
   * @param options The signal that ends the call.
   * @returns The new update time, or `null` if the record had changed: then nothing was written.
   * @throws {RangeError} If no document can have the name or the version: then no request was sent.
   * @throws {Error} If the service rejects the request, or if it is not known whether the record was written.
   */
  async write(
    key: string,
    value: Uint8Array,
    version: string | null,
    options?: StoreCallOptions,
  ): Promise<string | null> {
    const document = this.#document(key);
    const action = `write the record at ${document.name}`;
    if (version !== null && !isUpdateTime(version)) {
      throw new RangeError(cannot(action, "its version must be an update time", version));
    }
    const write = { document, value, version, action };
    return await callService(this.#service, action, options?.signal, (call) => writeDocument(call, write));
  }

  /**
   * Lists the names of the tasks: those of the documents of the collection.
   *
   * @param options The signal that ends the listing.
   * @returns The names, read in pages of 100 documents. Names that no task can have are left out.
   * @throws {Error} If the service rejects the request or does not answer in time.
   *
   * @example Print the names of the tasks
   * ```ts
   * import { FirestoreStore } from "@neat/periodic-task/stores/firestore";
   *
   * const name = "projects/my-project/databases/(default)/documents/neat-periodic-task/backup";
   * const store = new FirestoreStore({
   *   projectId: "my-project",
   *   token: () => "ya29.abc",
   *   fetch: () => Promise.resolve(Response.json([{ document: { name } }])),
   * });
   * const names: string[] = [];
   * for await (const name of store.list()) names.push(name);
   * console.assert(`${names}` === "backup");
   * ```
   */
  async *list(options?: StoreCallOptions): AsyncIterable<string> {
    const [database, collection] = [this.#database, this.#collection];
    const action = `list the records at ${collection}`;
    const readPage = (last: string | undefined) =>
      callService(
        this.#service,
        action,
        options?.signal,
        (call) => readDocumentNames(call, { database, collection, last, action }),
      );
    yield* listPages(readPage, options?.signal, action);
  }

  #document(key: string): FirestoreDocument {
    const name = `${this.#collection}/${nameOf(key, "use the key in Firestore")}`;
    return { database: this.#database, batches: this.#batches, name };
  }
}
