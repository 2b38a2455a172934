/**
 * A store in a table of a PostgreSQL database, through the driver that a program already has.
 *
 * ```ts
 * import { NeatPeriodicTaskScheduler } from "@neat/periodic-task";
 * import { PostgresStore } from "@neat/periodic-task/stores/postgres";
 * import pg from "pg";
 *
 * // `await store.createTable()` creates the table before the first start
 * const store = new PostgresStore({ client: new pg.Pool({ host: "localhost" }) });
 * const scheduler = new NeatPeriodicTaskScheduler({
 *   name: "backup",
 *   interval: { hours: 6 },
 *   timeout: { minutes: 30 },
 *   store,
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
import { type Duration, durationMs } from "../src/time/duration.ts";
import { readInParts } from "./batching/read_many.ts";
import { type KeyPage, listPages, PAGE_SIZE } from "./listing/key_pages.ts";
import { base64Of, isVersion, isWritten, namesIn, recordIn, rowsInOrder } from "./postgres/answers.ts";
import { TableBatches } from "./postgres/batches.ts";
import { callPostgres, type PostgresCall } from "./postgres/call.ts";
import { driverOf, type PostgresClient } from "./postgres/client.ts";
import { createTable } from "./postgres/create_table.ts";
import type { PostgresDriver, Row, Statement } from "./postgres/driver.ts";
import { keyOf } from "./postgres/keys.ts";
import { Listener } from "./postgres/listener.ts";
import { listStatement, payloadOf, readManyStatement, type Table, tableText } from "./postgres/statements.ts";
import { checkIdentifier } from "./sql/identifiers.ts";

export { checkStore, type CheckStoreOptions } from "../src/store_check/check_store.ts";
export { StoreCheckError } from "../src/store_check/store_check_error.ts";
export type { Duration, DurationLike } from "../src/time/duration.ts";
export type { StatusEntry, StatusStore, StoreCallOptions } from "../src/store/store.ts";
export type { BunSql, BunSqlConnection, BunSqlListen, BunSqlQuery } from "./postgres/bun_sql.ts";
export type { PostgresClient } from "./postgres/client.ts";
export type { PgClient, PgNotification, PgPool, PgPoolClient, PgQuery } from "./postgres/pg.ts";
export type { PgLite } from "./postgres/pglite.ts";
export type { PostgresJs, PostgresJsListen, PostgresJsQuery } from "./postgres/postgres_js.ts";

/** Options of a {@linkcode PostgresStore}. */
export interface PostgresStoreOptions {
  /**
   * A `Pool` of `pg`, which is best; a connected `Client` of `pg`; what `postgres()` of Postgres.js returns; `Bun.sql`; or a `PGlite`.
   * The store never closes it; close it after its schedulers have stopped.
   */
  readonly client: PostgresClient;
  /** The schema of the table; `public` if absent. It must exist. */
  readonly schema?: string;
  /** The name of the table; `neat_periodic_task` if absent. */
  readonly table?: string;
  /** How long a call may take, with the wait for a connection; 8 s if absent. */
  readonly requestTimeout?: Duration;
  /** Whether the store has the method `watch`, which needs a connection that listens; `false` if absent. */
  readonly watch?: boolean;
}

const OPTION_TYPES: OptionTypes = {
  client: "any",
  schema: "any",
  table: "any",
  requestTimeout: "any",
  watch: "boolean",
};
const CREATE = "create the PostgreSQL store";

/** How many records a statement of `readMany` reads: records of 4 KiB take 3 MB in base64. */
const MAX_READS = 500;

/** Shorter than the scheduler's limit of 10 s, so that the error names the record. */
const DEFAULT_LIMIT_MS = 8_000;

/** PostgreSQL cuts longer identifiers. */
const MAX_IDENTIFIER_LENGTH = 63;

