/**
 * A store in a table of a MySQL or MariaDB database, through the driver that a program already has.
 *
 * ```ts
 * import { NeatPeriodicTaskScheduler } from "@neat/periodic-task";
 * import { MysqlStore } from "@neat/periodic-task/stores/mysql";
 * import { createPool } from "mysql2/promise";
 *
 * async function startBackups(url: string): Promise<NeatPeriodicTaskScheduler> {
 *   const store = new MysqlStore({ client: createPool(url) });
 *   await store.createTable();
 *   const scheduler = new NeatPeriodicTaskScheduler({
 *     name: "backup",
 *     interval: { hours: 6 },
 *     timeout: { minutes: 30 },
 *     store,
 *     task: () => {},
 *   });
 *   scheduler.start();
 *   return scheduler;
 * }
 *
 * console.assert(startBackups.length === 1);
 * ```
 *
 * @module
 */
import { cannot, shown } from "../src/errors.ts";
import { checkOptions, type OptionTypes } from "../src/option_checks.ts";
import type { StatusEntry, StatusStore, StoreCallOptions } from "../src/store/store.ts";
import { type Duration, durationMs } from "../src/time/duration.ts";
import { readInParts } from "./batching/read_many.ts";
import { listPages, PAGE_SIZE } from "./listing/key_pages.ts";
import { isVersion, namesIn } from "./mysql/answers.ts";
import { TableBatches } from "./mysql/batches.ts";
import { callMysql } from "./mysql/call.ts";
import { type MysqlClient, promiseClient } from "./mysql/client.ts";
import { isDenied, isExistingTable } from "./mysql/errors.ts";
import { hexOf } from "./mysql/hex.ts";
import { type Send, sender } from "./mysql/session.ts";
import {
  createStatement,
  listStatement,
  MAX_NAME_BYTES,
  MAX_VALUE_BYTES,
  probeStatement,
  type Statement,
  type Table,
  tableText,
} from "./mysql/statements.ts";
import { checkIdentifier } from "./sql/identifiers.ts";

export { checkStore, type CheckStoreOptions } from "../src/store_check/check_store.ts";
export { StoreCheckError } from "../src/store_check/store_check_error.ts";
export type { Duration, DurationLike } from "../src/time/duration.ts";
export type { StatusEntry, StatusStore, StoreCallOptions } from "../src/store/store.ts";
export type {
  MysqlCallbackClient,
  MysqlClient,
  MysqlConnection,
  MysqlField,
  MysqlPool,
  MysqlPoolConnection,
  MysqlQuery,
} from "./mysql/client.ts";

/** Options of a {@linkcode MysqlStore}. */
export interface MysqlStoreOptions {
  /**
   * A pool of `mysql2` or `mariadb`, which is best, or one connection that nothing else uses. The store never closes it; close it
   * after its schedulers have stopped.
   */
  readonly client: MysqlClient;
  /** The database of the table; that of the connection if absent. */
  readonly database?: string;
  /** The name of the table; `neat_periodic_task` if absent. */
  readonly table?: string;
  /** How long a call may take, with the wait for a connection and all of its attempts; 8 s if absent. */
  readonly requestTimeout?: Duration;
}

const OPTION_TYPES: OptionTypes = { client: "any", database: "any", table: "any", requestTimeout: "any" };
const CREATE = "create the MySQL store";

/** How many records a statement of `readMany` reads: records of 4 KiB take 4 MB in hexadecimal digits. */
const MAX_READS = 500;

/** Shorter than the scheduler's limit of 10 s, so that the error names the record. */
const DEFAULT_LIMIT_MS = 8_000;

/** MySQL has no longer names. */
const MAX_IDENTIFIER_LENGTH = 64;

const VERSION_BYTES = 16;

