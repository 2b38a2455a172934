/**
 * A store in a Cloud Storage bucket, which uses its JSON API through `fetch`.
 *
 * ```ts
 * import { NeatPeriodicTaskScheduler } from "@neat/periodic-task";
 * import { GcsStore } from "@neat/periodic-task/stores/gcs";
 *
 * const scheduler = new NeatPeriodicTaskScheduler({
 *   name: "backup",
 *   interval: { hours: 6 },
 *   timeout: { minutes: 30 },
 *   store: new GcsStore({ bucket: "my-bucket" }),
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
import type { GcsBucket } from "./gcs/bucket.ts";
import { type GcsObject, isGeneration, readObject, writeObject } from "./gcs/object.ts";
import { KeptObjects } from "./gcs/kept_objects.ts";
import { readObjectNames } from "./gcs/object_names.ts";
import {
  type GoogleService,
  googleService,
  type GoogleServiceDefaults,
  type GoogleServiceOptions,
  SERVICE_OPTION_TYPES,
} from "./google_auth/service.ts";
import { callService } from "./http/call.ts";
import { listPages } from "./listing/key_pages.ts";

export { checkStore, type CheckStoreOptions } from "../src/store_check/check_store.ts";
export { StoreCheckError } from "../src/store_check/store_check_error.ts";
export type { Duration, DurationLike } from "../src/time/duration.ts";
export type { StatusEntry, StatusStore, StoreCallOptions } from "../src/store/store.ts";
export type { GoogleServiceOptions } from "./google_auth/service.ts";
export type { Fetch } from "./http/fetch.ts";
export type { TokenSource } from "./http/token_source.ts";

/** Options of a {@linkcode GcsStore}. */
export interface GcsStoreOptions extends GoogleServiceOptions {
  /** The name of the bucket, which must exist. */
  readonly bucket: string;
  /** The prefix of the names of the objects; `neat-periodic-task/` if absent. It may be empty. */
  readonly prefix?: string;
  /** The project that is billed for requests, for a bucket with requester pays. */
  readonly userProject?: string;
}

const OPTION_TYPES: OptionTypes = {
  bucket: "required string",
  prefix: "string",
  userProject: "string",
  ...SERVICE_OPTION_TYPES,
};

const SERVICE: GoogleServiceDefaults = {
  name: "Cloud Storage",
  apiEndpoint: "https://storage.googleapis.com",
  scope: "https://www.googleapis.com/auth/devstorage.read_write",
  emulatorVariable: "STORAGE_EMULATOR_HOST",
};

const CREATE = "create the Cloud Storage store";

/** How many requests of a `readMany` wait for their answers. */
const MAX_READS = 32;
const MAX_NAME_BYTES = 1_024;

/**
 * Keeps records as objects of a Cloud Storage bucket.
 *
 * The version of a record is the generation of its object, and writes have the condition `ifGenerationMatch`. Reads and writes
 * of one object are strongly consistent in every kind of bucket. `storeTime` is the `Date` header of the server.
 *
 * **Retries.** Status 408, 429 and 5xx and broken connections are retried within `requestTimeout`, with exponential backoff and
 * full jitter, and not before the time of a `Retry-After` header. A write that may have succeeded is never reported as a
 * conflict: it throws, and the scheduler reads the record. Some runtimes, such as Deno, repeat a request by themselves when a
 * connection breaks. Cloud Storage recognises it by its idempotency token. An emulator may report a conflict; the scheduler
 * reads the record then, too, and finds its own.
 *
 * **Limits.** Cloud Storage accepts one write a second to one object, and rejects more with status 429. The name of an object,
 * with its prefix, has at most 1,024 bytes of UTF-8.
 *
 * **Permissions.** `storage.objects.get`, `storage.objects.create` and, to replace an object, `storage.objects.delete`; the role
 * Storage Object User (`roles/storage.objectUser`) on the bucket has them, and `storage.objects.list` for {@linkcode GcsStore.list},
 * which schedulers don't need. In Deno, `--allow-net` for the service, and
 * `--allow-env` and `--allow-read` for Application Default Credentials.
 *
 * **Cost.** A read is one class B operation, a write is one class A operation, and so are 100 listed names.
 *
 * **Emulator.** Without `apiEndpoint`, the store connects to the address in the environment variable
 * `STORAGE_EMULATOR_HOST`, without a token.
 *
 * @example A token and an address of your own
 * ```ts
 * import { GcsStore } from "@neat/periodic-task/stores/gcs";
 *
 * const store = new GcsStore({
 *   bucket: "my-bucket",
 *   prefix: "tasks/",
 *   token: () => Promise.resolve("ya29.abc"),
 *   apiEndpoint: "https://storage.example.com",
 *   fetch: () => Promise.resolve(new Response("", { status: 404 })),
 * });
 * console.assert(await store.read("backup") === null);
 * ```
 */
export class GcsStore implements StatusStore {
  readonly #service: GoogleService;
  readonly #prefix: string;
  readonly #location: GcsBucket;
  readonly #kept = new KeptObjects();

  /**
   * Checks the options. Sends no request.
   *
   * @param options The bucket, and how to sign in.
   * @throws {TypeError} If an option is missing, unknown or of the wrong type.
   * @throws {RangeError} If the value of an option can't be used.
   */
  constructor(options: GcsStoreOptions) {
    checkOptions(options, OPTION_TYPES, CREATE, { hidesValues: true });
    const { bucket, prefix = "neat-periodic-task/", userProject } = options;
    if (!/^[a-z\d][\w.:-]*$/i.test(bucket)) {
      throw new RangeError(cannot(CREATE, '"bucket" must be letters, digits, dots, hyphens and underscores', bucket));
    }
    if (userProject === "") throw new RangeError(cannot(CREATE, '"userProject" must not be empty', userProject));
    this.#service = googleService(options, SERVICE, CREATE);
    this.#prefix = prefix;
    this.#location = { endpoint: this.#service.endpoint, bucket, userProject };
  }

