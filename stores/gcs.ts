/**
 * A store in a Cloud Storage bucket, by its JSON REST API and `fetch` alone.
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
import type { Duration } from "../src/time/duration.ts";
import { refuse } from "../src/errors.ts";
import type { StatusEntry, StatusStore, StoreCallOptions } from "../src/store/store.ts";
import type { TokenSource } from "./google_auth.ts";
import { type GcsObject, GENERATION, readObject, writeObject } from "./gcs/object.ts";
import { callWithin } from "./http/attempts.ts";
import { checkOptions, type Service, SERVICE_TYPES, serviceOf } from "./http/options.ts";
import type { Fetch } from "./http/fetch.ts";

export type { Duration, DurationLike } from "../src/time/duration.ts";
export type { StatusEntry, StatusStore, StoreCallOptions } from "../src/store/store.ts";
export type { TokenSource } from "./google_auth.ts";
export type { Fetch } from "./http/fetch.ts";

/** What a {@linkcode GcsStore} is made with. */
export interface GcsStoreOptions {
  /** The bucket's name. It must exist. */
  readonly bucket: string;
  /** Stands before each key in the object's name; `neat-periodic-task/` if absent. May be empty. */
  readonly prefix?: string;
  /**
   * Answers with an OAuth access token for each request, and so should keep it while it is valid. Called with `fresh: true`
   * after the server has refused the last one. If absent, Application Default Credentials are used, see README.
   */
  readonly token?: TokenSource;
  /** What to send requests with; `globalThis.fetch`, looked up at each request, if absent. */
  readonly fetch?: Fetch;
  /**
   * Where the service is; `https://storage.googleapis.com` if absent, or what the environment variable
   * `STORAGE_EMULATOR_HOST` names, where nobody signs in. With `http:`, no token is sent but that of `token`.
   */
  readonly apiEndpoint?: string;
  /** The project that is billed for requests to a bucket whose requesters pay. */
  readonly userProject?: string;
  /**
   * How long a read or write may take, with its sign-in and all its attempts; 8 s if absent. An attempt that has no answer
   * after half of it is made again.
   */
  readonly requestTimeout?: Duration;
}

const TYPES = {
  bucket: "required string",
  prefix: "string",
  userProject: "string",
  ...SERVICE_TYPES,
};

const DEFAULTS = {
  service: "Cloud Storage",
  apiEndpoint: "https://storage.googleapis.com",
  scope: "https://www.googleapis.com/auth/devstorage.read_write",
  emulatorVariable: "STORAGE_EMULATOR_HOST",
};

const MAX_NAME_BYTES = 1_024;

/**
 * Keeps records as objects of a Cloud Storage bucket.
 *
 * A record's version is its object's generation, and writes are conditional by `ifGenerationMatch`. Reads and writes of one
 * object are strongly consistent, in each kind of bucket. `storeTime` is the server's `Date` header.
 *
 * **Retries.** Answers 408, 429 and 5xx and broken connections are tried again within `requestTimeout`, with exponential
 * backoff and full jitter, no sooner than a `Retry-After` asks. A write that may have taken effect is never called a conflict:
 * it throws, and the scheduler reads back. Some runtimes, such as Deno, repeat a request by themselves when a connection that
 * was in use breaks. Cloud Storage knows it again by its idempotency token; an emulator may answer it with a conflict, and the
 * scheduler, which reads back then too, finds its own record.
 *
 * **Limits.** Cloud Storage takes one write a second to one object, and tells more to wait. An object's name, `prefix` and
 * key together, has at most 1,024 bytes of UTF-8.
 *
 * **Permissions.** `storage.objects.get`, `storage.objects.create` and `storage.objects.delete`, which replacing takes; the
 * role Storage Object User (`roles/storage.objectUser`) on the bucket has them. In Deno, `--allow-net` for the service, and
 * `--allow-env` and `--allow-read` for Application Default Credentials.
 *
 * **Cost.** A read is one class B operation, a write is one class A operation. See README for what that is per month.
 *
 * @example A token of one's own, and another service address
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
  readonly #service: Service;
  readonly #prefix: string;
  readonly #place: Pick<GcsObject, "endpoint" | "bucket" | "userProject">;

  /**
   * Checks the options; asks nothing of the service.
   *
   * @param options Where the bucket is, and how to sign in.
   * @throws {TypeError} If an option is missing, unknown or of the wrong type.
   * @throws {RangeError} If an option's value can't be used.
   */
  constructor(options: GcsStoreOptions) {
    const doing = "create the Cloud Storage store";
    checkOptions(options, TYPES, doing);
    const { bucket, prefix = "neat-periodic-task/", userProject } = options;
    if (!/^[a-z\d][\w.:-]*$/i.test(bucket)) {
      refuse(RangeError, '"bucket" must be letters, digits, dots, hyphens and underscores', bucket, doing);
    }
    if (userProject === "") refuse(RangeError, '"userProject" must not be empty', userProject, doing);
    this.#service = serviceOf(options, DEFAULTS, doing);
    this.#prefix = prefix;
    this.#place = { endpoint: this.#service.endpoint, bucket, userProject };
  }

  /**
   * Reads the record at a key.
   *
   * @param key The task's name.
   * @param options The signal that ends the call.
   * @returns The record with its generation and the service's time, or `null` if there is none.
   * @throws {RangeError} If no object can have the name.
   * @throws {Error} If the service refuses, or has not answered in time.
   */
  async read(key: string, options?: StoreCallOptions): Promise<StatusEntry | null> {
    const object = this.#object(key);
    const doing = `read the record at ${object.address}`;
    return await callWithin(this.#service, doing, options?.signal, (attempts) => readObject(attempts, object, doing));
  }

  /**
   * Replaces the record at a key, if it is still at the given generation.
   *
   * @param key The task's name.
   * @param value The new record.
   * @param version The generation that must still stand, or `null` if there must be no record yet.
   * @param options The signal that ends the call.
   * @returns The new generation, or `null` if the record had changed: then nothing was written.
   * @throws {RangeError} If no object can have the name, or the version is no generation: nothing was sent then.
   * @throws {Error} If the service refuses, or it is not known whether the record was written.
   */
  async write(
    key: string,
    value: Uint8Array,
    version: string | null,
    options?: StoreCallOptions,
  ): Promise<string | null> {
    const object = this.#object(key);
    const doing = `write the record at ${object.address}`;
    if (version !== null && !GENERATION.test(version)) {
      refuse(RangeError, "its version must be a generation", version, doing);
    }
    const change = { object, value: value.slice(), version, doing };
    return await callWithin(this.#service, doing, options?.signal, (attempts) => writeObject(attempts, change));
  }

  #object(key: string): GcsObject {
    const name = this.#prefix + key;
    const doing = "use the key in Cloud Storage";
    const bytes = new TextEncoder().encode(name).length;
    if (bytes > MAX_NAME_BYTES) {
      refuse(RangeError, `an object's name has at most ${MAX_NAME_BYTES} bytes`, `${bytes} bytes`, doing);
    }
    // "." and ".." would change the path of the URL, and no object may be called so
    if (name === "" || name === "." || name === ".." || /[\r\n]|\p{Surrogate}/u.test(name)) {
      refuse(RangeError, "no object can have this name", name, doing);
    }
    return { ...this.#place, name, address: `gs://${this.#place.bucket}/${name}` };
  }
}
