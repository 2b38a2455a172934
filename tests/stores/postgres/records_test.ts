// What the store sends, and how it takes answers.

import { PostgresStore } from "@neat/periodic-task/stores/postgres";
import { assert, assertEquals, assertMatch, assertNotEquals, assertRejects } from "@std/assert";
import { keysOf } from "../helpers/keys_of.ts";
import { DatabaseError, fails, PRIMARY, ScriptedPool } from "./scripted_pool.ts";

const VERSION = "0f0e0d0c-1234-4abc-8def-0123456789ab";
const BYTES = new Uint8Array([0, 1, 128, 255]);
const BASE64 = "AAGA/w==";

function setup(): { pool: ScriptedPool; store: PostgresStore } {
  const pool = new ScriptedPool();
  return { pool, store: new PostgresStore({ client: pool }) };
}

Deno.test("read() returns the bytes, the version and the time of the server, from one statement", async () => {
  const { pool, store } = setup();
  pool.answers.push([[...PRIMARY, "1767225600123.456", VERSION, `${BASE64}`]]);
  assertEquals(await store.read("a"), { value: BYTES, version: VERSION, storeTime: 1767225600123.456 });
  assertEquals(pool.queries.length, 1);
  const [query] = pool.queries;
  assertEquals([query?.values, query?.rowMode, query && "name" in query], [["a"], "array", false]);
  assertMatch(query?.text ?? "", /clock_timestamp\(\)/);
});

Deno.test("read() takes base64 with line breaks, and an empty record", async () => {
  const { pool, store } = setup();
  pool.answers.push([[...PRIMARY, "1", VERSION, "AAGA\n/w=="]], [[...PRIMARY, "1", VERSION, ""]]);
  assertEquals((await store.read("a"))?.value, BYTES);
  assertEquals((await store.read("a"))?.value, new Uint8Array());
});

Deno.test("read() returns null if there is no record", async () => {
  const { pool, store } = setup();
  pool.answers.push([[...PRIMARY, "1", null, null]]);
  assertEquals(await store.read("a"), null);
});

Deno.test("read(), list() and createTable() reject a standby server and a session that only allows reads", async () => {
  for (
    const [server, found] of [[["true", "on"], "a standby server"], [["false", "on"], "transaction_read_only = on"]]
  ) {
    const { pool, store } = setup();
    const answer = [[...server ?? [], null, null, null]];
    pool.answers.push(answer, answer, answer);
    const message = `the store needs the primary server: current value is ${found}`;
    await assertRejects(() => store.read("a"), Error, message);
    await assertRejects(() => keysOf(store), Error, message);
    await assertRejects(() => store.createTable(), Error, message);
  }
});

Deno.test("read() rejects answers that are none", async () => {
  const rows = [
    [],
    [[]],
    [[...PRIMARY, "1", "7", BASE64]],
    [[...PRIMARY, "1", VERSION, BYTES]],
    [[...PRIMARY, "soon", VERSION, BASE64]],
    [[false, "off", "1", VERSION, BASE64]],
  ];
  for (const answer of rows) {
    const { pool, store } = setup();
    pool.answers.push(answer);
    await assertRejects(() => store.read("a"), Error, "Cannot read the record");
  }
});

Deno.test("write() without a version inserts, and returns a new version if a row was written", async () => {
  const { pool, store } = setup();
  pool.answers.push(() => [[pool.queries[0]?.values[2], ""]], []);
  const version = await store.write("a", BYTES, null);
  const [query] = pool.queries;
  assertMatch(
    query?.text ?? "",
    /INSERT INTO "public"\."neat_periodic_task" .*ON CONFLICT DO NOTHING RETURNING version/,
  );
  const notified = ["neat_periodic_task", "public.a"];
  assertEquals(query?.values as unknown[], ["a", BASE64, version, ...notified, "8000"]);
  assertEquals(await store.write("a", BYTES, null), null);
  assertNotEquals(pool.queries[0]?.values[2], pool.queries[1]?.values[2]);
});

