// A program to bundle for Node and Bun, with the drivers installed beside the bundle: <runtime> BUNDLE DRIVER FILE
//
// Runs the store checks on FILE with a connection for each client, lets four connections count together, and checks what drivers do
// at locks. Prints a line for each check, and fails if one fails.

import process from "node:process";
import { storeChecks } from "../../../src/testing/mod.ts";
import { type LibsqlClient, type SqliteDatabase, SqliteStore } from "../../../stores/sqlite.ts";
import { runChecks } from "../helpers/run_checks.ts";

const [driver = "", path = "sqlite3"] = process.argv.slice(2);
const COUNTERS = 4;
const INCREMENTS = 50;
const BYTES = new Uint8Array([1, 2, 3]);

interface Connection {
  readonly database: SqliteDatabase | LibsqlClient;
  close(): void;
  /** Begins a transaction that reads, and returns how it ends. */
  read(): Promise<() => void>;
  /** The `busy_timeout` in milliseconds, or `undefined` if each statement may have a connection of its own. */
  busyTimeoutMs(): unknown;
}

interface SynchronousDatabase extends SqliteDatabase {
  close(): void;
  exec(sql: string): unknown;
}

type OpenDatabase = new (path: string) => SynchronousDatabase;

/** The class of a synchronous driver. Its name is a variable, as bundlers would resolve it. */
async function classOf(module: string, name: string): Promise<OpenDatabase> {
  return (await import(module))[name];
}

async function synchronous(Open: OpenDatabase): Promise<Connection> {
  const database = await Promise.resolve(new Open(path));
  database.exec("PRAGMA busy_timeout = 2000");
  return {
    database,
    close: () => database.close(),
    read: () => {
      database.exec("BEGIN");
      database.prepare("SELECT * FROM neat_periodic_task").all();
      return Promise.resolve(() => void database.exec("COMMIT"));
    },
    busyTimeoutMs: () => (database.prepare("PRAGMA busy_timeout").all() as { timeout: number }[])[0]?.timeout,
  };
}

async function libsql(): Promise<Connection> {
  const module = "@libsql/client";
  const { createClient } = await import(module);
  const client = createClient({ url: `file:${path}` });
  return {
    database: client,
    close: () => client.close(),
    read: async () => {
      const transaction = await client.transaction("read");
      await transaction.execute("SELECT * FROM neat_periodic_task");
      return () => transaction.close();
    },
    busyTimeoutMs: () => undefined,
  };
}

async function connect(): Promise<Connection> {
  if (driver === "@libsql/client") return await libsql();
  const name = { "node:sqlite": "DatabaseSync", "bun:sqlite": "Database" }[driver] ?? "default";
  return await synchronous(await classOf(driver, name));
}

const connections = new Map<unknown, Connection>();

async function open(): Promise<SqliteStore> {
  const connection = await connect();
  const store = new SqliteStore({ database: connection.database });
  connections.set(store, connection);
  return store;
}

function close(store: unknown): void {
  connections.get(store)?.close();
}

async function count(store: SqliteStore): Promise<void> {
  for (let written = 0; written < INCREMENTS;) {
    const entry = await store.read("count");
    const next = Number(new TextDecoder().decode(entry?.value)) + 1;
    const version = await store.write("count", new TextEncoder().encode(String(next)), entry?.version ?? null);
    if (version !== null) written++;
  }
}

function must(condition: boolean, state: string): void {
  if (!condition) throw new Error(state);
}

async function countTogether(): Promise<void> {
  const stores = await Promise.all(Array.from({ length: COUNTERS }, open));
  await Promise.all(stores.map(count));
  const reader = await open();
  const entry = await reader.read("count");
  [...stores, reader].forEach(close);
  const total = Number(new TextDecoder().decode(entry?.value));
  must(total === COUNTERS * INCREMENTS, `the count is ${total}`);
  must(entry?.value.constructor === Uint8Array, `the value is a ${entry?.value.constructor.name}`);
}

/** In a rollback journal a commit fails while another connection reads: some drivers hide that behind `RETURNING`. */
async function checkFailedCommit(): Promise<void> {
  const [connection, reader] = [await connect(), await connect()];
  const store = new SqliteStore({ database: connection.database, requestTimeout: 300 });
  const version = await store.write("commit", BYTES, null);
  const end = await reader.read();
  const answer = await store.write("commit", new Uint8Array(1), version).catch((error) => `${error?.message}`);
  end();
  must(`${answer}`.includes("database is locked"), `the write returned ${answer}`);
  must((await store.read("commit"))?.version === version, "the record was written");
  must(await store.write("commit", new Uint8Array(1), version) !== null, "the write after the lock was not done");
  must(
    [2_000, undefined].includes(connection.busyTimeoutMs() as number),
    `busy_timeout is ${connection.busyTimeoutMs()}`,
  );
  connection.close();
  reader.close();
}

/** A transaction of other code on the store's connection ends with a rollback, which must not undo the write. */
async function checkOpenTransaction(): Promise<void> {
  const { database, close } = await connect();
  if ("prepare" in database) {
    const { exec } = database as SynchronousDatabase;
    exec.call(database, "BEGIN");
    setTimeout(() => exec.call(database, "ROLLBACK"), 100);
  }
  const store = new SqliteStore({ database });
  const version = await store.write("transaction", BYTES, null);
  must(version !== null && (await store.read("transaction"))?.version === version, "the write was undone");
  close();
}

const ownChecks = storeChecks({ open, close, maxKeyBytes: 2_000, raceRounds: 10 }).filter(({ skipped }) => !skipped);
await runChecks([
  ...ownChecks,
  { name: `${COUNTERS} connections that count in one file lose no increment`, run: countTogether },
  { name: "a write whose commit fails is not reported as written", run: checkFailedCommit },
  { name: "a write waits for the end of a transaction of other code", run: checkOpenTransaction },
]);
