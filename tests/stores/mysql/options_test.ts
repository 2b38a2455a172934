import { MysqlStore, type MysqlStoreOptions } from "@neat/periodic-task/stores/mysql";
import { assertEquals, assertNotMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { ScriptedPool } from "./scripted_pool.ts";

function create(options: unknown): MysqlStore {
  return new MysqlStore(options as MysqlStoreOptions);
}

Deno.test("MysqlStore refuses options that are missing, unknown or of the wrong type", () => {
  const client = new ScriptedPool();
  const cases: readonly [options: unknown, message: string][] = [
    [undefined, "Cannot create the MySQL store as its options must be an object: current value is undefined"],
    [{}, '"client" must be a pool or a connection of mysql2 or mariadb: current value is of type undefined'],
    [{ client: "mysql://user:secret@host" }, "current value is of type string"],
    [{ client: { promise: () => undefined } }, '"client" must be a pool or a connection'],
    [{ client, tables: "t" }, '"tables" is not an option'],
    [{ client, table: 1 }, '"table" must be a string: current value is 1'],
    [{ client, database: null }, '"database" must be a string'],
    [{ client, requestTimeout: "8s" }, '"requestTimeout" must be'],
  ];
  for (const [options, message] of cases) {
    const error = assertThrows(() => create(options), TypeError);
    assertStringIncludes(error.message, message);
    assertNotMatch(Deno.inspect(error), /secret/);
  }
});

Deno.test("MysqlStore refuses names that it can't quote, or that are too long", () => {
  const client = new ScriptedPool();
  for (const name of ["", "a`b", "a.b", "1a", "a b", "naïve", "a;DROP", "a".repeat(65)]) {
    assertThrows(() => create({ client, table: name }), RangeError, '"table" must be 1 to 64 letters');
    assertThrows(() => create({ client, database: name }), RangeError, '"database" must be 1 to 64 letters');
  }
  assertThrows(() => create({ client, requestTimeout: 0 }), RangeError, '"requestTimeout"');
});

Deno.test("MysqlStore uses the table and the database of its options", async () => {
  const cases: readonly [options: Partial<MysqlStoreOptions>, table: string][] = [
    [{}, "`neat_periodic_task`"],
    [{ table: "Tasks-2" }, "`Tasks-2`"],
    [{ database: "my-service", table: "a".repeat(64) }, `\`my-service\`.\`${"a".repeat(64)}\``],
  ];
  for (const [options, table] of cases) {
    const client = new ScriptedPool();
    const store = new MysqlStore({ client, ...options });
    await store.createTable();
    await store.read("task");
    await store.write("task", new Uint8Array(), null);
    await store.write("task", new Uint8Array(), "0".repeat(32));
    await Array.fromAsync(store.list());
    assertEquals(client.sent.length, 6);
    for (const { sql } of client.sent) assertStringIncludes(sql, ` ${table} `);
  }
});

Deno.test("MysqlStore sends nothing before its first call, and takes no connection", () => {
  const client = new ScriptedPool();
  new MysqlStore({ client });
  assertEquals([client.taken, client.sent], [0, []]);
});
