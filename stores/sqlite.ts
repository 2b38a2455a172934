/**
 * A store in an SQLite database: a file that the processes of one machine share, or a database of a libSQL server such as Turso's.
 *
 * ```ts
 * import { DatabaseSync } from "node:sqlite";
 * import { NeatPeriodicTaskScheduler } from "@neat/periodic-task";
 * import { SqliteStore } from "@neat/periodic-task/stores/sqlite";
 *
 * // all replicas on this machine open the same file
 * const database = new DatabaseSync(":memory:");
 * database.exec("PRAGMA journal_mode = WAL");
 * const scheduler = new NeatPeriodicTaskScheduler({
 *   name: "backup",
 *   interval: { hours: 6 },
 *   timeout: { minutes: 30 },
 *   store: new SqliteStore({ database }),
 *   task: () => {},
 * });
 * console.assert(scheduler.state === "new");
 * ```
 *
 * @module
 */
import { cannot, shown } from "../src/errors.ts";
import { checkOptions, hasMethods, type OptionTypes } from "../src/option_checks.ts";
import { newId } from "../src/record/ids.ts";
import type { StatusEntry, StatusStore, StoreCallOptions } from "../src/store/store.ts";
import { systemClock } from "../src/time/clock.ts";
import { type Duration, durationMs } from "../src/time/duration.ts";
import { readInParts } from "./batching/read_many.ts";
import { callRepeatedly } from "./calls/repeated_call.ts";
import { type KeyPage, listPages, PAGE_SIZE } from "./listing/key_pages.ts";
import { checkIdentifier, quoted } from "./sql/identifiers.ts";
import type { LibsqlClient, SqliteConnection, SqliteDatabase } from "./sqlite/database.ts";
import { hasNoTable, isLocked, messageOf } from "./sqlite/errors.ts";
import { libsqlConnection } from "./sqlite/libsql.ts";
import { columnsOf, nameIn, recordIn } from "./sqlite/rows.ts";
import { type Statements, statementsFor } from "./sqlite/statements.ts";
import { synchronousConnection } from "./sqlite/synchronous.ts";

export { checkStore, type CheckStoreOptions } from "../src/store_check/check_store.ts";
export { StoreCheckError } from "../src/store_check/store_check_error.ts";
export type { Duration, DurationLike } from "../src/time/duration.ts";
export type { StatusEntry, StatusStore, StoreCallOptions } from "../src/store/store.ts";
export type {
  LibsqlClient,
  LibsqlResult,
  SqliteDatabase,
  SqliteParameter,
  SqliteStatement,
} from "./sqlite/database.ts";

/** Options of a {@linkcode SqliteStore}. */
export interface SqliteStoreOptions {
  /**
   * An open database of `node:sqlite`, `bun:sqlite` or `better-sqlite3`, or a client of `@libsql/client`. The store never closes it;
   * close it after its schedulers have stopped.
   */
  readonly database: SqliteDatabase | LibsqlClient;
  /** The name of the table, which is created when it is missing: ASCII letters, digits, `_`; `neat_periodic_task` if absent. */
  readonly table?: string;
  /** How long a read, a write or a page of a listing may take, with all of its attempts; 8 s if absent. */
  readonly requestTimeout?: Duration;
}

const OPTION_TYPES: OptionTypes = { database: "any", table: "string", requestTimeout: "any" };
/** SQLite takes longer names, which people don't. */
const MAX_TABLE_LENGTH = 63;

const CREATE = "create the SQLite store";

/** How many records a statement of `readMany` reads. SQLite before 3.32 takes 999 parameters. */
const MAX_READS = 500;
const DEFAULT_TABLE = "neat_periodic_task";

/** Shorter than the scheduler's limit of 10 s, so that the error names the key. */
const DEFAULT_LIMIT_MS = 8_000;

