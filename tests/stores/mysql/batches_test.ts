// Calls that share statements: with scripted answers, and on MariaDB where sessions stand in each other's way.

import { MysqlStore } from "@neat/periodic-task/stores/mysql";
import { assert, assertEquals, assertLessOrEqual, assertMatch, assertRejects } from "@std/assert";
import { createConnection } from "mysql2/promise";
import { settle } from "../helpers/settle.ts";
import { FakeTime } from "@std/testing/time";
import { type Answer, changed, fails, never, rows, ScriptedPool, serverError, SESSION } from "./scripted_pool.ts";
import { CLIENTS, DATABASE, login, openPool, serverTest } from "./servers.ts";

const RECORD = new TextEncoder().encode("{}");
const VERSION = "0".repeat(32);
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (value: Uint8Array | undefined): string => new TextDecoder().decode(value);
const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `task ${index}`);
const outcomeOf = (call: Promise<unknown>): Promise<unknown> => call.catch((error: Error) => error.message);

function hex(text: string): string {
  return Array.from(bytes(text), (byte) => byte.toString(16).padStart(2, "0")).join("").toUpperCase();
}

function setUp(...answers: Answer[]): { readonly pool: ScriptedPool; readonly store: MysqlStore } {
  const pool = new ScriptedPool();
  pool.answers.push(...answers);
  return { pool, store: new MysqlStore({ client: pool }) };
}

/** The answer about records that no other transaction has locked. */
function unlocked(...keys: string[]): unknown {
  return rows(...keys.map((key) => [...SESSION, hex(key), VERSION]));
}

/** The first words of the statements that a pool has sent. */
function kindsOf({ sent }: ScriptedPool): string[] {
  return sent.map(({ sql }) => /SKIP LOCKED$/.test(sql) ? "LOCK" : sql.slice(0, 6));
}

/** The new versions of the last statement but some, by the names of records. */
function newVersions(pool: ScriptedPool, index: number, count: number): readonly string[] {
  const values = pool.sent.at(index)?.values ?? [];
  return values.slice(2 * count, 4 * count).filter((_, place) => place % 2 === 1);
}

Deno.test("reads of one moment share a statement, and each returns its own record", async () => {
  const row = (key: string) => [...SESSION, "1000000", VERSION, hex(`1 ${key}`), hex(key)];
  const { pool, store } = setUp(rows(row("b"), row("a")));
  const found = await Promise.all(["a", "absent", "b"].map((key) => store.read(key)));
  assertEquals(found.map((entry) => entry && textOf(entry.value)), ["1 a", null, "1 b"]);
  assertEquals(found[0]?.storeTime, 1_000);
  assertEquals(pool.sent.map(({ values }) => values), [["a", "absent", "b"].map((key) => hex(key).toLowerCase())]);
  assertEquals([pool.released, pool.destroyed], [1, 0]);
});

Deno.test("a row that is no record fails the read of its name alone", async () => {
  const { store } = setUp(rows([...SESSION, "1", "00", "00", hex("a")], [...SESSION, "1", VERSION, "00", hex("b")]));
  const [one, other] = await Promise.all(["a", "b"].map((key) => outcomeOf(store.read(key))));
  assertMatch(
    String(one),
    /^Cannot read the record of "a" in MySQL as the columns must be a time, a version and a value/,
  );
  assertEquals((other as { version: string }).version, VERSION);
});

Deno.test("a read-only server is an error of each read of a batch, and the connection is closed", async () => {
  const { pool, store } = setUp(rows(["1", "0", "1", "0", "1", null, null, null]));
  const outcomes = await Promise.all(names(2).map((key) => outcomeOf(store.read(key))));
  for (const [index, outcome] of outcomes.entries()) {
    assertMatch(String(outcome), new RegExp(`^Cannot read the record of "task ${index}" .* server is read-only`));
  }
  assertEquals([pool.released, pool.destroyed], [0, 1]);
});

