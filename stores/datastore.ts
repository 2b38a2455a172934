/**
 * A store in Datastore (Firestore in Datastore mode), which uses its REST API through `fetch`.
 *
 * ```ts
 * import { NeatPeriodicTaskScheduler } from "@neat/periodic-task";
 * import { DatastoreStore } from "@neat/periodic-task/stores/datastore";
 *
 * const scheduler = new NeatPeriodicTaskScheduler({
 *   name: "backup",
 *   interval: { hours: 6 },
 *   timeout: { minutes: 30 },
 *   store: new DatastoreStore({ projectId: "my-project" }),
 *   task: () => {},
 * });
 * console.assert(scheduler.state === "new");
 * ```
 *
 * @module
 */
import { cannot } from "../src/errors.ts";
import { checkOptions, type OptionTypes } from "../src/option_checks.ts";
import type { StatusEntry, StatusStore, StoreCallOptions } from "../src/store/store.ts";
import { readEach } from "./batching/read_many.ts";
import { entityReads } from "./datastore/batches.ts";
import { type Entity, type EntityLocation, isEntityVersion, readEntity, writeEntity } from "./datastore/entity.ts";
import { readEntityNames } from "./datastore/entity_names.ts";
import {
  type GoogleService,
  googleService,
  type GoogleServiceDefaults,
  type GoogleServiceOptions,
  SERVICE_OPTION_TYPES,
} from "./google_auth/service.ts";
import { checkName, nameOf } from "./google_database/names.ts";
import { databaseIdOf, projectIdOf } from "./google_database/options.ts";
import type { Database } from "./google_database/requests.ts";
import type { SharedRequests } from "./google_database/shared_requests.ts";
import { callService } from "./http/call.ts";
import { percentEncode } from "./http/url.ts";
import { listPages } from "./listing/key_pages.ts";

export { checkStore, type CheckStoreOptions } from "../src/store_check/check_store.ts";
export { StoreCheckError } from "../src/store_check/store_check_error.ts";
export type { Duration, DurationLike } from "../src/time/duration.ts";
export type { StatusEntry, StatusStore, StoreCallOptions } from "../src/store/store.ts";
export type { GoogleServiceOptions } from "./google_auth/service.ts";
export type { Fetch } from "./http/fetch.ts";
export type { TokenSource } from "./http/token_source.ts";

/** Options of a {@linkcode DatastoreStore}. */
export interface DatastoreStoreOptions extends GoogleServiceOptions {
  /** The id of the project; that of the environment variable `DATASTORE_PROJECT_ID` or `GOOGLE_CLOUD_PROJECT` if absent. */
  readonly projectId?: string;
  /** The id of the database, which must be in Datastore mode; the project's default database if absent. */
  readonly databaseId?: string;
  /** The namespace of the entities; the default one if absent. */
  readonly namespace?: string;
  /** The kind of the entities; `NeatPeriodicTaskStatus` if absent. */
  readonly kind?: string;
}

const OPTION_TYPES: OptionTypes = {
  projectId: "string",
  databaseId: "string",
  namespace: "string",
  kind: "string",
  ...SERVICE_OPTION_TYPES,
};

const SERVICE: GoogleServiceDefaults = {
  name: "Datastore",
  apiEndpoint: "https://datastore.googleapis.com",
  scope: "https://www.googleapis.com/auth/datastore",
  emulatorVariable: "DATASTORE_EMULATOR_HOST",
};

const PROJECT_VARIABLES = ["DATASTORE_PROJECT_ID", "GOOGLE_CLOUD_PROJECT"];
const CREATE = "create the Datastore store";

/** How many reads of a `readMany` wait for their answers: as many as share the requests that the store makes at a time. */
const MAX_READS = 1_000;

