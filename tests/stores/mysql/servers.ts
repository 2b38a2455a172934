/**
 * The server and the clients of the tests.
 *
 * @module
 */
import { createConnection, createPool, type PoolOptions } from "mysql2/promise";
import { createPool as createCallbackPool } from "mysql2";
import * as mariadb from "mariadb";
import { MysqlStore, type MysqlStoreOptions } from "@neat/periodic-task/stores/mysql";
import { findMariadb, type Mariadb, startMariadb } from "../../../internal/servers/mariadb.ts";

/** Why no server can be started; `undefined` if one can. */
async function missingServer(): Promise<string | undefined> {
  if (Deno.env.get("NEAT_TEST_STORES") !== "1") return "`deno task test:stores` starts MariaDB";
  return await findMariadb() ? undefined : "there is no MariaDB on this machine";
}

const missing = await missingServer();

/** A store with a client of its own. */
export interface OpenedStore {
  readonly store: MysqlStore;
  close(): Promise<unknown>;
}

/** Matches the statements of the store, and not those of a driver that connects. */
export const STATEMENT: RegExp = /neat_periodic_task/;

/** Opens a store with a client of its own. */
export type Open = (port: number, options?: Partial<MysqlStoreOptions>) => Promise<OpenedStore>;

/** The database of the tests. */
export const DATABASE = "tasks";

/** How to connect to the database of the tests. */
export function login(port: number): { host: string; port: number; user: string; database: string } {
  return { host: "127.0.0.1", port, user: "root", database: DATABASE };
}

/** Opens a store on a pool of mysql2. */
export function openPool(
  port: number,
  options: Partial<MysqlStoreOptions> = {},
  poolOptions: PoolOptions = {},
): OpenedStore {
  const pool = createPool({ ...login(port), connectionLimit: 4, ...poolOptions });
  return { store: new MysqlStore({ client: pool, ...options }), close: () => pool.end().catch(ignore) };
}

/** How to open a store with each kind of client. */
export const CLIENTS: Readonly<Record<string, Open>> = {
  "a pool of mysql2": (port, options) => Promise.resolve(openPool(port, options)),
  "a pool of mysql2 with callbacks": (port, options) => {
    const pool = createCallbackPool({ ...login(port), connectionLimit: 4 });
    return Promise.resolve({
      store: new MysqlStore({ client: pool, ...options }),
      close: () => new Promise((resolve) => pool.end(resolve)),
    });
  },
  "a connection of mysql2": async (port, options) => {
    const connection = await createConnection(login(port));
    // a hung server never answers a farewell
    return { store: new MysqlStore({ client: connection, ...options }), close: () => destroyed(connection) };
  },
  "a pool of mariadb": (port, options) => {
    const pool = mariadb.createPool({ ...login(port), connectionLimit: 4, minimumIdle: 1, acquireTimeout: 20_000 });
    return Promise.resolve({
      store: new MysqlStore({ client: pool, ...options }),
      close: () => pool.end().catch(ignore),
    });
  },
};

/** A pool whose connections are broken rejects its end. */
function ignore(): void {}

function destroyed(connection: { destroy(): void }): Promise<void> {
  connection.destroy();
  return Promise.resolve();
}

/** Starts a server with the database and the table. */
export async function startServer(): Promise<Mariadb> {
  const server = await startMariadb();
  if ("reason" in server) throw new Error(`Cannot test MysqlStore as ${server.reason}`);
  await server.createDatabase(DATABASE);
  const { store, close } = openPool(server.port);
  await store.createTable();
  await close();
  return server;
}

/** Defines a test with a server, which only `deno task test:stores` runs. */
export function serverTest(name: string, fn: (server: Mariadb, t: Deno.TestContext) => Promise<void>): void {
  Deno.test({
    name: `${name}${missing ? ` (skipped: ${missing})` : ""}`,
    ignore: missing !== undefined,
    // drivers keep sockets for a moment after their end
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async (t) => fn(await sharedServer(), t),
  });
}

let shared: Promise<Mariadb> | undefined;

/** The server of all tests of a file, which ends with the file. */
function sharedServer(): Promise<Mariadb> {
  return shared ??= startServer();
}

Deno.test.afterAll(async () => {
  await (await shared)?.[Symbol.asyncDispose]();
});
