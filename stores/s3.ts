/**
 * A store in a bucket of Amazon S3, Cloudflare R2, MinIO, Ceph or another service with the API of S3.
 *
 * This entry point needs {@link https://github.com/mhart/aws4fetch | aws4fetch}, which signs the requests. On npm, install
 * `aws4fetch` beside this package.
 *
 * ```ts
 * import { NeatPeriodicTaskScheduler } from "@neat/periodic-task";
 * import { S3Store } from "@neat/periodic-task/stores/s3";
 *
 * const scheduler = new NeatPeriodicTaskScheduler({
 *   name: "backup",
 *   interval: { hours: 6 },
 *   timeout: { minutes: 30 },
 *   store: new S3Store({ bucket: "my-bucket", region: "eu-central-1" }),
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
import { callService } from "./http/call.ts";
import { listPages } from "./listing/key_pages.ts";
import { isETag, readObject, type S3Object, writeObject } from "./s3/object.ts";
import { readKeys } from "./s3/object_list.ts";
import { encodeKey } from "./s3/object_names.ts";
import { type S3Service, s3Service, type S3ServiceOptions, SERVICE_OPTION_TYPES } from "./s3/service.ts";

export { checkStore, type CheckStoreOptions } from "../src/store_check/check_store.ts";
export { StoreCheckError } from "../src/store_check/store_check_error.ts";
export type { Duration, DurationLike } from "../src/time/duration.ts";
export type { StatusEntry, StatusStore, StoreCallOptions } from "../src/store/store.ts";
export type { AwsCredentials, AwsCredentialSource } from "./aws_auth/credentials.ts";
export type { Fetch } from "./http/fetch.ts";
export type { S3ServiceOptions } from "./s3/service.ts";

/** Options of an {@linkcode S3Store}. */
export interface S3StoreOptions extends S3ServiceOptions {
  /** The prefix of the names of the objects; `neat-periodic-task/` if absent. It may be empty. */
  readonly prefix?: string;
}

const OPTION_TYPES: OptionTypes = { prefix: "string", ...SERVICE_OPTION_TYPES };

const CREATE = "create the S3 store";

/** How many requests of a `readMany` wait for their answers. */
const MAX_READS = 32;
const MAX_NAME_BYTES = 1_024;

/** Characters that no name of an object should have, and segments that addresses lose. */
// deno-lint-ignore no-control-regex
const UNUSABLE_PREFIX = /[\x00-\x1f\x7f\ufffe\uffff]|\p{Surrogate}|^\/|(?:^|\/)\.{1,2}(?:\/|$)/u;

/**
 * Keeps records as objects of an S3 bucket.
 *
 * The version of a record is the ETag of its object. A first write has the condition `If-None-Match: *`, and any other one
 * `If-Match` with the ETag. `storeTime` is the `Date` header of the server, in whole seconds. The store has no `watch`.
 *
 * **Consistency.** Reads and writes of one object are strongly consistent in Amazon S3 and in the services that the documentation
 * names. Not every service has conditional writes: some ignore the conditions. {@linkcode checkStore} finds that out; call it
 * when the program starts.
 *
 * Equal bodies have equal ETags. A record that this package writes differs from all earlier ones by its field `write`. A replica
 * in Dart drops that field, so it could write a body equal to an earlier one, and a delayed write of another replica for that
 * earlier body could then replace it.
 *
 * **Unknown outcomes.** Status 408, 429 and 5xx and broken connections are retried within `requestTimeout`, with exponential
 * backoff and full jitter, and not before the time of a `Retry-After` header. A conflict after such an attempt may be one with
 * the attempt itself: then the write throws, and the scheduler reads the record. Status 412 without such an attempt is a lost
 * write. Status 409 (`ConditionalRequestConflict`) only says that another write was in progress, so the write is repeated.
 *
 * **Limits.** The name of an object has at most 1,024 bytes of UTF-8, with its prefix. In the part after the prefix, ASCII characters
 * other than letters, digits, `.`, `_` and `-` are percent-encoded, and so take three bytes.
 *
 * **Permissions.** `s3:GetObject` and `s3:PutObject` for the objects, and `s3:ListBucket` for the bucket: without it, S3 answers
 * a read of a missing object with "access denied". In Deno, `--allow-net` for the service, `--allow-env` for the credentials and
 * the region of the environment, and `--allow-read` for the token file of a web identity.
 *
 * **Cost.** A read is a GET request, a write is a PUT request, and 100 listed names are a LIST request.
 *
 * @example Keys and an address of your own
 * ```ts
 * import { S3Store } from "@neat/periodic-task/stores/s3";
 *
 * const missing = "<Error><Code>NoSuchKey</Code></Error>";
 * const store = new S3Store({
 *   bucket: "my-bucket",
 *   prefix: "tasks/",
 *   endpoint: "https://minio.example.com",
 *   credentials: { accessKeyId: "AKIAEXAMPLE", secretAccessKey: "a-secret-key" },
 *   fetch: () => Promise.resolve(new Response(missing, { status: 404 })),
 * });
 * console.assert(await store.read("backup") === null);
 * ```
 */