Deno.test("write() with a version updates the row with that version", async () => {
  const { pool, store } = setup();
  pool.answers.push(() => [[pool.queries[0]?.values[2], ""]], []);
  assert(await store.write("a", BYTES, VERSION));
  const [query] = pool.queries;
  assertMatch(query?.text ?? "", /UPDATE .* WHERE t\.name = \$1::text AND t\.version = \$7::uuid RETURNING/);
  assertEquals(query?.values.at(-1), VERSION);
  assertEquals(await store.write("a", BYTES, VERSION), null);
});

Deno.test("write() throws if the answer has another version", async () => {
  const { pool, store } = setup();
  pool.answers.push([[VERSION, ""]]);
  await assertRejects(() => store.write("a", BYTES, null), TypeError, "the answer must have the version");
});

Deno.test("write() refuses what is no version, and sends nothing", async () => {
  const { pool, store } = setup();
  for (const version of ["", "1", VERSION.toUpperCase(), `${VERSION}'`]) {
    await assertRejects(() => store.write("a", BYTES, version), RangeError, "its version must be null or a UUID");
  }
  await assertRejects(() => store.write("a", BYTES, undefined as unknown as null), TypeError);
  assertEquals(pool.queries, []);
});

Deno.test("write() copies the record", async () => {
  const { pool, store } = setup();
  const value = BYTES.slice();
  const written = store.write("a", value, null);
  value.fill(7);
  await written;
  assertEquals(pool.queries[0]?.values[1], BASE64);
});

Deno.test("calls refuse names that a text can't hold, and send nothing", async () => {
  const { pool, store } = setup();
  for (const name of ["a\0", "\ud800", "a".repeat(2_601), "\u{1f600}".repeat(651)]) {
    await assertRejects(() => store.read(name), RangeError, "Cannot use the key in PostgreSQL");
    await assertRejects(() => store.write(name, BYTES, null), RangeError, "Cannot use the key in PostgreSQL");
  }
  assertEquals(pool.queries, []);
});

Deno.test("list() reads pages of 100 names, each after the last one", async () => {
  const { pool, store } = setup();
  const names = Array.from({ length: 250 }, (_, index) => `task ${1_000 + index}`);
  for (const start of [0, 100, 200]) {
    pool.answers.push(names.slice(start, start + 100).map((name) => [...PRIMARY, name]));
  }
  assertEquals(await keysOf(store), names);
  assertEquals(pool.queries.map(({ values }) => values), [[], ["task 1099"], ["task 1199"]]);
});

Deno.test("list() yields nothing for an empty table", async () => {
  const { pool, store } = setup();
  pool.answers.push([[...PRIMARY, null]]);
  assertEquals(await keysOf(store), []);
});

Deno.test("createTable() creates nothing if the table exists", async () => {
  const { pool, store } = setup();
  pool.answers.push([[...PRIMARY, "neat_periodic_task"]]);
  await store.createTable();
  assertEquals(pool.queries.map(({ values }) => values), [['"public"."neat_periodic_task"']]);
});

Deno.test("createTable() looks again if another session creates the table at the same moment", async () => {
  for (const code of ["23505", "42P07", "42710"]) {
    const { pool, store } = setup();
    pool.answers.push([[...PRIMARY, null]], fails(new DatabaseError(code)), [[...PRIMARY, "neat_periodic_task"]]);
    await store.createTable();
    assertEquals(pool.queries.length, 3);
  }
});

Deno.test("createTable() gives up if the table never stays", async () => {
  const { pool, store } = setup();
  for (let attempt = 0; attempt < 5; attempt++) {
    pool.answers.push([[...PRIMARY, null]], fails(new DatabaseError("42P07")));
  }
  await assertRejects(() => store.createTable(), Error, "it came and went at each attempt: current value is 5");
});