Deno.test("new records of one moment share a statement in the order of their names, each with a version of its own", async () => {
  const { pool, store } = setUp(changed(3));
  const versions = await Promise.all(["b", "c", "a"].map((key) => store.write(key, RECORD, null)));
  assertEquals(kindsOf(pool), ["INSERT"]);
  const [b, c, a] = versions;
  const triples = [a, hex("{}").toLowerCase(), "61", b, hex("{}").toLowerCase(), "62", c, "7b7d", "63"];
  assertEquals(pool.sent[0]?.values, triples as string[]);
  assertEquals(new Set(versions).size, 3);
});

Deno.test("if a new record exists, or the server refuses one, each is sent on its own", async () => {
  for (const errno of [1062, 1205, 1213, 3819, 4025]) {
    const { pool, store } = setUp(fails(serverError(errno)), changed(1), fails(serverError(1062)), changed(1));
    const versions = await Promise.all(["a", "b", "c"].map((key) => store.write(key, RECORD, null)));
    assertEquals(versions.map((version) => version !== null), [true, false, true]);
    assertEquals(kindsOf(pool), ["INSERT", "INSERT", "INSERT", "INSERT"]);
  }
});

Deno.test("new versions of one moment share a statement in the order of their names, with values of their own", async () => {
  const { pool, store } = setUp(unlocked("a", "b"), changed(2));
  const versions = await Promise.all(["b", "a"].map((key) => store.write(key, bytes(key), VERSION)));
  assertEquals(kindsOf(pool), ["LOCK", "UPDATE"]);
  const [b = "", a = ""] = versions as string[];
  const expected = ["61", "61", "62", "62", "61", a, "62", b, "61", VERSION, "62", VERSION];
  assertEquals(pool.sent[1]?.values, expected);
  assertEquals([pool.released, pool.destroyed], [2, 0]);
});

Deno.test("a record at another version is lost, without a further statement", async () => {
  const lost = [...SESSION, hex("lost"), "1".repeat(32)];
  const { pool, store } = setUp(rows([...SESSION, hex("a"), VERSION], lost), changed(1));
  const versions = await Promise.all(["a", "lost"].map((key) => store.write(key, RECORD, VERSION)));
  assertEquals(versions.map((version) => version !== null), [true, false]);
  assertEquals(kindsOf(pool), ["LOCK", "UPDATE"]);
});

Deno.test("a record that is locked is sent again after a while", async () => {
  const { pool, store } = setUp(unlocked("a", "c"), changed(2), changed(1));
  const versions = await Promise.all(["a", "c", "locked"].map((key) => store.write(key, RECORD, VERSION)));
  assertEquals(versions.map((version) => version !== null), [true, true, true]);
  assertEquals(kindsOf(pool), ["LOCK", "UPDATE", "UPDATE"]);
});

Deno.test("if all records are locked or absent, nothing is updated before they are sent again", async () => {
  // mysql2, and mariadb, without rows
  for (const none of [rows(), []]) {
    const { pool, store } = setUp(none);
    const versions = await Promise.all(["a", "b"].map((key) => store.write(key, RECORD, VERSION)));
    assertEquals(versions.map((version) => version !== null), [true, true]);
    assertEquals(kindsOf(pool).slice(0, 2), ["LOCK", "UPDATE"]);
  }
});

Deno.test("while one record waits for its lock, others are left out of statements, and later writes are answered", async () => {
  using time = new FakeTime();
  const { pool, store } = setUp(never);
  const answerLocks = (): unknown => {
    const { sql, values } = pool.sent.at(-1)!;
    if (!/SKIP LOCKED$/.test(sql)) return changed(1);
    return values.includes(hex("free").toLowerCase()) ? unlocked("free") : rows();
  };
  for (let answer = 0; answer < 1_000; answer++) pool.answers.push(answerLocks);
  const waiting = settle(time, outcomeOf(store.write("waiting", RECORD, VERSION)));
  await time.runMicrotasks();
  const locked = ["x", "y"].map((key) => outcomeOf(store.write(key, RECORD, VERSION)));
  assert(await store.write("free", RECORD, VERSION) !== null);
  assertMatch(String((await waiting).value), /did not answer within requestTimeout/);
  for (const outcome of locked) assertMatch(String(await outcome), /has locked the record|did not answer within/);
  assertEquals(kindsOf(pool).filter((kind) => kind === "UPDATE").length, 2);
});