/**
 * Keeps records as rows of one table.
 *
 * A row has the name of the task, a random version and the record. Each call is one statement in a transaction of its own:
 * a `SELECT`, an `INSERT`, or an `UPDATE` that names the version. Calls of the same moment share statements, and so do those that
 * come while two others are not answered: 100 calls at most.
 *
 * **Consistency.** A server that is read-only, as replicas are, is an error, and so is a session with autocommit off. `storeTime` is
 * the clock of the server, from the same statement as the record. A deadlock, or a conflict in a cluster, means that nothing was
 * written, and the statement is repeated. In a cluster with several primary servers a read may be outdated, which costs a refused
 * write; no write is based on it.
 *
 * **Unknown outcomes.** A write whose connection breaks, or that is not answered within `requestTimeout`, throws and may still
 * succeed later. The scheduler reads the record after errors and recognises its own. After a failover with asynchronous
 * replication, the last writes may be missing: then a run that has just started may start again on another replica.
 *
 * **Hung calls.** `requestTimeout` includes the wait for a connection. A connection of a pool whose statement is not answered is
 * closed, and the pool opens another one. A single connection can only be waited for.
 *
 * **Limits.** The name of a task takes at most 1,500 bytes of UTF-8: any name fits. A record takes at most 64 KiB; it needs 4. The
 * database can't watch.
 *
 * **Cost.** Two statements a run, and about one a replica and interval; many tasks of a process share them. A connection only while
 * a statement runs.
 *
 * **Permissions.** `SELECT`, `INSERT` and `UPDATE` on the table; `CREATE` for {@linkcode MysqlStore.createTable} until the table
 * exists. Don't use an account that may write on a read-only server. In Deno, `--allow-net`, and what the driver needs.
 *
 * @example A table in another database
 * ```ts
 * import { MysqlStore } from "@neat/periodic-task/stores/mysql";
 * import { createPool } from "mysql2/promise";
 *
 * const pool = createPool({ host: "127.0.0.1", user: "service" });
 * const store = new MysqlStore({ client: pool, database: "service", table: "tasks" });
 * console.assert(typeof store.read === "function");
 * await pool.end();
 * ```
 */
export class MysqlStore implements StatusStore {
  readonly #send: Send;
  readonly #table: Table;
  readonly #limitMs: number;
  readonly #batches: TableBatches;