export class S3Store implements StatusStore {
  readonly #service: S3Service;
  readonly #prefix: string;

  /**
   * Checks the options. Sends no request.
   *
   * @param options The bucket, and how to sign in.
   * @throws {TypeError} If an option is missing, unknown or of the wrong type, or if credentials lack a part.
   * @throws {RangeError} If the value of an option can't be used.
   */
  constructor(options: S3StoreOptions) {
    checkOptions(options, OPTION_TYPES, CREATE, { hidesValues: true });
    const { prefix = "neat-periodic-task/" } = options;
    if (UNUSABLE_PREFIX.test(prefix)) {
      throw new RangeError(cannot(CREATE, '"prefix" must be the beginning of an object\'s name', prefix));
    }
    this.#service = s3Service(options, CREATE);
    this.#prefix = prefix;
  }

  /**
   * Reads the record of a task.
   *
   * @param key The name of the task.
   * @param options The signal that ends the call.
   * @returns The record with its ETag and the time of the service, or `null` if there is none.
   * @throws {RangeError} If no object can have the name.
   * @throws {Error} If the service rejects the request or does not answer in time.
   */
  async read(key: string, options?: StoreCallOptions): Promise<StatusEntry | null> {
    const object = this.#object(key);
    const action = `read the record at ${this.#uri(object.name)}`;
    return await callService(this.#service.http, action, options?.signal, (call) => readObject(call, object, action));
  }

  /**
   * Reads the records of several tasks. The service has no request for several: there are as many
   * requests, 32 at a time.
   *
   * @param keys The names of the tasks, as many as you like.
   * @param options The signal that ends the call.
   * @returns The record of each task, as {@linkcode read} returns it, in the order of the keys.
   * @throws {RangeError} If no object can have one of the names.
   * @throws {Error} If the service rejects a request or does not answer in time.
   */
  async readMany(keys: readonly string[], options?: StoreCallOptions): Promise<(StatusEntry | null)[]> {
    const read = (key: string, signal: AbortSignal): Promise<StatusEntry | null> => this.read(key, { signal });
    return await readEach(keys, read, { maxCalls: MAX_READS, signal: options?.signal });
  }

  /**
   * Replaces the record of a task if it still has the given ETag.
   *
   * @param key The name of the task.
   * @param value The new record.
   * @param version The ETag of the record to replace, or `null` if there must be no record.
   * @param options The signal that ends the call.
   * @returns The new ETag, or `null` if the record had changed: then nothing was written.
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
    const action = `write the record at ${this.#uri(object.name)}`;
    if (version !== null && !isETag(version)) {
      throw new RangeError(cannot(action, "its version must be an ETag", version));
    }
    // a copy, as the caller may change its array before the request is sent
    const write = { object, value: value.slice(), version, action };
    return await callService(this.#service.http, action, options?.signal, (call) => writeObject(call, write));
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
   * import { S3Store } from "@neat/periodic-task/stores/s3";
   *
   * const object = "<Contents><Key>neat-periodic-task/backup</Key></Contents>";
   * const store = new S3Store({
   *   bucket: "my-bucket",
   *   region: "eu-central-1",
   *   credentials: { accessKeyId: "AKIAEXAMPLE", secretAccessKey: "a-secret-key" },
   *   fetch: () => Promise.resolve(new Response(`<ListBucketResult>${object}</ListBucketResult>`)),
   * });
   * const names: string[] = [];
   * for await (const name of store.list()) names.push(name);
   * console.assert(`${names}` === "backup");
   * ```
   */
  async *list(options?: StoreCallOptions): AsyncIterable<string> {
    const { http, bucket } = this.#service;
    const prefix = this.#prefix;
    const action = `list the records at ${this.#uri(prefix)}`;
    const readPage = (token: string | undefined) =>
      callService(http, action, options?.signal, (call) => readKeys(call, { bucket, prefix, token, action }));
    yield* listPages(readPage, options?.signal, action);
  }

  #uri(name: string): string {
    return `s3://${this.#service.bucket.bucket}/${name}`;
  }

  #object(key: string): S3Object {
    const action = "use the key in S3";
    if (key === "" || /\p{Surrogate}/u.test(key)) {
      throw new RangeError(cannot(action, "no object can have this name", key));
    }
    const name = this.#prefix + encodeKey(key);
    const bytes = new TextEncoder().encode(name).length;
    if (bytes > MAX_NAME_BYTES) {
      throw new RangeError(cannot(action, `an object's name must take at most ${MAX_NAME_BYTES} bytes`, bytes));
    }
    return { bucket: this.#service.bucket, name };
  }
}
