import { type MysqlQuery, MysqlStore } from "@neat/periodic-task/stores/mysql";
import { assert, assertEquals, assertMatch, assertNotEquals, assertRejects } from "@std/assert";
import { keysOf } from "../helpers/keys_of.ts";
import { changed, fails, rows, ScriptedPool, serverError, SESSION } from "./scripted_pool.ts";

const VERSION = "00112233445566778899aabbccddeeff";
const BYTES = new Uint8Array([0, 1, 254, 255]);

function setUp(...answers: unknown[]): { readonly pool: ScriptedPool; readonly store: MysqlStore } {
  const pool = new ScriptedPool();
  pool.answers.push(...answers);
  return { pool, store: new MysqlStore({ client: pool }) };
}

function hex(text: string): string {
  return Array.from(new TextEncoder().encode(text), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

Deno.test("read() returns the record, its version and the time of the server in milliseconds", async () => {
  const row = [...SESSION, "1796067782283748", VERSION.toUpperCase(), "0001FEFF"];
  const expected = { value: BYTES, version: VERSION, storeTime: 1796067782283.748 };
  // of mysql2, of mariadb, and of a driver that makes texts of nothing
  for (const answer of [rows(row), [row], rows([0, 0, 1, 0, 1796067782283748n, VERSION, "0001feff"])]) {
    assertEquals(await setUp(answer).store.read("task"), expected);
  }
});

Deno.test("read() returns null if there is no record", async () => {
  const row = [...SESSION, "1796067782283748", null, null];
  for (const answer of [rows(row), [row]]) assertEquals(await setUp(answer).store.read("task"), null);
});

Deno.test("read() returns an empty record, and data that is no record, as it is", async () => {
  for (const [value, bytes] of [["", []], ["00", [0]]] as const) {
    const entry = await setUp(rows([...SESSION, "1", VERSION, value])).store.read("task");
    assertEquals(entry?.value, new Uint8Array(bytes));
  }
});

Deno.test("read() throws if the answer is not one of the statement", async () => {
  const answers = [
    undefined,
    null,
    "text",
    [],
    rows(),
    [[], []],
    { affectedRows: 1 },
    rows([...SESSION, "1", VERSION, null]),
    rows([...SESSION, "1", null, "00"]),
    rows([...SESSION, "1", "00", "00"]),
    rows([...SESSION, "1", VERSION, "0"]),
    rows([...SESSION, "1", VERSION, "xx"]),
    rows([...SESSION, null, VERSION, "00"]),
    rows([...SESSION, "soon", VERSION, "00"]),
    rows([]),
  ];
  for (const answer of answers) {
    const { pool, store } = setUp(() => answer);
    const error = await assertRejects(() => store.read("task"), Error, 'Cannot read the record of "task" in MySQL as ');
    assertEquals([pool.destroyed, pool.released], [1, 0], error.message);
  }
});

Deno.test("read() throws on a read-only server, without autocommit, and in a transaction, and closes the connection", async () => {
  const cases: readonly [session: unknown[], message: string][] = [
    [
      ["1", "0", "1", "0"],
      "the server is read-only: the store needs the primary server: current value is read_only = 1",
    ],
    [["ON", "0", "1", "0"], "current value is read_only = ON"],
    [["NO_LOCK", "0", "1", "0"], "current value is read_only = NO_LOCK"],
    [["0", "1", "1", "0"], "current value is innodb_read_only = 1"],
    [["0", "0", "0", "0"], 'autocommit is off in the session: current value is "0"'],
    [["0", "0", "1", "1"], 'the connection has an open transaction: current value is "1"'],
  ];
  for (const [session, message] of cases) {
    for (const rest of [["1", null, null], ["1", VERSION, "00"]]) {
      const { pool, store } = setUp(rows([...session, ...rest]));
      await assertRejects(() => store.read("task"), Error, message);
      assertEquals([pool.destroyed, pool.released], [1, 0]);
    }
    const { store } = setUp(rows([...session, null]));
    await assertRejects(() => keysOf(store), Error, message);
  }
  assertEquals(await setUp(rows(["OFF", "OFF", "1", "0", "1", null, null])).store.read("task"), null);
});

Deno.test("write() sends one statement, whose values are hexadecimal digits", async () => {
  const { pool, store } = setUp();
  const created = await store.write("É 'x'", BYTES, null);
  const replaced = await store.write("task", BYTES, created);
  const [insert, update] = pool.sent;
  assertEquals(
    insert?.sql,
    "INSERT INTO `neat_periodic_task` (version, value, name) VALUES (UNHEX(?), UNHEX(?), UNHEX(?))",
  );
  assertEquals(insert?.values, [created ?? "", "0001feff", hex("É 'x'")]);
  const set = "UPDATE `neat_periodic_task` SET version = UNHEX(?), value = UNHEX(?)";
  assertEquals(update?.sql, `${set} WHERE name = UNHEX(?) AND version = UNHEX(?)`);
  assertEquals(update?.values, [replaced ?? "", "0001feff", hex("task"), created ?? ""]);
  for (const version of [created, replaced]) assertMatch(version ?? "", /^[\da-f]{32}$/);
  assertNotEquals(created, replaced);
});

Deno.test("write() returns null if no row was changed, and if the name is taken", async () => {
  const answers = [changed(0), { affectedRows: 0 }, changed("0"), changed(0n)];
  for (const answer of answers) assertEquals(await setUp(answer).store.write("task", BYTES, VERSION), null);
  for (const errno of [1062, 1586]) {
    const { pool, store } = setUp(fails(serverError(errno)));
    assertEquals(await store.write("task", BYTES, null), null);
    assertEquals([pool.released, pool.destroyed], [1, 0]);
  }
});

Deno.test("write() throws if the answer does not say whether a row was changed", async () => {
  for (const answer of [undefined, null, [], {}, changed(2), changed(undefined), changed("many"), rows([1])]) {
    for (const version of [null, VERSION]) {
      const { store } = setUp(() => answer);
      const message = 'Cannot write the record of "task" in MySQL as the answer must say whether a row was changed';
      await assertRejects(() => store.write("task", BYTES, version), TypeError, message);
    }
  }
  const { store } = setUp(fails(serverError(1062)));
  await assertRejects(() => store.write("task", BYTES, VERSION), Error, "rejected it with error 1062");
});

Deno.test("write() throws if its session does not commit it, and closes the connection", async () => {
  const cases: readonly [status: number, message: string][] = [
    [0, "autocommit is off in the session and does not commit the write: current value is 0"],
    [1, "autocommit is off in the session and does not commit the write: current value is 1"],
    [3, "the connection has an open transaction and does not commit the write: current value is 3"],
  ];
  for (const [status, message] of cases) {
    for (const count of [0, 1]) {
      const { pool, store } = setUp(changed(count, status));
      await assertRejects(() => store.write("task", BYTES, VERSION), Error, message);
      assertEquals([pool.destroyed, pool.released], [1, 0]);
    }
  }
  for (const status of [2, 0x4002, 0x22, undefined]) {
    assert(await setUp(changed(1, status)).store.write("task", BYTES, VERSION));
  }
});

Deno.test("write() sees the status that mariadb keeps with its connection", async () => {
  for (const [status, written] of [[2, true], [3, false], [0, false]] as const) {
    const connection = { query: () => Promise.resolve({ affectedRows: 1 }), info: { status } };
    const answer = new MysqlStore({ client: connection }).write("task", BYTES, VERSION).then(() => true, () => false);
    assertEquals(await answer, written);
  }
});

Deno.test("write() sends nothing for a version, a name or a record that can't be", async () => {
  const { pool, store } = setUp();
  for (const version of ["", "1", VERSION.toUpperCase(), `${VERSION}0`, "x".repeat(32)]) {
    await assertRejects(() => store.write("task", BYTES, version), RangeError, "must be null or 32 hex digits");
  }
  for (const version of [undefined, 1]) {
    await assertRejects(() => store.write("task", BYTES, version as never), TypeError, "must be null or 32 hex digits");
  }
  const tooLong = new Uint8Array(65_536);
  await assertRejects(
    () => store.write("task", tooLong, null),
    RangeError,
    "at most 65535 bytes: current value is 65536",
  );
  for (const name of ["\ud800", "a\udc00b", 1]) {
    await assertRejects(() => store.read(name as string), RangeError, "without lone surrogates");
    await assertRejects(() => store.write(name as string, BYTES, null), RangeError, "without lone surrogates");
  }
  const long = "é".repeat(751);
  await assertRejects(() => store.read(long), RangeError, "at most 1500 bytes: current value is 1502");
  await assertRejects(() => store.write(long, BYTES, null), RangeError, "at most 1500 bytes");
  assertEquals(pool.taken, 0);
  // the longest name of a task
  await store.read("\uffff".repeat(500));
});

Deno.test("write() writes the bytes at the time of the call", async () => {
  const { pool, store } = setUp();
  const value = new Uint8Array([1]);
  const written = store.write("task", value, null);
  value[0] = 2;
  await written;
  assertEquals(pool.sent[0]?.values[1], "01");
});

Deno.test("each statement has options that make its answer the same for all clients", async () => {
  const { pool, store } = setUp();
  await store.read("task");
  const options = pool.sent[0]?.options as MysqlQuery;
  assertEquals([options.rowsAsArray, options.nestTables], [true, false]);
  assertEquals(options.typeCast({ string: () => "1" }, () => 1), "1");
  // mysql2 writes into them
  Object.assign(options, { typeCast: undefined });
  await store.read("task");
  assertEquals(typeof pool.sent[1]?.options.typeCast, "function");
});

Deno.test("list() reads pages of 100 names as they are consumed, and skips names that are no UTF-8", async () => {
  const names = Array.from({ length: 101 }, (_, index) => `\ufefftask ${String(index).padStart(3, "0")}`);
  const page = (some: readonly string[]): unknown => rows(...some.map((name) => [...SESSION, hex(name).toUpperCase()]));
  const { pool, store } = setUp(page(names.slice(0, 100)), page(names.slice(100)));
  const keys = store.list()[Symbol.asyncIterator]();
  for (const name of names.slice(0, 100)) assertEquals((await keys.next()).value, name);
  assertEquals(pool.sent.length, 1);
  assertEquals(pool.sent[0]?.values, []);
  assertEquals((await keys.next()).value, names[100]);
  assertEquals(pool.sent[1]?.values, [hex(names[99] ?? "").toUpperCase()]);
  assertEquals((await keys.next()).done, true);
  const foreign = rows([...SESSION, "FF"], [...SESSION, "61"]);
  assertEquals(await keysOf(setUp(foreign).store), ["a"]);
  assertEquals(await keysOf(setUp(rows([...SESSION, null])).store), []);
});