Deno.test("if fewer rows were changed, their new versions are read, and the others are sent again", async () => {
  const { pool, store } = setUp(unlocked("a", "b"), changed(1));
  pool.answers.push(() => {
    const [a = ""] = newVersions(pool, 1, 2);
    return rows([...SESSION, "1", a, "00", hex("a")], [...SESSION, "1", VERSION, "00", hex("b")]);
  }, changed(0));
  const versions = await Promise.all(["a", "b"].map((key) => store.write(key, RECORD, VERSION)));
  assertEquals(versions.map((version) => version !== null), [true, false]);
  assertEquals(kindsOf(pool), ["LOCK", "UPDATE", "SELECT", "UPDATE"]);
});

Deno.test("a record that may have been written and replaced since is never reported as lost", async () => {
  const { pool, store } = setUp(unlocked("a", "b", "c"), changed(2));
  pool.answers.push(() => {
    const [a = ""] = newVersions(pool, 1, 3);
    return rows([...SESSION, "1", a, "00", hex("a")], [...SESSION, "1", "1".repeat(32), "00", hex("b")]);
  });
  const [a, ...others] = await Promise.all(["a", "b", "c"].map((key) => outcomeOf(store.write(key, RECORD, VERSION))));
  assertMatch(String(a), /^[\da-f]{32}$/);
  for (const other of others) assertMatch(String(other), /in MySQL as .* this one may have been written/);
  assertEquals(kindsOf(pool), ["LOCK", "UPDATE", "SELECT"]);
});

Deno.test("if the read of new versions fails, the outcome of no write is known", async () => {
  for (const error of [serverError(1213), new Error("Connection lost")]) {
    const { pool, store } = setUp(unlocked("a", "b"), changed(1), fails(error));
    const outcomes = await Promise.all(["a", "b"].map((key) => outcomeOf(store.write(key, RECORD, VERSION))));
    for (const outcome of outcomes) assertMatch(String(outcome), /this one may have been written/);
    assertEquals(kindsOf(pool), ["LOCK", "UPDATE", "SELECT"]);
  }
});

Deno.test("if the server refuses to lock or to update records, each is sent on its own", async () => {
  for (const errno of [1064, 1205, 1213, 3819, 4025]) {
    for (const before of [[], [unlocked("a", "b")]]) {
      const { pool, store } = setUp(...before, fails(serverError(errno)), changed(1), fails(serverError(3819)));
      const outcomes = await Promise.all(["a", "b"].map((key) => outcomeOf(store.write(key, RECORD, VERSION))));
      assertMatch(String(outcomes[0]), /^[\da-f]{32}$/);
      assertMatch(String(outcomes[1]), /^Cannot write the record of "b" .* error 3819/);
      assertEquals(kindsOf(pool).slice(-2), ["UPDATE", "UPDATE"]);
    }
  }
});

Deno.test("an error that concerns all records of a batch fails all of them, without further statements", async () => {
  const errors: readonly [Error, string][] = [
    [serverError(1146), "call createTable"],
    [serverError(1290), "primary server"],
    [serverError(1053, "shutdown", { fatal: true }), "error 1053"],
    // what proxies answer when the connection to the server is lost, perhaps after a commit
    [serverError(1927), "error 1927"],
    [serverError(2013), "error 2013"],
    [serverError(1105), "error 1105"],
    [new Error("read ECONNRESET"), "read ECONNRESET"],
  ];
  for (const [error, message] of errors) {
    for (const call of ["read", "insert", "update"]) {
      const { pool, store } = setUp(fails(error));
      const outcomes = await Promise.all(
        names(3).map((key) => {
          const version = call === "insert" ? null : VERSION;
          return outcomeOf(call === "read" ? store.read(key) : store.write(key, RECORD, version));
        }),
      );
      for (const [index, outcome] of outcomes.entries()) {
        assertMatch(String(outcome), new RegExp(`^Cannot .* the record of "task ${index}" .*${message}`));
      }
      assertEquals(pool.sent.length, 1);
    }
  }
});

