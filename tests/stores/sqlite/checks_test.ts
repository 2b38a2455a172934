// The store checks with the drivers that run in Deno: `node:sqlite` and `@libsql/client`. runtimes_test.ts has the others.

import { type LibsqlClient, type SqliteDatabase, SqliteStore } from "@neat/periodic-task/stores/sqlite";
import { storeChecks, type StoreChecksOptions } from "@neat/periodic-task/testing";
import { DatabaseSync } from "node:sqlite";
import { FakeLibsql } from "../../../internal/servers/fake_libsql.ts";
import { FaultServer } from "../../../internal/servers/fault_server.ts";
import { inTempFolder } from "../../helpers/runtimes.ts";
import { openLibsql } from "./libsql.ts";

const isThorough = Deno.env.get("NEAT_TEST_STORES") === "1";

const HUNG: LibsqlClient = { execute: () => new Promise(() => {}) };

/** Runs all checks as steps. */
async function check(t: Deno.TestContext, clients: Pick<StoreChecksOptions, "open" | "close">): Promise<void> {
  const closed = new DatabaseSync(":memory:");
  closed.close();
  const checks = storeChecks({
    ...clients,
    openHung: (requestTimeout) => new SqliteStore({ database: HUNG, requestTimeout }),
    openFailing: () => new SqliteStore({ database: closed }),
    maxKeyBytes: 2_000,
    raceRounds: isThorough ? 100 : 20,
    report: isThorough ? (line) => console.log(line) : undefined,
  });
  for (const { name, run, skipped } of checks) await t.step({ name, ignore: skipped !== undefined, fn: run });
}

/** Runs all checks with a connection for each client. */
async function checkConnections(
  t: Deno.TestContext,
  connect: () => (SqliteDatabase | LibsqlClient) & { close(): unknown },
): Promise<void> {
  const connections = new Map<unknown, { close(): unknown }>();
  await check(t, {
    open: () => {
      const database = connect();
      const store = new SqliteStore({ database });
      connections.set(store, database);
      return store;
    },
    close: (store) => connections.get(store)?.close(),
  });
}

Deno.test("a database in memory passes the store checks", async (t) => {
  const database = new DatabaseSync(":memory:");
  await check(t, { open: () => new SqliteStore({ database }) });
  database.close();
});

for (const mode of ["WAL", "DELETE"]) {
  Deno.test(`a file of node:sqlite with journal_mode ${mode} passes the store checks`, (t) =>
    inTempFolder((folder) =>
      checkConnections(t, () => {
        const database = new DatabaseSync(`${folder}/tasks.sqlite3`, { timeout: 1_000 });
        database.exec(`PRAGMA journal_mode = ${mode}`);
        return database;
      })
    ));
}

Deno.test("a file of @libsql/client passes the store checks", (t) =>
  inTempFolder((folder) => checkConnections(t, () => openLibsql(`file:${folder}/tasks.sqlite3`))));

Deno.test("@libsql/client passes the store checks over HTTP", async (t) => {
  using service = new FakeLibsql();
  await using server = new FaultServer(service);
  await checkConnections(t, () => openLibsql(server.url));
});
