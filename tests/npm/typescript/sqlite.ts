/** Uses every name that the store for SQLite exports, and has lines that must not compile. */
import type { StatusEntry, StatusStore, StoreCallOptions } from "@neat/periodic-task";
import {
  checkStore,
  type LibsqlClient,
  type LibsqlResult,
  type SqliteDatabase,
  type SqliteParameter,
  type SqliteStatement,
  SqliteStore,
  type SqliteStoreOptions,
} from "@neat/periodic-task/stores/sqlite";
import type * as sqlite from "@neat/periodic-task/stores/sqlite";

const units: sqlite.DurationLike = { seconds: 8 };
const requestTimeout: sqlite.Duration = units;
const statement: SqliteStatement = {
  all: (...parameters: SqliteParameter[]) => parameters,
  run: () => ({ changes: 0 }),
};
const database: SqliteDatabase = { prepare: (_sql: string) => statement };
const result: LibsqlResult = { rows: [], rowsAffected: 0 };
const client: LibsqlClient = { execute: () => Promise.resolve(result), protocol: "http" };
const options: SqliteStoreOptions = { database, table: "tasks", requestTimeout };

/** The store takes the databases of all drivers. */
export const stores: readonly StatusStore[] = [new SqliteStore(options), new SqliteStore({ database: client })];

/** The entry point exports the types of the core. */
export async function same(
  entry: StatusEntry,
  call: StoreCallOptions,
  errors: sqlite.StoreCheckError[],
): Promise<[sqlite.StatusEntry, sqlite.StoreCallOptions, sqlite.StoreCheckError[]]> {
  const checkOptions: sqlite.CheckStoreOptions = { key: "check", list: true };
  const store: sqlite.StatusStore = new SqliteStore(options);
  await checkStore(store, checkOptions);
  return [entry, call, errors];
}

/** Lines that must not compile. */
export function refused(): unknown[] {
  return [
    // @ts-expect-error: database is required
    () => new SqliteStore({}),
    // @ts-expect-error: a database is not a path
    () => new SqliteStore({ database: "tasks.sqlite3" }),
    // @ts-expect-error: must not be undefined under exactOptionalPropertyTypes
    () => new SqliteStore({ database, table: undefined }),
    // @ts-expect-error: the method watch() does not exist
    () => new SqliteStore({ database }).watch("task"),
  ];
}