Deno.test("an update that is not committed is an error of each record of a batch", async () => {
  const { pool, store } = setUp(unlocked("a", "b"), changed(2, 3));
  const outcomes = await Promise.all(["a", "b"].map((key) => outcomeOf(store.write(key, RECORD, VERSION))));
  for (const outcome of outcomes) assertMatch(String(outcome), /open transaction and does not commit the write/);
  assertEquals([pool.released, pool.destroyed], [1, 1]);
});

Deno.test("a caller that ends its call leaves the others of the batch alone, and the connection is closed after the last", async () => {
  using time = new FakeTime();
  const { pool, store } = setUp(never);
  const [one, other] = [new AbortController(), new AbortController()];
  const first = assertRejects(() => store.write("a", RECORD, null, one), Error, "one");
  const last = assertRejects(() => store.write("b", RECORD, null, other), Error, "other");
  await time.runMicrotasks();
  assertEquals(pool.sent.length, 1);
  one.abort(new Error("one"));
  await first;
  assertEquals(pool.destroyed, 0);
  other.abort(new Error("other"));
  await last;
  await time.runMicrotasks();
  assertEquals(pool.destroyed, 1);
});

Deno.test("records of a batch are answered while another one of it waits", async () => {
  using time = new FakeTime();
  const { pool, store } = setUp(unlocked("a", "b"), changed(2), never);
  const locked = outcomeOf(store.write("locked", RECORD, VERSION));
  const { afterMs } = await settle(time, Promise.all(["a", "b"].map((key) => store.write(key, RECORD, VERSION))));
  assertEquals([afterMs, pool.destroyed], [0, 0]);
  assertMatch(String((await settle(time, locked)).value), /did not answer within requestTimeout/);
  assertEquals(pool.destroyed, 1);
});

/** A store on a server, whose statements are counted. */
async function counted(port: number, table: string) {
  const statements: string[] = [];
  const { store, close } = openPool(port, { table });
  await store.createTable();
  await close();
  const { createPool } = await import("mysql2/promise");
  const pool = createPool({ ...login(port), connectionLimit: 10 });
  const client = {
    getConnection: async () => {
      const connection = await pool.getConnection();
      return {
        query: (options: { sql: string }, values: string[]) => {
          statements.push(options.sql);
          return connection.query(options, values);
        },
        release: () => connection.release(),
        destroy: () => connection.destroy(),
      };
    },
  };
  return { store: new MysqlStore({ client, table }), statements, close: () => pool.end() };
}

serverTest("300 records are written, replaced and read in few statements, with each client", async (server, t) => {
  for (const [name, open] of Object.entries(CLIENTS)) {
    await t.step(name, async () => {
      const { store, close } = await open(server.port, { table: `many_${name.replaceAll(/\W/g, "_")}` });
      await store.createTable();
      const versions = await Promise.all(names(300).map((key) => store.write(key, bytes(key), null)));
      const again = await Promise.all(names(300).map((key) => store.write(key, bytes(key), null)));
      assertEquals(new Set(again), new Set([null]));
      const next = await Promise.all(names(300).map((key, index) => store.write(key, bytes(key), versions[index]!)));
      const lost = await Promise.all(names(300).map((key, index) => store.write(key, RECORD, versions[index]!)));
      const found = await Promise.all(names(300).map((key) => store.read(key)));
      assertEquals(found.map((entry) => entry?.version ?? null), next);
      assertEquals(found.map((entry) => textOf(entry?.value)), names(300));
      assertEquals(new Set(lost), new Set([null]));
      await close();
    });
  }
});

serverTest("1,000 calls of one moment take few statements", async (server) => {
  const { store, statements, close } = await counted(server.port, "few");
  const versions = await Promise.all(names(1_000).map((key) => store.write(key, RECORD, null)));
  assertLessOrEqual(statements.length, 12);
  statements.length = 0;
  await Promise.all(names(1_000).map((key, index) => store.write(key, RECORD, versions[index]!)));
  assertLessOrEqual(statements.length, 24);
  statements.length = 0;
  await Promise.all(names(1_000).map((key) => store.read(key)));
  assertLessOrEqual(statements.length, 12);
  await close();
});

