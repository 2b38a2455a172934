import { type LibsqlClient, type SqliteDatabase, SqliteStore } from "@neat/periodic-task/stores/sqlite";
import { assert, assertEquals, assertMatch, assertNotEquals, assertRejects, assertThrows } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { DatabaseSync } from "node:sqlite";
import { parseRecord } from "../../../src/record/parse.ts";
import { kindOf } from "../../helpers/records.ts";
import { keysOf } from "../helpers/keys_of.ts";
import { openLibsql } from "./libsql.ts";
import { LoggedDatabase } from "./logged_database.ts";

const BYTES = new Uint8Array([1, 2, 3]);
const OTHER = new Uint8Array([4]);

Deno.test("databases of node:sqlite and clients of libSQL fit the types, and keep records", async () => {
  // each assignment is checked by the compiler
  const ofNode: SqliteDatabase = new DatabaseSync(":memory:");
  const ofLibsql: LibsqlClient = openLibsql("file::memory:");
  for (const database of [ofNode, ofLibsql]) {
    const store = new SqliteStore({ database });
    assertEquals(await store.read("task"), null);
    const first = await store.write("task", BYTES, null);
    assertEquals(await store.write("task", OTHER, null), null);
    const second = await store.write("task", OTHER, first);
    assertEquals(await store.write("task", BYTES, first), null);
    const entry = await store.read("task");
    assertEquals([entry?.value, entry?.version, entry?.value.constructor], [OTHER, second, Uint8Array]);
    (database as DatabaseSync).close();
  }
});

Deno.test("readMany() reads 500 records by a statement, and data of other programs as read() does", async () => {
  using database = new LoggedDatabase();
  const store = new SqliteStore({ database });
  const keys = Array.from({ length: 600 }, (_, index) => `task-${index}`);
  const version = await store.write("task-599", BYTES, null);
  await store.write("task-0", BYTES, null);
  database.database.exec("UPDATE neat_periodic_task SET value = 5 WHERE name = 'task-0'");
  database.statements.length = 0;
  const entries = await store.readMany(keys);
  const counts = database.statements.filter(({ sql }) => sql.startsWith("SELECT")).map(({ parameters }) =>
    parameters.length
  );
  assertEquals(counts, [500, 100]);
  const [foreign, none] = entries;
  assertEquals([kindOf(parseRecord(foreign?.value ?? null)), none], ["foreign", null]);
  assertEquals([entries[599]?.value, entries[599]?.version], [BYTES, version!]);
  assert(Number.isFinite(entries[599]?.storeTime));
  await assertRejects(() => store.readMany(["task-0", "\0"]), RangeError, "it must be a string without NUL");
});

Deno.test("a call that finds no table creates it, and values are parameters", async () => {
  using database = new LoggedDatabase();
  const store = new SqliteStore({ database, table: "Tasks_2" });
  assertEquals(database.statements, []);
  await store.read("it's");
  const version = await store.write("it's", BYTES, null) ?? "";
  const next = await store.write("it's", OTHER, version) ?? "";
  const read = {
    method: "all",
    sql: "SELECT version, value, round((julianday('now') - 2440587.5) * 86400000) AS time " +
      'FROM "Tasks_2" WHERE name = ?',
    parameters: ["it's"],
  } as const;
  assertEquals(database.statements.filter(({ sql }) => !sql.startsWith("PRAGMA")), [
    {
      method: "run",
      sql: 'CREATE TABLE IF NOT EXISTS "Tasks_2" ' +
        "(name TEXT NOT NULL PRIMARY KEY, version TEXT NOT NULL, value BLOB NOT NULL)",
      parameters: [],
    },
    read,
    {
      method: "run",
      sql: 'INSERT INTO "Tasks_2" (name, version, value) VALUES (?, ?, ?) ' +
        "ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE version = excluded.version",
      parameters: ["it's", version, BYTES],
    },
    {
      method: "run",
      sql: 'UPDATE "Tasks_2" SET version = ?, value = ? WHERE name = ? AND version IN (?, ?)',
      parameters: [next, OTHER, "it's", version, next],
    },
  ]);
  assertEquals(database.open, 0);
});

Deno.test("a table that is there is not created", async () => {
  using database = new LoggedDatabase();
  await new SqliteStore({ database }).read("task");
  database.statements.length = 0;
  const store = new SqliteStore({ database });
  await store.write("task", BYTES, null);
  await store.read("task");
  await keysOf(store);
  assertEquals(database.statements.some(({ sql }) => sql.startsWith("CREATE")), false);
});

Deno.test("a record that was deleted and created again has a version of its own", async () => {
  const database = new DatabaseSync(":memory:");
  const store = new SqliteStore({ database });
  const versions = new Set<string | null>();
  for (let round = 0; round < 100; round++) {
    versions.add(await store.write("task", BYTES, null));
    database.exec("DELETE FROM neat_periodic_task");
  }
  assertEquals([versions.size, versions.has(null)], [100, false]);
  for (const version of versions) assertMatch(String(version), /^[\da-f]{22}$/);
  database.close();
});