  /**
   * Reads the record of a task.
   *
   * @param key The name of the task.
   * @param options The signal that ends the call.
   * @returns The record with its generation and the time of the service, or `null` if there is none.
   * @throws {RangeError} If no object can have the name.
   * @throws {Error} If the service rejects the request or does not answer in time.
   */
  async read(key: string, options?: StoreCallOptions): Promise<StatusEntry | null> {
    const object = this.#object(key);
    const action = `read the record at ${object.uri}`;
    return await callService(this.#service, action, options?.signal, (call) => readObject(call, object, action));
  }

  /**
   * Reads the records of several tasks. The service has no request for several: there are as many requests, 32 at a time. The next
   * calls for many of these tasks list the objects instead, 1,000 in a request, and read those that have another generation. They need
   * the permission `storage.objects.list`; without it they go on as the first one.
   *
   * @param keys The names of the tasks, as many as you like.
   * @param options The signal that ends the call.
   * @returns The record of each task, as {@linkcode read} returns it, in the order of the keys.
   * @throws {RangeError} If no object can have one of the names.
   * @throws {Error} If the service rejects a request or does not answer in time.
   */
  async readMany(keys: readonly string[], options?: StoreCallOptions): Promise<(StatusEntry | null)[]> {
    const { signal } = options ?? {};
    const unchanged = await this.#unchanged(keys, signal);
    const read = async (key: string, signal: AbortSignal): Promise<StatusEntry | null> => {
      const known = unchanged.get(key);
      if (known !== undefined) return known;
      const entry = await this.read(key, { signal });
      this.#kept.keep(key, entry);
      return entry;
    };
    return await readEach(keys, read, { maxCalls: MAX_READS, signal });
  }

  /**
   * Replaces the record of a task if it is still at the given generation.
   *
   * @param key The name of the task.
   * @param value The new record.
   * @param version The generation to replace, or `null` if there must be no record.
   * @param options The signal that ends the call.
   * @returns The new generation, or `null` if the record had changed: then nothing was written.
   * @throws {RangeError} If no object can have the name or the version: then no request was sent.
   * @throws {Error} If the service rejects the request, or if it is not known whether the record was written.
   */
  async write(
    key: string,
    value: Uint8Array,
    version: string | null,
    options?: StoreCallOptions,
  ): Promise<string | null> {
    const object = this.#object(key);
    const action = `write the record at ${object.uri}`;
    if (version !== null && !isGeneration(version)) {
      throw new RangeError(cannot(action, "its version must be a generation", version));
    }
    // a copy, as the caller may change its array before the request is sent
    const write = { object, value: value.slice(), version, action };
    return await callService(this.#service, action, options?.signal, (call) => writeObject(call, write));
  }

  /**
   * Lists the names of the tasks: those of the objects whose names begin with the prefix.
   *
   * @param options The signal that ends the listing.
   * @returns The names, read in pages of 100 objects.
   * @throws {Error} If the service rejects the request or does not answer in time.
   *
   * @example Print the names of the tasks
   * ```ts
   * import { GcsStore } from "@neat/periodic-task/stores/gcs";
   *
   * const store = new GcsStore({
   *   bucket: "my-bucket",
   *   token: () => "ya29.abc",
   *   fetch: () => Promise.resolve(Response.json({ items: [{ name: "neat-periodic-task/backup" }] })),
   * });
   * const names: string[] = [];
   * for await (const name of store.list()) names.push(name);
   * console.assert(`${names}` === "backup");
   * ```
   */
  async *list(options?: StoreCallOptions): AsyncIterable<string> {
    const [bucket, prefix] = [this.#location, this.#prefix];
    const action = `list the records at gs://${bucket.bucket}/${prefix}`;
    const readPage = (pageToken: string | undefined) =>
      callService(
        this.#service,
        action,
        options?.signal,
        (call) => readObjectNames(call, { bucket, prefix, pageToken, action }),
      );
    yield* listPages(readPage, options?.signal, action);
  }

  /** The records that need no read; none if a list is not worth its requests, or fails: then reads will say why. */
  async #unchanged(
    keys: readonly string[],
    signal: AbortSignal | undefined,
  ): Promise<ReadonlyMap<string, StatusEntry | null>> {
    const kept = this.#kept;
    if (!kept.isListWorth(keys)) return new Map();
    const [bucket, prefix] = [this.#location, this.#prefix];
    const action = `list the records at gs://${bucket.bucket}/${prefix}`;
    try {
      return await callService(
        this.#service,
        action,
        signal,
        (call) => kept.unchanged(call, keys, { bucket, prefix, action }),
      );
    } catch {
      signal?.throwIfAborted();
      kept.rest();
      return new Map();
    }
  }

  #object(key: string): GcsObject {
    const name = this.#prefix + key;
    const action = "use the key in Cloud Storage";
    const bytes = new TextEncoder().encode(name).length;
    if (bytes > MAX_NAME_BYTES) {
      throw new RangeError(cannot(action, `an object's name must take at most ${MAX_NAME_BYTES} bytes`, bytes));
    }
    const isDotSegment = name === "." || name === "..";
    if (name === "" || isDotSegment || /[\r\n]|\p{Surrogate}/u.test(name)) {
      throw new RangeError(cannot(action, "no object can have this name", name));
    }
    return { ...this.#location, name, uri: `gs://${this.#location.bucket}/${name}` };
  }
}