serverTest(
  "each record of a batch has its own outcome, also where names differ by case, spaces or bytes",
  async (server) => {
    const { store, close } = openPool(server.port, { table: "outcomes" });
    await store.createTable();
    const odd = ["a", "A", "a ", " a", "", "\0", "é", "e\u0301", "'\"\\", "'; DROP TABLE x", "😀", "?", "%", "\uffff"];
    const versions = await Promise.all(odd.map((key) => store.write(key, bytes(`1 ${key}`), null)));
    const next = await Promise.all(odd.map((key, index) => store.write(key, bytes(`2 ${key}`), versions[index]!)));
    const found = await Promise.all(odd.map((key) => store.read(key)));
    assertEquals(found.map((entry) => entry?.version ?? null), next);
    assertEquals(found.map((entry) => textOf(entry?.value)), odd.map((key) => `2 ${key}`));
    const outcomes = await Promise.all([
      store.write("created", RECORD, null),
      store.write("a", RECORD, null),
      store.write("A", RECORD, next[1]!),
      store.write("a ", RECORD, versions[2]!),
      store.write(" a", RECORD, next[3]!),
      store.write("absent", RECORD, VERSION),
    ]);
    assertEquals(outcomes.map((version) => version !== null), [true, false, true, false, true, false]);
    await close();
  },
);

serverTest("a record that a constraint refuses fails alone", async (server) => {
  const { store, close } = openPool(server.port, { table: "constrained" });
  await store.createTable();
  await server.query(`ALTER TABLE ${DATABASE}.constrained ADD CHECK (name <> 'refused'), ADD CHECK (value <> 'bad')`);
  const created = await Promise.all(["a", "refused", "b"].map((key) => outcomeOf(store.write(key, RECORD, null))));
  assertMatch(String(created[1]), /^Cannot write the record of "refused" .* error 4025/);
  const replaced = await Promise.all(
    ["a", "b"].map((key, index) =>
      outcomeOf(store.write(key, bytes(index ? "good" : "bad"), String(created[2 * index])))
    ),
  );
  assertMatch(String(replaced[0]), /^Cannot write the record of "a" .* error 4025/);
  assertEquals([await store.read("a"), await store.read("b")].map((entry) => entry?.version), [
    created[0],
    replaced[1],
  ]);
  await close();
});

serverTest("a record that another transaction has locked holds up no other record", async (server) => {
  const { store, close } = openPool(server.port, { table: "locked" });
  await store.createTable();
  const keys = ["a", "locked", "z"];
  const versions = await Promise.all(keys.map((key) => store.write(key, RECORD, null)));
  const other = await createConnection(login(server.port));
  await other.query("START TRANSACTION");
  await other.query("SELECT * FROM locked WHERE name = 'locked' FOR UPDATE");
  const [a, locked, z] = keys.map((key, index) => store.write(key, bytes("new"), versions[index]!));
  assert((await Promise.all([a, z])).every((version) => version !== null));
  await other.query("ROLLBACK");
  assert(await locked !== null);
  await other.end();
  await close();
});

serverTest(
  "20 records that stay locked hold up no other record, and are written once they are free",
  async (server) => {
    const { store, close } = openPool(server.port, { table: "all_locked" });
    await store.createTable();
    const locked = names(20);
    const versions = await Promise.all(locked.map((key) => store.write(key, RECORD, null)));
    let free = await store.write("free", RECORD, null);
    const other = await createConnection(login(server.port));
    await other.query("START TRANSACTION");
    await other.query("SELECT * FROM all_locked WHERE name LIKE 'task %' FOR UPDATE");
    const writes: Promise<string | null>[] = [];
    let answered = 0;
    // each of them on its own
    for (const [index, key] of locked.entries()) {
      writes.push(store.write(key, bytes("new"), versions[index]!));
      writes.at(-1)?.then(() => answered++, () => answered++);
      free = await store.write("free", bytes(key), free);
      assert(free !== null);
    }
    assertEquals(answered, 0);
    await other.query("ROLLBACK");
    assert((await Promise.all(writes)).every((version) => version !== null));
    await other.end();
    await close();
  },
);

