// Sessions, options and accounts of all kinds, against MariaDB.

import { createConnection, createPool, type PoolOptions } from "mysql2/promise";
import { MysqlStore } from "@neat/periodic-task/stores/mysql";
import { assert, assertEquals, assertNotEquals, assertNotMatch, assertRejects } from "@std/assert";
import * as mariadb from "mariadb";
import { keysOf } from "../helpers/keys_of.ts";
import { DATABASE, login, openPool, serverTest } from "./servers.ts";

const BYTES = new TextEncoder().encode('{"state":"it\'s \\\\ \\"odd\\" é ? \u{1f600}"}');

/** Options of a pool that change what its connections answer. */
const POOL_OPTIONS: Readonly<Record<string, PoolOptions>> = {
  "changed rows are counted": { flags: ["-FOUND_ROWS"] },
  "matched rows are counted": { flags: ["FOUND_ROWS"] },
  "rows are arrays": { rowsAsArray: true },
  "dates are texts": { dateStrings: true, timezone: "+05:00" },
  "numbers are texts": { supportBigNumbers: true, bigNumberStrings: true, decimalNumbers: false },
  "numbers are numbers": { supportBigNumbers: true, decimalNumbers: true },
  "all columns are buffers": { typeCast: false },
  "all columns are converted": { typeCast: () => "converted" },
  "tables are nested": { nestTables: true },
  "placeholders are named": { namedPlaceholders: true },
  "the character set is latin1": { charset: "LATIN1_SWEDISH_CI" },
  "the character set is gbk": { charset: "GBK_CHINESE_CI" },
  "several statements are allowed": { multipleStatements: true },
  "connections are reset": { resetOnRelease: true },
};

/** Settings of a session that change what its statements mean. */
const SESSIONS: readonly string[] = [
  "sql_mode = 'NO_BACKSLASH_ESCAPES,ANSI_QUOTES'",
  "sql_mode = ''",
  "sql_mode = 'TRADITIONAL,PAD_CHAR_TO_FULL_LENGTH,IGNORE_SPACE'",
  "time_zone = '+13:00'",
  "sql_safe_updates = 1",
  "sql_select_limit = 1",
  "collation_connection = 'utf8mb4_general_ci'",
  "tx_isolation = 'SERIALIZABLE'",
  "tx_isolation = 'READ-UNCOMMITTED'",
  "completion_type = 'CHAIN'",
];

/** Uses each call of a store. */
async function useAll(store: MysqlStore, name: string): Promise<void> {
  const created = await store.write(name, BYTES, null);
  assert(created !== null, name);
  assertEquals(await store.write(name, BYTES, null), null, name);
  // the same bytes again: only the version changes
  const replaced = await store.write(name, BYTES, created);
  assert(replaced !== null && replaced !== created, name);
  assertEquals(await store.write(name, BYTES, created), null, name);
  const entry = await store.read(name);
  assertEquals([entry?.value, entry?.version], [BYTES, replaced], name);
  assert(Math.abs((entry?.storeTime ?? 0) - Date.now()) < 2_000, `${name}: ${entry?.storeTime}`);
  assert((await keysOf(store)).includes(name), name);
}

serverTest("MysqlStore works with all options of pools, settings of sessions and kinds of clients", async (server) => {
  for (const [name, options] of Object.entries(POOL_OPTIONS)) {
    const { store, close } = openPool(server.port, {}, options);
    await useAll(store, name);
    await close();
  }
  for (const settings of SESSIONS) {
    const client = await createConnection(login(server.port));
    await client.query(`SET SESSION ${settings}`);
    await useAll(new MysqlStore({ client }), settings);
    await client.end();
  }
  for (const foundRows of [true, false]) {
    const client = await mariadb.createConnection({ ...login(server.port), foundRows, insertIdAsNumber: true });
    await useAll(new MysqlStore({ client }), `mariadb ${foundRows}`);
    await client.end();
  }
});

