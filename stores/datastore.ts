/**
 * A store in Datastore, by its REST API and `fetch` alone: for databases in Datastore mode.
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
import type { Duration } from "../src/time/duration.ts";
import { refuse } from "../src/errors.ts";
import type { StatusEntry, StatusStore, StoreCallOptions } from "../src/store/store.ts";
import { databaseIdOf, projectIdOf } from "./datastore/database_options.ts";
import { type Entity, ENTITY_VERSION, readEntity, writeEntity } from "./datastore/entity.ts";
import { checkId, idOf } from "./datastore/id.ts";
import type { Database } from "./datastore/rpc.ts";
import type { TokenSource } from "./google_auth.ts";
import { callWithin } from "./http/attempts.ts";
import { checkOptions, type Service, SERVICE_TYPES, serviceOf } from "./http/options.ts";
import { encoded } from "./http/url.ts";
import type { Fetch } from "./http/fetch.ts";

export type { Duration, DurationLike } from "../src/time/duration.ts";
export type { StatusEntry, StatusStore, StoreCallOptions } from "../src/store/store.ts";
export type { TokenSource } from "./google_auth.ts";
export type { Fetch } from "./http/fetch.ts";

/** What a {@linkcode DatastoreStore} is made with. */
export interface DatastoreStoreOptions {
  /** The project's id; that of the environment variable `DATASTORE_PROJECT_ID` or `GOOGLE_CLOUD_PROJECT` if absent. */
  readonly projectId?: string;
  /** The database's id; the project's default database if absent. It must be in Datastore mode. */
  readonly databaseId?: string;
  /** The namespace of the entities; the default one if absent. */
  readonly namespace?: string;
  /** The kind of the entities; `NeatPeriodicTaskStatus` if absent. */
  readonly kind?: string;
  /**
   * Answers with an OAuth access token for each request, and so should keep it while it is valid. Called with `fresh: true`
   * after the server has refused the last one. If absent, Application Default Credentials are used, see README.
   */
  readonly token?: TokenSource;
  /** What to send requests with; `globalThis.fetch`, looked up at each request, if absent. */
  readonly fetch?: Fetch;
  /**
   * Where the service is; `https://datastore.googleapis.com` if absent, or what the environment variable
   * `DATASTORE_EMULATOR_HOST` names. With `http:`, no token is sent but that of `token`.
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
  namespace: "string",
  kind: "string",
  ...SERVICE_TYPES,
};

const DEFAULTS = {
  service: "Datastore",
  apiEndpoint: "https://datastore.googleapis.com",
  scope: "https://www.googleapis.com/auth/datastore",
  emulatorVariable: "DATASTORE_EMULATOR_HOST",
};

const PROJECT_VARIABLES = ["DATASTORE_PROJECT_ID", "GOOGLE_CLOUD_PROJECT"];

/**
 * Keeps records as entities of a Firestore database in Datastore mode.
 *
 * Nothing is asked of the service before the first read. One store serves any number of tasks: each has an entity of its own,
 * which holds the record as one unindexed blob, `record`. Its name is the task's, in which `%` and `/` are written `%25` and
 * `%2F`, and the first character is percent-encoded if the name were else `.`, `..` or `__` at both ends. An entity there that
 * holds anything else is someone else's, and is left alone.
 *
 * **Consistency.** A version is the entity's version. Lookups ask for strong consistency. A write inserts, or it updates under
 * the condition `baseVersion`; what the service finds in conflict it does not write. Bytes that don't change the record may
 * keep its version, which the scheduler never writes. `storeTime` is the lookup's `readTime`, or the server's `Date` header.
 *
 * **Retries.** Answers 408, 429 and 5xx, broken connections, contention (`ABORTED`) and deferred lookups are tried again
 * within `requestTimeout`, with exponential backoff and full jitter, no sooner than a `Retry-After` asks. A write that may have
 * taken effect is never called a conflict: it throws, and the scheduler reads back.
 *
 * **Limits.** An entity's name has at most 1,500 bytes of UTF-8, which every task's name fits into. Datastore takes about one
 * write a second to one entity for long.
 *
 * **Permissions.** `datastore.entities.get`, `datastore.entities.create` and `datastore.entities.update`; the role Cloud
 * Datastore User (`roles/datastore.user`) has them. In Deno, `--allow-net` for the service, `--allow-env`, and `--allow-read`
 * for Application Default Credentials.
 *
 * **Cost.** A read is one entity read, also where there is none, and a write is one entity write. See README for what that is
 * per month.
 *
 * @example A token of one's own, and another service address
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
  readonly #service: Service;
  readonly #place: Pick<Entity, "database" | "namespace" | "kind">;

  /**
   * Checks the options; asks nothing of the service.
   *
   * @param options Where the database is, and how to sign in.
   * @throws {TypeError} If an option is missing, unknown or of the wrong type.
   * @throws {RangeError} If an option's value can't be used.
   */
  constructor(options: DatastoreStoreOptions = {}) {
    const doing = "create the Datastore store";
    checkOptions(options, TYPES, doing);
    const { namespace = "", kind = "NeatPeriodicTaskStatus" } = options;
    const projectId = projectIdOf(options.projectId, PROJECT_VARIABLES, doing);
    const databaseId = databaseIdOf(options.databaseId, doing);
    checkId(kind, "kind", doing);
    if (!/^[A-Za-z\d._-]{0,100}$/.test(namespace) || /^__.*__$/.test(namespace)) {
      const state = '"namespace" must be letters, digits, dots, hyphens and underscores, and not "__" at both ends';
      refuse(RangeError, state, namespace, doing);
    }
    this.#service = serviceOf(options, DEFAULTS, doing);
    const { service, endpoint } = this.#service;
    const database: Database = {
      service,
      url: `${endpoint}/v1/projects/${encoded(projectId)}`,
      // by these, requests find their way to the database
      headers: {
        "x-goog-request-params": `project_id=${encoded(projectId)}${databaseId && `&database_id=${databaseId}`}`,
      },
      projectId,
      databaseId,
    };
    this.#place = { database, namespace, kind };
  }

