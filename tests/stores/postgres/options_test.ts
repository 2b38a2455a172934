import { type PostgresClient, PostgresStore, type PostgresStoreOptions } from "@neat/periodic-task/stores/postgres";
import { assertEquals, assertMatch, assertNotMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { ScriptedPool } from "./scripted_pool.ts";

const client = new ScriptedPool();

function create(options: Record<string, unknown>): PostgresStore {
  return new PostgresStore({ client, ...options } as PostgresStoreOptions);
}

Deno.test("PostgresStore refuses options of the wrong type, and unknown ones", () => {
  assertThrows(() => create({ tables: "tasks" }), TypeError, '"tables" is not an option');
  assertThrows(() => create({ table: 1 }), TypeError, '"table" must be a string: current value is 1');
  assertThrows(() => create({ schema: null }), TypeError, '"schema" must be a string: current value is null');
  assertThrows(() => create({ watch: 1 }), TypeError, '"watch" must be a boolean');
  assertThrows(() => create({ requestTimeout: 0 }), RangeError, "requestTimeout");
});

Deno.test("PostgresStore refuses names that could end their quotes, or that PostgreSQL would cut", () => {
  const names = ["", '"', 'a"b', "a.b", "a b", "1a", "ä", "a\0", "a;", "-a", "a".repeat(64)];
  for (const option of ["schema", "table"]) {
    for (const name of names) {
      assertThrows(() => create({ [option]: name }), RangeError, `"${option}" must be 1 to 63 letters`);
    }
    for (const name of ["a", "_", "Tasks", "my-schema", "a1$", "a".repeat(63)]) create({ [option]: name });
  }
});

Deno.test("PostgresStore refuses what is no client, and does not show it", () => {
  const url = "postgres://user:secret@host/database";
  const clients = [undefined, null, url, {}, { query: () => {} }, () => {}, { connectionString: url }];
  for (const client of clients) {
    const error = assertThrows(() => create({ client }), TypeError, '"client" must be a Pool or a Client of pg');
    assertNotMatch(error.message, /secret/);
  }
});

Deno.test("PostgresStore has watch() only if the option says so", () => {
  assertEquals([typeof create({}).watch, typeof create({ watch: false }).watch], ["undefined", "undefined"]);
  assertEquals(typeof create({ watch: true }).watch, "function");
});

Deno.test("PostgresStore refuses to watch with a client that can't", () => {
  const pool = new ScriptedPool();
  pool.options.max = 1;
  assertThrows(() => create({ client: pool, watch: true }), TypeError, "the pool must have more than 1 connection");
  const bun = Object.assign(() => {}, { unsafe: () => {}, reserve: () => {} }) as unknown as PostgresClient;
  const error = assertThrows(() => create({ client: bun, watch: true }), TypeError);
  assertStringIncludes(error.message, "the client must have a method listen()");
  create({ client: bun });
});

Deno.test("names are quoted in each statement", async () => {
  const pool = new ScriptedPool();
  const store = new PostgresStore({ client: pool, schema: "my-schema", table: "Tasks" });
  pool.answers.push([["false", "off", null]], [], [["false", "off", "1", null, null]], [], [], [[
    "false",
    "off",
    null,
  ]]);
  await store.createTable();
  await store.read("a");
  await store.write("a", new Uint8Array(), null);
  await store.write("a", new Uint8Array(), crypto.randomUUID());
  for await (const _ of store.list());
  for (const { text, values } of pool.queries) assertMatch(text + values[0], /"my-schema"\."Tasks"/);
  assertEquals(pool.queries.length, 6);
});