  /**
   * Checks the options. Does not use the database.
   *
   * @param options The client, and where the table is.
   * @throws {TypeError} If an option is missing, unknown or of the wrong type.
   * @throws {RangeError} If the value of an option can't be used.
   */
  constructor(options: MysqlStoreOptions) {
    checkOptions(options, OPTION_TYPES, CREATE, { hidesValues: true });
    const { client, database, table = "neat_periodic_task", requestTimeout = DEFAULT_LIMIT_MS } = options;
    const usedClient = promiseClient(client);
    if (!usedClient) {
      // a client may hold a password
      const state = '"client" must be a pool or a connection of mysql2 or mariadb';
      throw new TypeError(`Cannot ${CREATE} as ${state}: current value is of type ${typeof client}`);
    }
    const rule = { action: CREATE, maxLength: MAX_IDENTIFIER_LENGTH };
    this.#table = {
      database: database === undefined ? undefined : checkIdentifier(database, { ...rule, option: "database" }),
      name: checkIdentifier(table, { ...rule, option: "table" }),
    };
    this.#limitMs = durationMs(requestTimeout, "requestTimeout", CREATE);
    this.#send = sender(usedClient);
    this.#batches = new TableBatches(this.#send, this.#table);
  }

  /**
   * Creates the table unless it exists. Replicas may do so at the same moment.
   *
   * If the table exists, the user needs no right to create one, and nothing is changed.
   *
   * @param options The signal that ends the call.
   * @throws {Error} If the database fails or does not answer in time, or if the table has other columns.
   *
   * @example Before the schedulers start
   * ```ts
   * import { MysqlStore } from "@neat/periodic-task/stores/mysql";
   * import { createPool } from "mysql2/promise";
   *
   * async function openStore(url: string): Promise<MysqlStore> {
   *   const store = new MysqlStore({ client: createPool(url) });
   *   await store.createTable();
   *   return store;
   * }
   *
   * console.assert(openStore.length === 1);
   * ```
   */
  async createTable(options?: StoreCallOptions): Promise<void> {
    const action = "create the table of MySQL";
    const send = (statement: Statement) =>
      this.#call(action, options?.signal, (signal) => this.#send(statement, () => {}, signal));
    try {
      await send(createStatement(this.#table));
    } catch (error) {
      const { cause } = error as { readonly cause?: unknown };
      if (!isDenied(cause) && !isExistingTable(cause)) throw error;
      // without the table, the first error tells more
      await send(probeStatement(this.#table)).catch(() => Promise.reject(error));
      return;
    }
    await send(probeStatement(this.#table));
  }

  /**
   * Reads the record of a task.
   *
   * @param key The name of the task.
   * @param options The signal that ends the call.
   * @returns The record with the time of the server, or `null` if there is none.
   * @throws {RangeError} If no row can have the name.
   * @throws {Error} If the database fails, is read-only or does not answer in time, or if there is no table.
   */
  async read(key: string, options?: StoreCallOptions): Promise<StatusEntry | null> {
    const name = nameOf(key);
    const action = `read the record of ${shown(key)} in MySQL`;
    return await this.#call(action, options?.signal, (signal) => this.#batches.read(name, signal));
  }

  /**
   * Reads the records of several tasks. A statement reads 500 of them, within `requestTimeout` each.
   *
   * @param keys The names of the tasks, as many as you like.
   * @param options The signal that ends the call.
   * @returns The record of each task, as {@linkcode read} returns it, in the order of the keys.
   * @throws {RangeError} If no row can have one of the names.
   * @throws {Error} If the database fails, is read-only or does not answer in time, or if there is no table.
   */
  async readMany(keys: readonly string[], options?: StoreCallOptions): Promise<(StatusEntry | null)[]> {
    const readPart = (part: readonly string[], cancel: AbortSignal): Promise<(StatusEntry | null)[]> => {
      const names = part.map(nameOf);
      return this.#call(
        `read ${part.length} records in MySQL`,
        cancel,
        (signal) => this.#batches.readMany(names, signal),
      );
    };
    return await readInParts(keys, { readPart, maxKeys: MAX_READS, maxCalls: 1, signal: options?.signal });
  }

  /**
   * Replaces the record of a task if it is still at the given version.
   *
   * @param key The name of the task.
   * @param value The new record.
   * @param version The version to replace, or `null` if there must be no record.
   * @param options The signal that ends the call.
   * @returns The new version, or `null` if the record had changed: then nothing was written.
   * @throws {TypeError} If the version is neither a string nor `null`: then nothing was sent.
   * @throws {RangeError} If no row can have the name, the record or the version: then nothing was sent.
   * @throws {Error} If it is not known whether the record was written.
   */
  async write(
    key: string,
    value: Uint8Array,
    version: string | null,
    options?: StoreCallOptions,
  ): Promise<string | null> {
    const name = nameOf(key);
    const action = `write the record of ${shown(key)} in MySQL`;
    if (version !== null && !isVersion(version)) {
      const ErrorType = typeof version === "string" ? RangeError : TypeError;
      throw new ErrorType(cannot(action, "its version must be null or 32 hex digits", version));
    }
    if (value.length > MAX_VALUE_BYTES) {
      throw new RangeError(cannot(action, `it must take at most ${MAX_VALUE_BYTES} bytes`, value.length));
    }
    const newVersion = hexOf(crypto.getRandomValues(new Uint8Array(VERSION_BYTES)));
    const write = { name, value: hexOf(value), version, newVersion };
    const written = await this.#call(action, options?.signal, (signal) => this.#batches.write(write, signal));
    return written ? newVersion : null;
  }

  /**
   * Lists the names of the tasks: those of all rows, in the order of their bytes.
   *
   * @param options The signal that ends the listing.
   * @returns The names, read in pages of 100 rows.
   * @throws {Error} If the database fails, is read-only or does not answer in time, or if there is no table.
   *
   * @example Print the names of the tasks
   * ```ts
   * import { MysqlStore } from "@neat/periodic-task/stores/mysql";
   *
   * async function printNames(store: MysqlStore): Promise<void> {
   *   for await (const name of store.list()) console.log(name);
   * }
   *
   * console.assert(printNames.length === 1);
   * ```
   */
  async *list(options?: StoreCallOptions): AsyncIterable<string> {
    const action = `list the records in ${tableText(this.#table)} of MySQL`;
    const readPage = (after: string | undefined) => {
      const statement = listStatement(this.#table, after, PAGE_SIZE);
      return this.#call(
        action,
        options?.signal,
        (signal) => this.#send(statement, (answer) => namesIn(answer, PAGE_SIZE), signal),
      );
    };
    yield* listPages(readPage, options?.signal, action);
  }

  #call<T>(action: string, cancel: AbortSignal | undefined, send: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return callMysql({ action, table: tableText(this.#table), limitMs: this.#limitMs, cancel }, send);
  }
}

/** Returns the name of a task in hexadecimal digits. */
function nameOf(key: string): string {
  const action = "use the name in MySQL";
  // all lone surrogates would be stored as the same character
  if (typeof key !== "string" || /\p{Surrogate}/u.test(key)) {
    throw new RangeError(cannot(action, "it must be a string without lone surrogates", key));
  }
  const bytes = new TextEncoder().encode(key);
  if (bytes.length > MAX_NAME_BYTES) {
    throw new RangeError(cannot(action, `it must take at most ${MAX_NAME_BYTES} bytes`, bytes.length));
  }
  return hexOf(bytes);
}