  /**
   * Reads the record at a key.
   *
   * @param key The task's name.
   * @param options The signal that ends the call.
   * @returns The record with its version and the service's time, or `null` if there is none.
   * @throws {RangeError} If no entity can have the name.
   * @throws {Error} If the service refuses, or has not answered in time.
   */
  async read(key: string, options?: StoreCallOptions): Promise<StatusEntry | null> {
    const entity = this.#entity(key);
    const doing = `read the record at ${addressOf(entity)}`;
    return await callWithin(this.#service, doing, options?.signal, (attempts) => readEntity(attempts, entity, doing));
  }

  /**
   * Replaces the record at a key, if it is still at the given version.
   *
   * @param key The task's name.
   * @param value The new record.
   * @param version The version that must still stand, or `null` if there must be no record yet.
   * @param options The signal that ends the call.
   * @returns The new version, or `null` if the record had changed: then nothing was written.
   * @throws {RangeError} If no entity can have the name, or the version is none of Datastore's: nothing was sent then.
   * @throws {Error} If the service refuses, or it is not known whether the record was written.
   */
  async write(
    key: string,
    value: Uint8Array,
    version: string | null,
    options?: StoreCallOptions,
  ): Promise<string | null> {
    const entity = this.#entity(key);
    const doing = `write the record at ${addressOf(entity)}`;
    if (version !== null && !ENTITY_VERSION.test(version)) {
      refuse(RangeError, "its version must be an entity's", version, doing);
    }
    const change = { entity, value, version, doing };
    return await callWithin(this.#service, doing, options?.signal, (attempts) => writeEntity(attempts, change));
  }

  #entity(key: string): Entity {
    return { ...this.#place, name: idOf(key, "use the key in Datastore") };
  }
}

/** An entity as messages show it. */
function addressOf({ database, namespace, kind, name }: Entity): string {
  const { projectId, databaseId } = database;
  const parts = [databaseId && `database ${databaseId}`, namespace && `namespace ${namespace}`].filter(Boolean);
  return [`entity ${kind}/${name} of project ${projectId}`, ...parts].join(", ");
}