/**
 * Keeps records as entities of a Firestore database in Datastore mode.
 *
 * The first request is that of the first read. One store serves any number of tasks. Each task has an entity, which holds the
 * record as its only property: the unindexed blob `record`. The name of the entity is that of the task, with `%` and `/`
 * written as `%25` and `%2F`. If the name were then `.`, `..` or `__` at both ends, its first character is percent-encoded. The
 * store never overwrites an entity that holds other data.
 *
 * **Consistency.** A version is the version of the entity. Lookups are strongly consistent. A write is an insert, or an update
 * with the condition `baseVersion`; if the service finds a conflict, it writes nothing. A write of the same bytes may keep the
 * version; the scheduler never makes one. `storeTime` is the `readTime` of the lookup, or the `Date` header of the server.
 *
 * **Many tasks.** Reads of the same moment are sent in one `lookup`: 100 at most. Each has its own outcome, limit, signal and
 * retries, and none waits for a timer. Each write is a commit of its own, as the error of a commit does not say which of several
 * writes took effect.
 *
 * **Retries.** Status 408, 429 and 5xx, broken connections, contention (`ABORTED`) and deferred lookups are retried within
 * `requestTimeout`, with exponential backoff and full jitter, and not before the time of a `Retry-After` header. A write that
 * may have succeeded is never reported as a conflict: it throws, and the scheduler reads the record.
 *
 * **Limits.** The name of an entity has at most 1,500 bytes of UTF-8; the name of any task fits. Datastore sustains about one
 * write a second to one entity.
 *
 * **Permissions.** `datastore.entities.get`, `datastore.entities.create` and `datastore.entities.update`; the role Cloud
 * Datastore User (`roles/datastore.user`) has them, and `datastore.entities.list` for {@linkcode DatastoreStore.list}, which
 * schedulers don't need. In Deno, `--allow-net` for the service, `--allow-env`, and `--allow-read`
 * for Application Default Credentials.
 *
 * **Cost.** A read is one entity read, also of a missing entity; a write is one entity write. A page of 100 listed names
 * is one entity read.
 *
 * **Emulator.** Without `apiEndpoint`, the store connects to the address in the environment variable
 * `DATASTORE_EMULATOR_HOST`, without a token.
 *
 * @example A token and an address of your own
 * ```ts
 * import { DatastoreStore } from "@neat/periodic-task/stores/datastore";
 *
 * const store = new DatastoreStore({
 *   projectId: "my-project",
 *   kind: "Task",
 *   token: () => Promise.resolve("ya29.abc"),
 *   apiEndpoint: "https://datastore.example.com",
 *   fetch: () => Promise.resolve(Response.json({ missing: [{ entity: {}, version: "1" }] })),
 * });
 * console.assert(await store.read("backup") === null);
 * ```
 */
export class DatastoreStore implements StatusStore {
  readonly #service: GoogleService;
  readonly #location: EntityLocation;
  readonly #reads: SharedRequests<string>;

  /**
   * Checks the options. Sends no request.
   *
   * @param options The database, and how to sign in.
   * @throws {TypeError} If an option is missing, unknown or of the wrong type.
   * @throws {RangeError} If the value of an option can't be used.
   */
  constructor(options: DatastoreStoreOptions = {}) {
    checkOptions(options, OPTION_TYPES, CREATE, { hidesValues: true });
    const { namespace = "", kind = "NeatPeriodicTaskStatus" } = options;
    const projectId = projectIdOf(options.projectId, PROJECT_VARIABLES, CREATE);
    const databaseId = databaseIdOf(options.databaseId, CREATE);
    checkName(kind, "kind", CREATE);
    checkNamespace(namespace);
    this.#service = googleService(options, SERVICE, CREATE);
    const database: Database = {
      serviceName: SERVICE.name,
      url: `${this.#service.endpoint}/v1/projects/${percentEncode(projectId)}`,
      headers: routingHeader(projectId, databaseId),
      projectId,
      databaseId,
    };
    this.#location = { database, namespace, kind };
    this.#reads = entityReads(this.#location);
  }