/**
 * Keeps records as rows of a table of an SQLite database.
 *
 * A record is a row with the task's name. Its version is a random text, new at each write, and a write is one statement that
 * compares it: `INSERT ... ON CONFLICT` or `UPDATE ... WHERE version IN (old, new)`. A call that finds no table creates it.
 *
 * **One file, several processes.** The processes of one machine share a file; give each of them a connection for the store alone.
 * SQLite's locks don't work on network file systems such as NFS and SMB: two processes may then write at once. Never delete or
 * replace the file while a process has it open. For several machines use a libSQL server, or another store. A database in memory
 * has one process.
 *
 * **Consistency.** SQLite writes one transaction after another, and a read sees all that were committed before. `storeTime` of a
 * file is the clock of the machine, which all of its processes share; that of a libSQL server is the server's.
 *
 * **Locks.** While another connection writes, SQLite reports `SQLITE_BUSY`, and nothing was done. The store does not let the driver
 * wait, as the whole program would stand still, whatever its `busy_timeout`. It repeats the statement after random delays until
 * `requestTimeout`. It waits likewise while its connection is in a transaction that other code has begun, which might be undone.
 *
 * **Power cuts.** A process that crashes loses nothing that was committed. What a power cut can lose is set on each connection: in
 * WAL mode nothing with `PRAGMA synchronous = FULL`, SQLite's default, and with `NORMAL` the last writes. Then a run may be
 * repeated, and a term given twice.
 *
 * **Unknown outcomes.** Any other error, such as a full disk or a broken connection to a server, throws: the record may have been
 * written. The scheduler reads the record then, and recognises its own.
 *
 * **Limits.** A name may have any characters but NUL and lone surrogates. SQLite must be 3.24 or newer, for `ON CONFLICT`. Calls of
 * synchronous drivers can't be cancelled: the program stands still while the disk does.
 *
 * **Watching.** The store has no `watch()`: SQLite doesn't tell one process of the writes of another.
 *
 * **Cost.** 2 writes a run, and about 1 read a replica and interval. A write is one commit, with the disk's flush.
 *
 * **Permissions.** The process must be able to write the file and its folder, as SQLite creates files beside it. In Deno,
 * `node:sqlite` needs `--allow-read` and `--allow-write`.
 *
 * @example Another table in a database of `node:sqlite`
 * ```ts
 * import { DatabaseSync } from "node:sqlite";
 * import { SqliteStore } from "@neat/periodic-task/stores/sqlite";
 *
 * const database = new DatabaseSync(":memory:");
 * const store = new SqliteStore({ database, table: "tasks" });
 * const version = await store.write("backup", new TextEncoder().encode("{}"), null);
 * console.assert((await store.read("backup"))?.version === version);
 * database.close();
 * ```
 */
export class SqliteStore implements StatusStore {
  readonly #connection: SqliteConnection;
  readonly #table: string;
  readonly #statements: Statements;
  readonly #limitMs: number;

  /** Always `true`: schedulers that read at the same moment share a statement. */
  readonly readsTogether = true;

