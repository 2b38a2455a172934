/** Uses every name that the MySQL store exports, and has lines that must not compile. */
import type { StatusStore } from "@neat/periodic-task";
import {
  checkStore,
  type CheckStoreOptions,
  type MysqlCallbackClient,
  type MysqlClient,
  type MysqlConnection,
  type MysqlField,
  type MysqlPool,
  type MysqlPoolConnection,
  type MysqlQuery,
  MysqlStore,
  type MysqlStoreOptions,
  StoreCheckError,
} from "@neat/periodic-task/stores/mysql";
import type * as mysql from "@neat/periodic-task/stores/mysql";

/** A connection with the methods that the store calls. */
export class OwnConnection implements MysqlPoolConnection {
  query(query: MysqlQuery, values: string[]): Promise<unknown> {
    const field: MysqlField = { string: () => values[0] ?? null };
    return Promise.resolve([[[query.sql, query.rowsAsArray, query.nestTables, query.typeCast(field, () => null)]], []]);
  }

  release(): void {}

  destroy(): void {}
}

const connection: MysqlConnection = new OwnConnection();
const pool: MysqlPool = { getConnection: () => Promise.resolve(new OwnConnection()) };
const withCallbacks: MysqlCallbackClient = { promise: () => pool };
const clients: readonly MysqlClient[] = [connection, pool, withCallbacks];
const units: mysql.DurationLike = { seconds: 8 };
const requestTimeout: mysql.Duration = units;
const options: MysqlStoreOptions = { client: pool, database: "service", table: "tasks", requestTimeout };

/** A store with each kind of client. */
export const all: readonly StatusStore[] = [
  new MysqlStore(options),
  ...clients.map((client) => new MysqlStore({ client })),
];

/** Creates the table, and checks the store. */
export async function prepare(call: mysql.StoreCallOptions): Promise<unknown> {
  const store = new MysqlStore(options);
  const asStore: mysql.StatusStore = store;
  await store.createTable(call);
  const settings: CheckStoreOptions = { list: true };
  try {
    await checkStore(asStore, settings);
  } catch (error) {
    return error instanceof StoreCheckError ? error.message : error;
  }
  const entry: mysql.StatusEntry | null = await store.read("task", call);
  return [entry, asStore.watch];
}

/** Lines that must not compile. */
export function refused(): unknown[] {
  return [
    // @ts-expect-error: a client is required
    () => new MysqlStore({}),
    // @ts-expect-error: a client is not an address
    () => new MysqlStore({ client: "mysql://user@host/database" }),
    // @ts-expect-error: the option does not exist
    () => new MysqlStore({ client: pool, schema: "service" }),
    // @ts-expect-error: must not be undefined under exactOptionalPropertyTypes
    () => new MysqlStore({ client: pool, table: undefined }),
  ];
}
