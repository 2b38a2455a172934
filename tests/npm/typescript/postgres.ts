/** Uses every name that the store of PostgreSQL exports, and has lines that must not compile. */
import type { StatusStore } from "@neat/periodic-task";
import {
  type BunSql,
  type BunSqlConnection,
  type BunSqlListen,
  type BunSqlQuery,
  checkStore,
  type CheckStoreOptions,
  type Duration,
  type DurationLike,
  type PgClient,
  type PgLite,
  type PgNotification,
  type PgPool,
  type PgPoolClient,
  type PgQuery,
  type PostgresClient,
  type PostgresJs,
  type PostgresJsListen,
  type PostgresJsQuery,
  PostgresStore,
  type PostgresStoreOptions,
  type StatusEntry,
  type StoreCallOptions,
  StoreCheckError,
} from "@neat/periodic-task/stores/postgres";
import type * as postgres from "@neat/periodic-task/stores/postgres";

/** A connection with the methods that the store calls. */
export class OwnClient implements PgPoolClient {
  readonly queries: PgQuery[] = [];

  query(query: PgQuery): Promise<{ rows: unknown[] }> {
    this.queries.push(query);
    return Promise.resolve({ rows: [] });
  }

  on(event: string, listener: (message: PgNotification & Error) => void): [string, unknown] {
    return [event, listener];
  }

  removeListener(event: string): string {
    return event;
  }

  release(destroy?: boolean): boolean | undefined {
    return destroy;
  }
}

const pool: PgPool & { query: unknown } = {
  totalCount: 1,
  options: { max: 2 },
  connect: () => Promise.resolve(new OwnClient()),
  query: undefined,
};
const units: DurationLike = { seconds: 5 };
const requestTimeout: Duration = units;
const options: PostgresStoreOptions = { client: pool, schema: "public", table: "tasks", requestTimeout, watch: true };

/** It takes the clients of each driver. */
export function all(client: PgClient, js: PostgresJs, bun: BunSql, lite: PgLite): readonly StatusStore[] {
  const clients: PostgresClient[] = [pool, client, js, bun, lite];
  return [new PostgresStore(options), ...clients.map((client) => new PostgresStore({ client }))];
}

/** The parts of clients have names. */
export type Parts = [BunSqlConnection, BunSqlListen, BunSqlQuery, PostgresJsListen, PostgresJsQuery];

/** It has the methods of a store, and one that creates the table. */
export async function use(store: PostgresStore, call: StoreCallOptions, check: CheckStoreOptions): Promise<unknown> {
  await store.createTable(call);
  const entry: StatusEntry | null = await store.read("task", call);
  const same: postgres.StatusStore = store;
  const hints: AsyncIterable<void> | undefined = store.watch?.("task", call);
  const names: AsyncIterable<string> = store.list(call);
  try {
    await checkStore(store, check);
  } catch (error) {
    return error instanceof StoreCheckError ? error.message : error;
  }
  return [entry, same, hints, names];
}

/** Lines that must not compile. */
export function refused(): unknown[] {
  return [
    // @ts-expect-error: client is required
    () => new PostgresStore({}),
    // @ts-expect-error: a client is not an address
    () => new PostgresStore({ client: "postgres://localhost" }),
    // @ts-expect-error: a table is a string
    () => new PostgresStore({ client: pool, table: 1 }),
  ];
}