Deno.test("storeTime of a local database is the clock of this process, also a fake one", async () => {
  using time = new FakeTime(1_000_000_000_001);
  const databases = [new DatabaseSync(":memory:"), openLibsql("file::memory:")];
  for (const database of databases) {
    const store = new SqliteStore({ database });
    await store.write("task", BYTES, null);
    assertEquals((await store.read("task"))?.storeTime, time.now);
    database.close();
  }
});

Deno.test("storeTime of a libSQL server is the server's clock", async () => {
  const database = new DatabaseSync(":memory:");
  const client: LibsqlClient = {
    protocol: "http",
    execute: ({ sql, args }) => {
      const statement = database.prepare(sql);
      const rows = sql.startsWith("SELECT") ? statement.all(...args) : [];
      const rowsAffected = rows.length > 0 ? 0 : Number(statement.run(...args).changes);
      return Promise.resolve({ rows, rowsAffected });
    },
  };
  const store = new SqliteStore({ database: client });
  await store.write("task", BYTES, null);
  const before = Date.now();
  using _ = new FakeTime(1_000);
  const storeTime = (await store.read("task"))?.storeTime ?? 0;
  // the clock of SQLite is that of the machine, which FakeTime does not change
  assert(storeTime >= before - 1 && storeTime < before + 60_000, `${storeTime}`);
  database.close();
});

Deno.test("read() takes a text as its bytes, and any other value as data of another program", async () => {
  const database = new DatabaseSync(":memory:");
  const store = new SqliteStore({ database });
  await store.read("task");
  const insert = database.prepare("INSERT INTO neat_periodic_task VALUES (?, ?, ?)");
  insert.run("text", "v1", "{}");
  assertEquals((await store.read("text"))?.value, new TextEncoder().encode("{}"));
  assert(await store.write("text", BYTES, "v1") !== null);
  insert.run("number", "v1", 7);
  const { value, version } = await store.read("number") ?? {};
  assertEquals(kindOf(parseRecord(value ?? BYTES)), "foreign");
  assertEquals(await store.write("number", BYTES, version ?? ""), null);
  assertEquals(await store.write("number", BYTES, null), null);
  assertEquals(database.prepare("SELECT value FROM neat_periodic_task WHERE name = 'number'").get()?.["value"], 7);
  database.close();
});

Deno.test("a version that is not a text is data of another program, too", async () => {
  const database = new DatabaseSync(":memory:");
  database.exec("CREATE TABLE tasks (name PRIMARY KEY, version, value)");
  database.exec("INSERT INTO tasks VALUES ('null', NULL, x'7b7d'), ('number', 1, x'7b7d')");
  const store = new SqliteStore({ database, table: "tasks" });
  for (const name of ["null", "number"]) {
    const { value, version } = await store.read(name) ?? {};
    assertMatch(new TextDecoder().decode(value), /^not a record/);
    assertEquals(await store.write(name, BYTES, version ?? ""), null);
  }
  database.close();
});

Deno.test("a table of another program is an error, not a missing record", async () => {
  const database = new DatabaseSync(":memory:");
  database.exec("CREATE TABLE neat_periodic_task (id INTEGER PRIMARY KEY, name TEXT)");
  const store = new SqliteStore({ database });
  await assertRejects(() => store.read("task"), Error, 'current value is "no such column: version"');
  await assertRejects(() => store.write("task", BYTES, null), Error, "has no column named version");
  await assertRejects(() => store.write("task", BYTES, "v"), Error, "no such column: version");
  database.close();
});

Deno.test("connections that return arrays or BigInts will do", async () => {
  const arrays = new DatabaseSync(":memory:", { returnArrays: true } as object);
  const bigints = new DatabaseSync(":memory:", { readBigInts: true } as object);
  for (const database of [arrays, bigints]) {
    database.exec("PRAGMA busy_timeout = 1234");
    const store = new SqliteStore({ database });
    const version = await store.write("task", BYTES, null);
    assertEquals((await store.read("task"))?.version, version ?? "");
    assertEquals(await store.write("task", BYTES, "other"), null);
    assertEquals(await keysOf(store), ["task"]);
    assertEquals(Number(Object.values(database.prepare("PRAGMA busy_timeout").get() ?? {})[0]), 1_234);
    database.close();
  }
});

Deno.test("write() copies the bytes before its first statement", async () => {
  using database = new LoggedDatabase();
  const value = new Uint8Array([1]);
  const written = new SqliteStore({ database }).write("task", value, null);
  value[0] = 2;
  await written;
  assertEquals((await new SqliteStore({ database }).read("task"))?.value, new Uint8Array([1]));
});