/**
 * Keeps records as rows of one table.
 *
 * A row has the name of the task, a random version and the record. Each call is one statement in a transaction of its own. Calls of the
 * same moment share a statement, and so do those that come while two others are not answered: 100 calls at most.
 *
 * **Consistency.** Reads and writes go to the primary server. A standby server, and a session that only allows reads, is an
 * error. `storeTime` is the clock of the server, from the same statement as the record. Any isolation level will do: above
 * "read committed" a statement that meets another one fails with 40001; then nothing was written, and it is repeated.
 *
 * **Unknown outcomes.** A write whose connection breaks, or that is not answered within `requestTimeout`, throws and may still
 * succeed later. The scheduler reads the record after errors and recognises its own. After a failover with asynchronous
 * replication, the last writes may be missing: then a run that has just started may start again on another replica.
 *
 * **Hung calls.** `requestTimeout` includes the wait for a connection. A connection of a `Pool` whose statement is not answered is
 * closed; Bun asks the server to cancel it. With Postgres.js, a `Client` or a `PGlite`, a connection stays busy until the answer or
 * the end of the connection. The server itself ends a wait for a lock after `requestTimeout`.
 *
 * **Limits.** The name of a task takes at most 2,600 bytes of UTF-8 and has no character U+0000.
 *
 * **Cost.** Two statements a run, and about one a replica and interval; many tasks of a process share them. A connection only while
 * a statement runs, and with `watch` one more. Each write sends a notification, so that stores with `watch` notice it.
 *
 * **Permissions.** `SELECT`, `INSERT` and `UPDATE` on the table; `CREATE` on the schema for {@linkcode PostgresStore.createTable}
 * until the table exists. In Deno, `--allow-net`, and what the driver needs.
 *
 * @example In a test, with PostgreSQL inside the process
 * ```ts
 * import { PGlite } from "@electric-sql/pglite";
 * import { PostgresStore } from "@neat/periodic-task/stores/postgres";
 *
 * const db = new PGlite();
 * const store = new PostgresStore({ client: db, table: "tasks" });
 * await store.createTable();
 * const version = await store.write("backup", new TextEncoder().encode("{}"), null);
 * console.assert((await store.read("backup"))?.version === version);
 * await db.close();
 * ```
 */
export class PostgresStore implements StatusStore {
  readonly #driver: PostgresDriver;
  readonly #table: Table;
  readonly #limitMs: number;
  readonly #batches: TableBatches;

  /**
   * Watches the record of a task, with `LISTEN`. Present if the option `watch` is `true`.
   *
   * The first hint comes when the database listens. All watches of the store share one connection, which is open while there is
   * one of them.
   *
   * @param key The name of the task.
   * @param options The signal that ends the watch.
   * @returns The hints.
   *
   * @example Wait for a hint
   * ```ts
   * import { PostgresStore } from "@neat/periodic-task/stores/postgres";
   *
   * // in the place of a `Client` of pg
   * const client = { query: () => Promise.resolve({ rows: [] }), on: () => {}, removeListener: () => {} };
   * const store = new PostgresStore({ client, watch: true });
   * const hints = store.watch?.("backup")[Symbol.asyncIterator]();
   * console.assert((await hints?.next())?.done === false);
   * await hints?.return?.();
   * ```
   */
  readonly watch?: (key: string, options?: StoreCallOptions) => AsyncIterable<void>;