serverTest("names that differ by case, accents, width, spaces or zero bytes are different", async (server) => {
  const names = [
    "task",
    "Task",
    "tásk",
    "ta\u0301sk",
    "task ",
    " task",
    "task\0",
    "ｔask",
    "\ufefftask",
    "ß",
    "ss",
    "",
  ];
  const { store, close } = openPool(server.port, { table: "names" });
  await store.createTable();
  for (const name of names) assert(await store.write(name, new TextEncoder().encode(name), null), name);
  for (const name of names) assertEquals((await store.read(name))?.value, new TextEncoder().encode(name));
  const long = ["\uffff".repeat(500), "\u{1f600}".repeat(250), `${"\uffff".repeat(499)}\ufffe`];
  for (const name of long) assert(await store.write(name, BYTES, null));
  assertEquals((await keysOf(store)).toSorted(), [...names, ...long].toSorted());
  await close();
});

serverTest("list() reads all pages", async (server) => {
  const { store, close } = openPool(server.port, { table: "pages" });
  await store.createTable();
  assertEquals(await keysOf(store), []);
  const names = Array.from({ length: 300 }, (_, index) => `task ${index}/é`);
  for (const name of names) await store.write(name, BYTES, null);
  assertEquals((await keysOf(store)).toSorted(), names.toSorted());
  await close();
});

serverTest("a record that is deleted and created again has no earlier version", async (server) => {
  const { store, close } = openPool(server.port);
  const first = await store.write("aba", BYTES, null);
  await server.query(`DELETE FROM ${DATABASE}.neat_periodic_task WHERE name = 'aba'`);
  assertEquals(await store.write("aba", BYTES, first), null);
  assertNotEquals(await store.write("aba", BYTES, null), first);
  assertEquals(await store.write("aba", BYTES, first), null);
  await close();
});

serverTest("a row of another program is returned as it is and not overwritten", async (server) => {
  const { store, close } = openPool(server.port);
  const columns = "(name, version, value) VALUES ('foreign', REPEAT('x', 16), 'not a record')";
  await server.query(`INSERT INTO ${DATABASE}.neat_periodic_task ${columns}`);
  assertEquals((await store.read("foreign"))?.value, new TextEncoder().encode("not a record"));
  assertEquals(await store.write("foreign", BYTES, null), null);
  await close();
});

serverTest("createTable() may be called by many replicas at once, and again", async (server) => {
  const opened = Array.from({ length: 20 }, () => openPool(server.port, { table: "raced" }));
  await Promise.all(opened.map(({ store }) => store.createTable()));
  for (const { store, close } of opened) {
    await store.createTable();
    await close();
  }
});

serverTest("calls without a table, a database or permissions say what to do", async (server) => {
  const { store: missing, close } = openPool(server.port, { table: "missing" });
  const create = "the table does not exist: call createTable(), or create it by hand: current value is `missing`";
  await assertRejects(() => missing.read("task"), Error, create);
  await assertRejects(() => missing.write("task", BYTES, null), Error, create);
  await assertRejects(() => keysOf(missing), Error, create);
  await close();
  const { store: nowhere, close: closeNowhere } = openPool(server.port, { database: "nowhere" });
  await assertRejects(() => nowhere.read("task"), Error, "does not exist");
  await assertRejects(() => nowhere.createTable(), Error, "the database does not exist");
  await closeNowhere();
  const { host, port, user } = login(server.port);
  const client = createPool({ host, port, user });
  await assertRejects(() => new MysqlStore({ client }).read("task"), Error, 'set the option "database"');
  await useAll(new MysqlStore({ client, database: DATABASE }), "database");
  await client.end();
  await server.query(`CREATE TABLE ${DATABASE}.other (name VARBINARY(1500) PRIMARY KEY, value BLOB)`);
  const { store: other, close: closeOther } = openPool(server.port, { table: "other" });
  await assertRejects(() => other.createTable(), Error, "the table lacks a column");
  await closeOther();
});