serverTest(
  "16 stores that write the same records at once lose no write, and report none that succeeded as lost",
  async (server) => {
    const opened = Array.from({ length: 16 }, () => openPool(server.port, { table: "raced_batches" }));
    await opened[0]!.store.createTable();
    const lists = names(10);
    await Promise.all(lists.map((key) => opened[0]!.store.write(key, bytes(""), null)));
    // a record that was written and replaced since is an unknown outcome, and its item is found in what replaced it
    const append = async (store: MysqlStore, key: string, item: string): Promise<void> => {
      for (;;) {
        const entry = await store.read(key);
        const list = textOf(entry?.value);
        if (list.includes(`${item};`)) return;
        const outcome = await outcomeOf(store.write(key, bytes(`${list}${item};`), entry!.version));
        if (outcome === null) {
          assert(
            !textOf((await store.read(key))?.value).includes(`${item};`),
            "it was not written",
          );
        } else if (/^[\da-f]{32}$/.test(String(outcome))) return;
        else assertMatch(String(outcome), /this one may have been written/);
      }
    };
    await Promise.all(opened.flatMap(({ store }, index) => lists.map((key) => append(store, key, `store ${index}`))));
    for (const key of lists) {
      const items = textOf((await opened[0]!.store.read(key))?.value).split(";").slice(0, -1);
      assertEquals(items.toSorted(), opened.map((_, index) => `store ${index}`).toSorted());
    }
    for (const { close } of opened) await close();
  },
);

serverTest("calls share statements in sessions of all settings", async (server) => {
  const settings = [
    "sql_mode = 'NO_BACKSLASH_ESCAPES,ANSI_QUOTES'",
    "sql_mode = 'TRADITIONAL,PAD_CHAR_TO_FULL_LENGTH,IGNORE_SPACE'",
    "sql_safe_updates = 1",
    "sql_select_limit = 1",
    "tx_isolation = 'SERIALIZABLE'",
    "tx_isolation = 'READ-COMMITTED'",
  ];
  for (const [index, setting] of settings.entries()) {
    const client = await createConnection(login(server.port));
    await client.query(`SET SESSION ${setting}`);
    const store = new MysqlStore({ client, table: `settings_${index}` });
    await store.createTable();
    const versions = await Promise.all(names(20).map((key) => store.write(key, bytes(key), null)));
    const next = await Promise.all(names(20).map((key, place) => store.write(key, bytes(key), versions[place]!)));
    const found = await Promise.all(names(20).map((key) => store.read(key)));
    assertEquals(found.map((entry) => entry?.version ?? null), next, setting);
    assert(next.every((version) => version !== null), setting);
    await client.end();
  }
});

serverTest(
  "statements for several records use the primary key, however small or large the table is",
  async (server) => {
    const { store, statements, close } = await counted(server.port, "explained");
    for (const count of [2, 1_000]) {
      const versions = await Promise.all(names(count).map((key) => store.write(key, RECORD, null)));
      statements.length = 0;
      const picked = names(count).slice(0, 2);
      await Promise.all(picked.map((key, index) => store.write(key, RECORD, versions[index] ?? VERSION)));
      await Promise.all(picked.map((key) => store.read(key)));
      for (const statement of statements.filter((sql) => / OR | IN /.test(sql))) {
        const values = [...statement].filter((character) => character === "?").map(() => hex("task 0"));
        let place = 0;
        const explained = await server.query(
          `EXPLAIN ${statement.replaceAll("?", () => `'${values[place]}${place++ % 2 ? "" : "00"}'`)}`.replace(
            "`explained`",
            `${DATABASE}.explained`,
          ),
        );
        assertMatch(explained, /\trange\tPRIMARY\t|Impossible WHERE/, `${count}: ${statement}`);
      }
    }
    await close();
  },
);