  /**
   * Checks the options. Does not use the database.
   *
   * @param options The database, and the table of the records.
   * @throws {TypeError} If an option is missing, unknown or of the wrong type.
   * @throws {RangeError} If the value of an option can't be used.
   */
  constructor(options: SqliteStoreOptions) {
    checkOptions(options, OPTION_TYPES, CREATE, { hidesValues: true });
    const { database, table = DEFAULT_TABLE, requestTimeout = DEFAULT_LIMIT_MS } = options;
    if (/^sqlite_/i.test(table)) throw new RangeError(cannot(CREATE, '"table" must not begin with sqlite_', table));
    this.#connection = connectionOf(database);
    this.#table = table;
    this.#statements = statementsFor(
      quoted(checkIdentifier(table, { option: "table", action: CREATE, maxLength: MAX_TABLE_LENGTH })),
    );
    this.#limitMs = durationMs(requestTimeout, "requestTimeout", CREATE);
  }

  /**
   * Reads the record of a task.
   *
   * @param key The name of the task.
   * @param options The signal that ends the call.
   * @returns The record with its version and the time of the database, or `null` if there is none. Data of another program becomes
   *   a text that is not a record.
   * @throws {RangeError} If the key can't be used.
   * @throws {Error} If the database fails, or is locked until `requestTimeout`.
   */
  async read(key: string, options?: StoreCallOptions): Promise<StatusEntry | null> {
    checkKey(key);
    const action = this.#action("read", key);
    return await this.#call(action, options?.signal, async ({ read, isLocal }) => {
      const [row] = await read(this.#statements.read, [key]);
      return row === undefined ? null : recordIn(row, isLocal ? systemClock.nowMs() : undefined, action);
    });
  }

  /**
   * Reads the records of several tasks. A statement reads 500 of them, within `requestTimeout` each.
   *
   * @param keys The names of the tasks, as many as you like.
   * @param options The signal that ends the call.
   * @returns The record of each task, as {@linkcode read} returns it, in the order of the keys.
   * @throws {RangeError} If one of the keys can't be used.
   * @throws {Error} If the database fails, or is locked until `requestTimeout`.
   */
  async readMany(keys: readonly string[], options?: StoreCallOptions): Promise<(StatusEntry | null)[]> {
    keys.forEach(checkKey);
    const action = `read records in the table ${shown(this.#table)} of SQLite`;
    const readPart = (part: readonly string[], signal: AbortSignal): Promise<(StatusEntry | null)[]> =>
      this.#call(action, signal, async ({ read, isLocal }) => {
        const rows = await read(this.#statements.readMany(part.length), part);
        const storeTime = isLocal ? systemClock.nowMs() : undefined;
        const found = new Map(rows.map((row) => [nameIn(row), recordIn(row, storeTime, action)]));
        return part.map((key) => found.get(key) ?? null);
      });
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
   * @throws {RangeError} If the key can't be used: then nothing was sent.
   * @throws {Error} If it is not known whether the record was written.
   */
  async write(
    key: string,
    value: Uint8Array,
    version: string | null,
    options?: StoreCallOptions,
  ): Promise<string | null> {
    checkKey(key);
    const action = this.#action("write", key);
    if (version !== null && typeof version !== "string") {
      throw new TypeError(cannot(action, "its version must be null or a string", version));
    }
    const { insert, update } = this.#statements;
    const [next, bytes] = [newId(), new Uint8Array(value)];
    return await this.#call(action, options?.signal, async ({ write }) => {
      const changed = version === null
        ? await write(insert, [key, next, bytes])
        : await write(update, [next, bytes, key, version, next]);
      return changed > 0 ? next : null;
    });
  }

  /**
   * Lists the names of the tasks, in the order of the table's index.
   *
   * @param options The signal that ends the listing.
   * @returns The names, read in pages of 100 rows.
   * @throws {Error} If the database fails, or is locked until `requestTimeout`.
   *
   * @example Print the names of the tasks
   * ```ts
   * import { DatabaseSync } from "node:sqlite";
   * import { SqliteStore } from "@neat/periodic-task/stores/sqlite";
   *
   * const store = new SqliteStore({ database: new DatabaseSync(":memory:") });
   * await store.write("backup", new TextEncoder().encode("{}"), null);
   * const names: string[] = [];
   * for await (const name of store.list()) names.push(name);
   * console.assert(`${names}` === "backup");
   * ```
   */
  async *list(options?: StoreCallOptions): AsyncIterable<string> {
    const action = `list the records in the table ${shown(this.#table)} of SQLite`;
    const { firstPage, nextPage } = this.#statements;
    const readPage = (last: string | undefined): Promise<KeyPage> =>
      this.#call(action, options?.signal, async ({ read }) => {
        const rows = await (last === undefined ? read(firstPage, []) : read(nextPage, [last]));
        const keys = rows.map((row) => String(columnsOf(row, ["name"])[0]));
        return { keys, next: keys.length < PAGE_SIZE ? undefined : keys.at(-1) };
      });
    yield* listPages(readPage, options?.signal, action);
  }

  #action(verb: string, key: string): string {
    return `${verb} the record at ${shown(key)} in the table ${shown(this.#table)} of SQLite`;
  }

  /** Makes a call that is repeated while the database is locked. */
  #call<T>(action: string, cancel: AbortSignal | undefined, send: Send<T>): Promise<T> {
    const isCauseLocked = (error: unknown): boolean => isLocked((error as Error).cause);
    return callRepeatedly({ action, limitMs: this.#limitMs, cancel, isRepeatable: isCauseLocked }, async () => {
      try {
        return await this.#sendToTable(send);
      } catch (cause) {
        throw new Error(cannot(action, "the statement failed", messageOf(cause)), { cause });
      }
    });
  }

  /** Sends a statement, and once more if there was no table, which is created. */
  async #sendToTable<T>(send: Send<T>): Promise<T> {
    const connection = this.#connection;
    try {
      return await send(connection);
    } catch (error) {
      // after any other error the statement may have had an effect
      if (!hasNoTable(error)) throw error;
      await connection.write(this.#statements.create, []);
      return await send(connection);
    }
  }
}

type Send<T> = (connection: SqliteConnection) => Promise<T>;

function connectionOf(database: SqliteDatabase | LibsqlClient): SqliteConnection {
  if (hasMethods(database, ["prepare"])) return synchronousConnection(database as SqliteDatabase);
  if (hasMethods(database, ["execute"])) return libsqlConnection(database as LibsqlClient);
  // a client may hold a password
  const state = '"database" must have a method prepare(), as those of drivers, or execute(), as clients of libSQL';
  throw new TypeError(`Cannot ${CREATE} as ${state}: current value is of type ${typeof database}`);
}

function checkKey(key: string): void {
  // some drivers cut texts at NUL, and all lone surrogates would be stored as the same character
  if (typeof key === "string" && !/\0|\p{Surrogate}/u.test(key)) return;
  throw new RangeError(cannot("use the key in SQLite", "it must be a string without NUL and lone surrogates", key));
}