serverTest("an account needs SELECT, INSERT and UPDATE, and its password is never shown", async (server) => {
  const account = "'limited'@'127.0.0.1'";
  const table = `${DATABASE}.neat_periodic_task`;
  await server.query(
    `CREATE USER ${account} IDENTIFIED BY 'a secret'; GRANT SELECT, INSERT, UPDATE ON ${table} TO ${account}`,
  );
  const as = { user: "limited", password: "a secret" };
  const { store, close } = openPool(server.port, {}, as);
  await store.createTable();
  await useAll(store, "limited");
  await close();
  const { store: denied, close: closeDenied } = openPool(server.port, { table: "denied" }, as);
  await assertRejects(() => denied.createTable(), Error, "the user may not use the table");
  await closeDenied();
  const { store: wrong, close: closeWrong } = openPool(server.port, {}, { ...as, password: "another secret" });
  for (const call of [() => wrong.read("task"), () => wrong.write("task", BYTES, null), () => wrong.createTable()]) {
    const error = await assertRejects(call, Error, "error 1045");
    assertNotMatch(Deno.inspect(error), /secret/);
  }
  await closeWrong();
});

serverTest("a read-only server is an error, never no record", async (server) => {
  const account = "'writer'@'127.0.0.1'";
  await server.query(`CREATE USER ${account}; GRANT SELECT, INSERT, UPDATE, CREATE ON ${DATABASE}.* TO ${account}`);
  const { store, close } = openPool(server.port, {}, { user: "writer" });
  const version = await store.write("read-only", BYTES, null);
  await server.query("SET GLOBAL read_only = 1");
  const state = "the server is read-only: the store needs the primary server: current value is read_only = 1";
  for (const name of ["read-only", "absent"]) {
    await assertRejects(() => store.read(name), Error, state);
    await assertRejects(() => store.write(name, BYTES, null), Error, "it may be read-only");
    await assertRejects(() => store.write(name, BYTES, version), Error, "it may be read-only");
  }
  await assertRejects(() => keysOf(store), Error, state);
  await server.query("SET GLOBAL read_only = 0");
  assert(await store.write("read-only", BYTES, version));
  await close();
});

serverTest("a session that does not commit is an error, and its connection is closed", async (server) => {
  const pool = createPool({ ...login(server.port), connectionLimit: 1 });
  const store = new MysqlStore({ client: pool });
  const version = await store.write("session", BYTES, null);
  const leave = async (...statements: string[]): Promise<void> => {
    const connection = await pool.getConnection();
    for (const statement of statements) await connection.query(statement);
    connection.release();
  };
  const open = ["START TRANSACTION", "SELECT * FROM neat_periodic_task"];
  for (const statements of [["SET autocommit = 0"], ["SET autocommit = 0", ...open], open]) {
    for (const call of [() => store.read("session"), () => store.write("session", BYTES, version)]) {
      await leave(...statements);
      await assertRejects(call, Error, statements.length === 2 ? "an open transaction" : "autocommit is off");
      // nothing was written, and the pool has another connection
      assertEquals((await store.read("session"))?.version, version);
    }
  }
  await pool.end();
});

serverTest("a write waits for a lock of another session, and is repeated after a lock wait timeout", async (server) => {
  const pool = createPool({ ...login(server.port), connectionLimit: 1 });
  const store = new MysqlStore({ client: pool });
  const version = await store.write("locked", BYTES, null);
  await pool.query("SET innodb_lock_wait_timeout = 1");
  const other = await createConnection(login(server.port));
  await other.query("START TRANSACTION");
  await other.query("SELECT * FROM neat_periodic_task WHERE name = 'locked' FOR UPDATE");
  const written = store.write("locked", BYTES, version);
  setTimeout(() => other.query("ROLLBACK"), 2_500);
  assert(await written);
  await other.end();
  await pool.end();
});