  /**
   * Checks the options. Does not use the database.
   *
   * @param options The client, and where the table is.
   * @throws {TypeError} If an option is missing, unknown or of the wrong type, or if the client can't watch and shall.
   * @throws {RangeError} If the value of an option can't be used.
   */
  constructor(options: PostgresStoreOptions) {
    checkOptions(options, OPTION_TYPES, CREATE, { hidesValues: true });
    const {
      client,
      schema = "public",
      table = "neat_periodic_task",
      requestTimeout = DEFAULT_LIMIT_MS,
      watch = false,
    } = options;
    const rule = { action: CREATE, maxLength: MAX_IDENTIFIER_LENGTH };
    this.#table = {
      schema: checkIdentifier(schema, { ...rule, option: "schema" }),
      name: checkIdentifier(table, { ...rule, option: "table" }),
    };
    this.#limitMs = durationMs(requestTimeout, "requestTimeout", CREATE);
    this.#driver = driverOf(client, watch, CREATE);
    const settings = { channel: this.#channel, lockTimeoutMs: this.#limitMs };
    this.#batches = new TableBatches({ driver: this.#driver, table: this.#table, settings });
    if (!watch) return;
    const listener = new Listener(this.#driver, this.#channel, this.#call("watch the records", undefined));
    this.watch = (key, options) => listener.watch(() => payloadOf(this.#table, keyOf(key)), options?.signal);
  }

  /**
   * Creates the table unless it exists. Replicas may do so at the same moment.
   *
   * If the table exists, the role needs no right to create one, and nothing is changed.
   *
   * @param options The signal that ends the call.
   * @throws {Error} If the role may not create the table, or if the database fails or does not answer in time.
   *
   * @example Create it when the program starts
   * ```ts
   * import { PostgresStore } from "@neat/periodic-task/stores/postgres";
   *
   * // in the place of a `Client` of pg, whose database has the table
   * const rows = [["false", "off", "operations.tasks"]];
   * const client = { query: () => Promise.resolve({ rows }), on: () => {}, removeListener: () => {} };
   * const store = new PostgresStore({ client, schema: "operations", table: "tasks" });
   * await store.createTable();
   * ```
   */
  async createTable(options?: StoreCallOptions): Promise<void> {
    await createTable(this.#driver, this.#table, this.#call("create the table", options?.signal));
  }

  /**
   * Reads the record of a task.
   *
   * @param key The name of the task.
   * @param options The signal that ends the call.
   * @returns The record with its version and the time of the server, or `null` if there is none.
   * @throws {RangeError} If the table can't hold the name: then nothing was sent.
   * @throws {Error} If the table does not exist, if the server only allows reads, or if it fails or does not answer in time.
   */
  async read(key: string, options?: StoreCallOptions): Promise<StatusEntry | null> {
    const call = this.#call(`read the record of ${JSON.stringify(keyOf(key))}`, options?.signal);
    return recordIn(await callPostgres(call, (signal) => this.#batches.read(key, signal)), call);
  }

  /**
   * Reads the records of several tasks. A statement reads 500 of them, within `requestTimeout` each.
   *
   * @param keys The names of the tasks, as many as you like.
   * @param options The signal that ends the call.
   * @returns The record of each task, as {@linkcode read} returns it, in the order of the keys.
   * @throws {RangeError} If the table can't hold one of the names.
   * @throws {Error} If the table does not exist, if the server only allows reads, or if it fails or does not answer in time.
   */
  async readMany(keys: readonly string[], options?: StoreCallOptions): Promise<(StatusEntry | null)[]> {
    const readPart = async (part: readonly string[], signal: AbortSignal): Promise<(StatusEntry | null)[]> => {
      const call = this.#call(`read ${part.length} records`, signal);
      const rows = await this.#send(call, readManyStatement(this.#table, part.map(keyOf)));
      return rowsInOrder(rows, part.length).map((row) => recordIn([row], call));
    };
    return await readInParts(keys, { readPart, maxKeys: MAX_READS, maxCalls: 1, signal: options?.signal });
  }

  /**
   * Replaces the record of a task if it is still at the given version.
   *
   * @param key The name of the task.
   * @param value The new record, which is copied.
   * @param version The version to replace, or `null` if there must be no record.
   * @param options The signal that ends the call.
   * @returns The new version, or `null` if the record had changed: then nothing was written.
   * @throws {TypeError} If the version is neither a string nor `null`: then nothing was sent.
   * @throws {RangeError} If the version is not a UUID, or if the table can't hold the name: then nothing was sent.
   * @throws {Error} If it is not known whether the record was written.
   */
  async write(
    key: string,
    value: Uint8Array,
    version: string | null,
    options?: StoreCallOptions,
  ): Promise<string | null> {
    const call = this.#call(`write the record of ${JSON.stringify(keyOf(key))}`, options?.signal);
    if (version !== null && !isVersion(version)) {
      const ErrorType = typeof version === "string" ? RangeError : TypeError;
      throw new ErrorType(cannot(call.action, "its version must be null or a UUID", version));
    }
    const newVersion = crypto.randomUUID();
    const write = { key, value: base64Of(value), version, newVersion };
    const rows = await callPostgres(call, (signal) => this.#batches.write(write, signal));
    return isWritten(rows, newVersion, call) ? newVersion : null;
  }

  /**
   * Lists the names of the tasks that have a record.
   *
   * @param options The signal that ends the listing.
   * @returns The names in the order of their bytes, read in pages of 100.
   * @throws {Error} If the table does not exist, if the server only allows reads, or if it fails or does not answer in time.
   *
   * @example Print the names of the tasks
   * ```ts
   * import { PostgresStore } from "@neat/periodic-task/stores/postgres";
   *
   * // in the place of a `Client` of pg, whose database has one record
   * const rows = [["false", "off", "backup"]];
   * const client = { query: () => Promise.resolve({ rows }), on: () => {}, removeListener: () => {} };
   * const names: string[] = [];
   * for await (const name of new PostgresStore({ client }).list()) names.push(name);
   * console.assert(`${names}` === "backup");
   * ```
   */
  async *list(options?: StoreCallOptions): AsyncIterable<string> {
    const call = this.#call("list the records", options?.signal);
    const readPage = async (after: string | undefined): Promise<KeyPage> => {
      const statement = listStatement(this.#table, after, PAGE_SIZE);
      const keys = namesIn(await this.#send(call, statement), call);
      return { keys, next: keys.length < PAGE_SIZE ? undefined : keys.at(-1) };
    };
    yield* listPages(readPage, options?.signal, call.action);
  }

  /** Channels belong to a database, and are not qualified by a schema. */
  get #channel(): string {
    return this.#table.name;
  }

  /** Names a call in errors, and limits it. */
  #call(action: string, cancel: AbortSignal | undefined): PostgresCall {
    const table = tableText(this.#table);
    return { action: `${action} in ${table} of PostgreSQL`, table, limitMs: this.#limitMs, cancel };
  }

  #send(call: PostgresCall, statement: Statement): Promise<readonly Row[]> {
    return callPostgres(call, (signal) => this.#driver.query(statement, signal));
  }
}