Deno.test("keys with NUL or a lone surrogate are refused before any statement, all others kept apart", async () => {
  using database = new LoggedDatabase();
  const store = new SqliteStore({ database });
  for (const key of ["a\0", "\0", "\ud800", "a\udc00b", 1 as never]) {
    await assertRejects(
      () => store.read(key),
      RangeError,
      "Cannot use the key in SQLite as it must be a string without",
    );
    await assertRejects(() => store.write(key, BYTES, null), RangeError, "Cannot use the key in SQLite");
  }
  assertEquals(database.statements, []);
  const names = ["a", "A", "a ", "\u{1f600}", "e\u0301", "\u00e9", "1", "1.0", "NULL", "'", '"', "%"];
  for (const name of names) assertNotEquals(await store.write(name, BYTES, null), null);
  assertEquals((await keysOf(store)).toSorted(), names.toSorted());
});

Deno.test("write() takes null and strings as versions", async () => {
  using database = new LoggedDatabase();
  const store = new SqliteStore({ database });
  for (const version of [undefined, 1, {}] as never[]) {
    await assertRejects(() => store.write("task", BYTES, version), TypeError, "its version must be null or a string");
  }
  assertEquals(database.statements, []);
  assertEquals(await store.write("task", BYTES, ""), null);
});

Deno.test("list() reads pages of 100 rows as they are consumed, and skips names that are not texts", async () => {
  using database = new LoggedDatabase();
  const store = new SqliteStore({ database });
  assertEquals(await keysOf(store), []);
  const names = Array.from({ length: 230 }, (_, index) => `task ${String(index).padStart(3, "0")}`);
  for (const name of names) await store.write(name, BYTES, null);
  database.database.prepare("INSERT INTO neat_periodic_task VALUES (?, ?, ?)").run(new Uint8Array([7]), "v", BYTES);
  const pages = (): number => database.statements.filter(({ sql }) => sql.includes("LIMIT 100")).length;
  const before = pages();
  const listed = store.list()[Symbol.asyncIterator]();
  for (const name of names.slice(0, 100)) assertEquals((await listed.next()).value, name);
  assertEquals(pages() - before, 1);
  assertEquals((await listed.next()).value, names[100]);
  assertEquals(pages() - before, 2);
  await listed.return?.();
  assertEquals(await keysOf(store), names);
});

Deno.test("list() throws the reason of its signal, before it and between two keys", async () => {
  using database = new LoggedDatabase();
  const store = new SqliteStore({ database });
  await assertRejects(() => keysOf(store, AbortSignal.abort(new Error("before"))), Error, "before");
  assertEquals(database.statements, []);
  for (const name of ["one", "two"]) await store.write(name, BYTES, null);
  const controller = new AbortController();
  const listed = store.list({ signal: controller.signal })[Symbol.asyncIterator]();
  await listed.next();
  controller.abort(new Error("between"));
  await assertRejects(() => listed.next(), Error, "between");
});

Deno.test("the constructor names each option that is wrong, and shows no database", () => {
  const database: SqliteDatabase = new DatabaseSync(":memory:");
  const given: [options: unknown, ErrorType: ErrorConstructor, message: string][] = [
    [undefined, TypeError, "its options must be an object"],
    [
      {},
      TypeError,
      '"database" must have a method prepare(), as those of drivers, or execute(), as clients of libSQL: current value is of type undefined',
    ],
    [{ database: { password: "secret" } }, TypeError, "current value is of type object"],
    [{ database, tables: "x" }, TypeError, '"tables" is not an option, did you mean "table"?'],
    [{ database, table: 1 }, TypeError, '"table" must be a string'],
    [{ database, table: "" }, RangeError, '"table" must be 1 to 63 letters'],
    [{ database, table: 'a"; DROP TABLE b; --' }, RangeError, '"table" must be 1 to 63 letters'],
    [{ database, table: "main.tasks" }, RangeError, '"table" must be 1 to 63 letters'],
    [{ database, table: "1a" }, RangeError, 'and begin with a letter or "_"'],
    [{ database, table: "ä" }, RangeError, '"table" must be 1 to 63 letters'],
    [{ database, table: "a".repeat(64) }, RangeError, '"table" must be 1 to 63 letters'],
    [{ database, table: "SQLite_tasks" }, RangeError, '"table" must not begin with sqlite_'],
    [{ database, requestTimeout: 0 }, RangeError, '"requestTimeout" must be'],
  ];
  for (const [options, ErrorType, message] of given) {
    const error = assertThrows(() => new SqliteStore(options as never), ErrorType, message);
    assertMatch(error.message, /^Cannot create the SQLite store as /);
    assert(!error.message.includes("secret"));
  }
});

Deno.test("a driver whose methods answer otherwise is an error", async () => {
  const promised: unknown = { prepare: () => ({ all: () => Promise.resolve([]), run: () => Promise.resolve({}) }) };
  const empty: unknown = { execute: () => Promise.resolve({}) };
  const given: [unknown, string, string][] = [
    [promised, "all() of a statement must return an array", "all() of a statement must return an array"],
    [empty, "a result must have an array of rows", "a result must have the number rowsAffected"],
  ];
  for (const [database, readError, writeError] of given) {
    const store = new SqliteStore({ database: database as SqliteDatabase });
    await assertRejects(() => store.read("task"), Error, readError);
    await assertRejects(() => store.write("task", BYTES, null), Error, writeError);
  }
});