  /**
   * Reads the record of a task.
   *
   * @param key The name of the task.
   * @param options The signal that ends the call.
   * @returns The record with its version and the time of the service, or `null` if there is none.
   * @throws {RangeError} If no entity can have the name.
   * @throws {Error} If the service rejects the request or does not answer in time.
   */
  async read(key: string, options?: StoreCallOptions): Promise<StatusEntry | null> {
    const entity = this.#entity(key);
    const action = `read the record at ${describe(entity, entity.name)}`;
    const read = { entity, reads: this.#reads, action };
    return await callService(this.#service, action, options?.signal, (call) => readEntity(call, read));
  }

  /**
   * Reads the records of several tasks. A `lookup` reads 100 of them.
   *
   * @param keys The names of the tasks, as many as you like.
   * @param options The signal that ends the call.
   * @returns The record of each task, as {@linkcode read} returns it, in the order of the keys.
   * @throws {RangeError} If no entity can have one of the names.
   * @throws {Error} If the service rejects a request or does not answer in time.
   */
  async readMany(keys: readonly string[], options?: StoreCallOptions): Promise<(StatusEntry | null)[]> {
    const read = (key: string, signal: AbortSignal): Promise<StatusEntry | null> => this.read(key, { signal });
    return await readEach(keys, read, { maxCalls: MAX_READS, signal: options?.signal });
  }

  /**
   * Replaces the record of a task if it is still at the given version.
   *
   * @param key The name of the task.
   * @param value The new record.
   * @param version The version to replace, or `null` if there must be no record.
   * @param options The signal that ends the call.
   * @returns The new version, or `null` if the record had changed: then nothing was written.
   * @throws {RangeError} If no entity can have the name or the version: then no request was sent.
   * @throws {Error} If the service rejects the request, or if it is not known whether the record was written.
   */
  async write(
    key: string,
    value: Uint8Array,
    version: string | null,
    options?: StoreCallOptions,
  ): Promise<string | null> {
    const entity = this.#entity(key);
    const action = `write the record at ${describe(entity, entity.name)}`;
    if (version !== null && !isEntityVersion(version)) {
      throw new RangeError(cannot(action, "its version must be an entity's", version));
    }
    const write = { entity, value, version, action };
    return await callService(this.#service, action, options?.signal, (call) => writeEntity(call, write));
  }

  /**
   * Lists the names of the tasks: those of the entities of the kind.
   *
   * @param options The signal that ends the listing.
   * @returns The names, read in pages of 100 entities. Entities with a parent or a number, and names that no task can have, are
   * left out.
   * @throws {Error} If the service rejects the request or does not answer in time.
   *
   * @example Print the names of the tasks
   * ```ts
   * import { DatastoreStore } from "@neat/periodic-task/stores/datastore";
   *
   * const key = { path: [{ kind: "NeatPeriodicTaskStatus", name: "backup" }] };
   * const batch = { entityResults: [{ entity: { key } }], moreResults: "NO_MORE_RESULTS" };
   * const store = new DatastoreStore({
   *   projectId: "my-project",
   *   token: () => "ya29.abc",
   *   fetch: () => Promise.resolve(Response.json({ batch })),
   * });
   * const names: string[] = [];
   * for await (const name of store.list()) names.push(name);
   * console.assert(`${names}` === "backup");
   * ```
   */
  async *list(options?: StoreCallOptions): AsyncIterable<string> {
    const location = this.#location;
    const action = `list the records at ${describe(location)}`;
    const readPage = (cursor: string | undefined) =>
      callService(
        this.#service,
        action,
        options?.signal,
        (call) => readEntityNames(call, { location, cursor, action }),
      );
    yield* listPages(readPage, options?.signal, action);
  }

  #entity(key: string): Entity {
    return { ...this.#location, name: nameOf(key, "use the key in Datastore") };
  }
}

function checkNamespace(namespace: string): void {
  const isReserved = /^__.*__$/.test(namespace);
  if (/^[A-Za-z\d._-]{0,100}$/.test(namespace) && !isReserved) return;
  const state = '"namespace" must be letters, digits, dots, hyphens and underscores, and not "__" at both ends';
  throw new RangeError(cannot(CREATE, state, namespace));
}

/** The header by which Google routes a request to the database. */
function routingHeader(projectId: string, databaseId: string): Readonly<Record<string, string>> {
  const database = databaseId && `&database_id=${databaseId}`;
  return { "x-goog-request-params": `project_id=${percentEncode(projectId)}${database}` };
}

/** An entity, or all of a kind, as messages show it. */
function describe(location: EntityLocation, name?: string): string {
  const { database: { projectId, databaseId }, namespace, kind } = location;
  const parts = [
    `${name === undefined ? `kind ${kind}` : `entity ${kind}/${name}`} of project ${projectId}`,
    databaseId && `database ${databaseId}`,
    namespace && `namespace ${namespace}`,
  ];
  return parts.filter((part) => part !== "").join(", ");
}
