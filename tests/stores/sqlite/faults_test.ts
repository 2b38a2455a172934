// Databases that are locked, can't be written, or are damaged. All but the time is real.

import { NeatPeriodicTaskScheduler } from "@neat/periodic-task";
import { type LibsqlClient, type SqliteDatabase, SqliteStore } from "@neat/periodic-task/stores/sqlite";
import { assert, assertEquals, assertGreater, assertLess, assertRejects, assertStrictEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { DatabaseSync } from "node:sqlite";
import { SILENT } from "../../helpers/log.ts";
import { inTempFolder } from "../../helpers/runtimes.ts";
import { settle, valueOf } from "../helpers/settle.ts";
import { openLibsql } from "./libsql.ts";
import { lockedError, LoggedDatabase } from "./logged_database.ts";

const BYTES = new Uint8Array([1, 2, 3]);
const OTHER = new Uint8Array([4]);
const WRITE = 'Cannot write the record at "task" in the table "neat_periodic_task" of SQLite as';

/** Runs a test with the path of a file in fake time. */
async function withFile(check: (path: string, time: FakeTime) => Promise<void>): Promise<void> {
  await inTempFolder(async (folder) => {
    using time = new FakeTime();
    await check(`${folder}/tasks.sqlite3`, time);
  });
}

/** Lets fake time pass from timer to timer. */
async function pass(time: FakeTime, ms: number): Promise<void> {
  const untilMs = time.now + ms;
  do {
    for (let turn = 0; turn < 100; turn++) await undefined;
  } while (time.now < untilMs && time.next());
}

interface Connection {
  readonly database: SqliteDatabase | LibsqlClient;
  /** Begins a transaction, which holds the lock of readers or of writers. Returns how it ends. */
  hold(mode: "read" | "write"): Promise<() => void>;
  close(): void;
}

function connectNode(path: string): Connection {
  const database = new DatabaseSync(path, { timeout: 5_000 });
  return {
    database,
    hold(mode) {
      database.exec(mode === "read" ? "BEGIN" : "BEGIN IMMEDIATE");
      if (mode === "read") database.prepare("SELECT * FROM sqlite_schema").all();
      return Promise.resolve(() => database.exec("COMMIT"));
    },
    close: () => database.close(),
  };
}

function connectLibsql(path: string): Connection {
  const client = openLibsql(`file:${path}`);
  return {
    database: client,
    async hold(mode) {
      const transaction = await client.transaction(mode);
      if (mode === "read") await transaction.execute("SELECT * FROM sqlite_schema");
      return () => transaction.close();
    },
    close: () => client.close(),
  };
}

// two drivers in one process would not see each other's locks, as the system's locks of files belong to the process
for (const [driver, connect] of [["node:sqlite", connectNode], ["@libsql/client", connectLibsql]] as const) {
  Deno.test(`${driver}: a write waits while another connection writes, and gives up at requestTimeout`, () =>
    withFile(async (path, time) => {
      const [connection, other] = [connect(path), connect(path)];
      const store = new SqliteStore({ database: connection.database });
      const version = await store.write("task", BYTES, null);
      const end = await other.hold("write");
      const late = await settle(time, store.write("task", OTHER, version));
      assertEquals(
        late.error?.message.replace("SQLITE_BUSY: ", ""),
        `${WRITE} the statement failed: current value is "database is locked"`,
      );
      assertGreater(late.afterMs, 7_000);
      assert(late.afterMs <= 8_000, `${late.afterMs}`);
      setTimeout(end, 1_000);
      const inTime = await settle(time, store.write("task", OTHER, version));
      const { value, afterMs } = inTime;
      assert(typeof value === "string" && afterMs >= 1_000 && afterMs < 1_600, `${value} after ${afterMs} ms`);
      assertEquals((await store.read("task"))?.value, OTHER);
      connection.close();
      other.close();
    }));

  Deno.test(`${driver}: a write whose commit fails, as another connection reads, is not reported as written`, () =>
    withFile(async (path, time) => {
      const [connection, reader] = [connect(path), connect(path)];
      const store = new SqliteStore({ database: connection.database, requestTimeout: 500 });
      const version = await store.write("task", BYTES, null);
      const end = await reader.hold("read");
      for (const [key, old] of [["task", version], ["new", null]] as const) {
        const { error } = await settle(time, store.write(key, OTHER, old));
        // the last attempt may not have ended when the time is over
        assert(/database is locked|did not answer within/.test(error?.message ?? ""), error?.message);
      }
      end();
      assertEquals([(await store.read("task"))?.version, await store.read("new")], [version ?? "", null]);
      connection.close();
      reader.close();
    }));

  Deno.test(`${driver}: the table is created as soon as the file is no longer locked`, () =>
    withFile(async (path, time) => {
      const [connection, other] = [connect(path), connect(path)];
      const end = await other.hold("write");
      setTimeout(end, 1_000);
      const stores = [1, 2].map(() => new SqliteStore({ database: connection.database }));
      const answers = await valueOf(time, Promise.all(stores.map((store) => store.read("task"))));
      assertEquals(answers, [null, null]);
      connection.close();
      other.close();
    }));
}

Deno.test("a statement never waits inside SQLite, and busy_timeout keeps its value", async () => {
  using database = new LoggedDatabase();
  database.database.exec("PRAGMA busy_timeout = 5000");
  const store = new SqliteStore({ database });
  await store.read("task");
  database.statements.length = 0;
  await store.write("task", BYTES, null);
  const insert = database.statements.find(({ method }) => method === "run")?.sql ?? "";
  const around = (
    sql: string,
  ): string[] => ["PRAGMA busy_timeout", "PRAGMA busy_timeout = 0", sql, "PRAGMA busy_timeout = 5000"];
  assertEquals(database.statements.map(({ sql }) => sql), around(insert));
  assert(insert.startsWith("INSERT"));
  database.before = ({ method }) => {
    if (method === "run") throw new Error("disk I/O error");
  };
  await assertRejects(() => store.write("other", BYTES, null), Error, "disk I/O error");
  assertEquals(database.database.prepare("PRAGMA busy_timeout").get()?.["timeout"], 5_000);
  assertEquals(database.open, 0);
});

Deno.test("retries have random delays that grow to half a second, and other errors are not retried", async () => {
  using time = new FakeTime();
  using database = new LoggedDatabase();
  const store = new SqliteStore({ database });
  await store.read("task");
  const attempts: number[] = [];
  database.before = ({ method }) => {
    if (method !== "run") return;
    attempts.push(time.now);
    throw lockedError();
  };
  await settle(time, store.write("task", BYTES, null));
  const delays = attempts.slice(1).map((ms, index) => ms - (attempts[index] ?? 0));
  assertGreater(delays.length, 20);
  assertLess(delays.length, 80);
  assert(delays.every((ms) => ms >= 10 && ms <= 501), `${delays}`);
  assert(Math.max(...delays) > 300 && (delays[0] ?? 0) <= 20, `${delays}`);
  attempts.length = 0;
  database.before = ({ method }) => {
    if (method !== "run") return;
    attempts.push(time.now);
    throw Object.assign(new Error("disk I/O error"), { errcode: 10 });
  };
  await assertRejects(
    () => store.write("task", BYTES, null),
    Error,
    `${WRITE} the statement failed: current value is "disk I/O error"`,
  );
  assertEquals(attempts.length, 1);
});

Deno.test("each driver's errors of a locked database are recognised", async () => {
  const errors: readonly object[] = [
    lockedError(),
    // SQLITE_LOCKED, SQLITE_BUSY_RECOVERY, SQLITE_BUSY_SNAPSHOT, SQLITE_LOCKED_SHAREDCACHE
    ...[6, 261, 517, 262].map((errcode) => lockedError(errcode)),
    Object.assign(new Error("database is locked"), { code: "SQLITE_BUSY", errno: 5 }),
    Object.assign(new Error("database is locked"), { code: "SQLITE_BUSY_SNAPSHOT" }),
    Object.assign(new Error("database table is locked"), { code: "SQLITE_LOCKED" }),
    Object.assign(new Error("SQLITE_BUSY: database is locked"), { code: "SQLITE_BUSY", rawCode: 5 }),
  ];
  for (const error of errors) {
    using time = new FakeTime();
    using database = new LoggedDatabase();
    const store = new SqliteStore({ database });
    await store.read("task");
    let failures = 0;
    database.before = ({ method }) => {
      if (method === "run" && failures++ < 2) throw error;
    };
    assertEquals(typeof await valueOf(time, store.write("task", BYTES, null)), "string");
  }
  for (
    const error of [undefined, null, "database is locked", { code: "SQLITE_BUSYNESS" }, { errcode: 11 }, { errno: 13 }]
  ) {
    using database = new LoggedDatabase();
    const store = new SqliteStore({ database });
    database.before = () => {
      throw error;
    };
    await assertRejects(() => store.write("task", BYTES, null), Error, WRITE);
  }
});

Deno.test("a write waits until other code has ended its transaction, which might be undone", async () => {
  using time = new FakeTime();
  const database = new DatabaseSync(":memory:");
  const store = new SqliteStore({ database });
  const version = await store.write("task", BYTES, null);
  database.exec("BEGIN");
  setTimeout(() => database.exec("ROLLBACK"), 2_000);
  assertEquals(typeof await valueOf(time, store.write("task", OTHER, version)), "string");
  assertEquals((await store.read("task"))?.value, OTHER);
  database.exec("BEGIN");
  const { error, afterMs } = await settle(time, store.read("task"));
  assert(error?.message.endsWith('"the connection is in a transaction that the store has not begun"'), error?.message);
  assertGreater(afterMs, 7_000);
  database.close();
});

Deno.test("an abort ends a call that waits for a lock at once, and leaves no timer", async () => {
  using time = new FakeTime();
  using database = new LoggedDatabase();
  database.before = () => {
    throw lockedError();
  };
  const store = new SqliteStore({ database });
  for (
    const call of [
      (signal: AbortSignal) => store.read("task", { signal }),
      (signal: AbortSignal) => store.write("task", BYTES, null, { signal }),
    ]
  ) {
    const controller = new AbortController();
    const reason = new Error("stopped");
    const answer = assertRejects(() => call(controller.signal));
    await pass(time, 100);
    const attempts = database.statements.length;
    controller.abort(reason);
    assertStrictEquals(await answer, reason);
    await pass(time, 10_000);
    assertEquals([database.statements.length, time.next()], [attempts, false]);
  }
});

Deno.test("a call of a client that never answers ends at requestTimeout", async () => {
  using time = new FakeTime();
  const store = new SqliteStore({ database: { execute: () => new Promise(() => {}) } });
  const { error, afterMs } = await settle(time, store.write("task", BYTES, null));
  assertEquals([error?.message, afterMs], [
    `${WRITE} it did not answer within requestTimeout: current value is 8000 ms`,
    8_000,
  ]);
});

Deno.test("a read-only connection reads and lists, and a write throws, as does a missing table", () =>
  withFile(async (path) => {
    const owner = new DatabaseSync(path);
    const database = new DatabaseSync(path, { readOnly: true });
    const store = new SqliteStore({ database });
    await assertRejects(() => store.read("task"), Error, "attempt to write a readonly database");
    const version = await new SqliteStore({ database: owner }).write("task", BYTES, null);
    assertEquals((await store.read("task"))?.value, BYTES);
    for (const old of [version, null, "other"]) {
      await assertRejects(() => store.write("task", OTHER, old), Error, "attempt to write a readonly database");
    }
    assertEquals((await new SqliteStore({ database: owner }).read("task"))?.version, version ?? "");
    owner.close();
    database.close();
  }));

Deno.test("a dropped table is created again", async () => {
  const database = new DatabaseSync(":memory:");
  const store = new SqliteStore({ database });
  await store.write("task", BYTES, null);
  database.exec("DROP TABLE neat_periodic_task");
  assertEquals(await store.read("task"), null);
  assert(await store.write("task", BYTES, null) !== null);
  database.close();
});

Deno.test({
  name: "a write to a file that was deleted throws",
  // Windows deletes no file that is open
  ignore: Deno.build.os === "windows",
  fn: () =>
    withFile(async (path) => {
      const database = new DatabaseSync(path);
      const store = new SqliteStore({ database });
      const version = await store.write("task", BYTES, null);
      await Deno.remove(path);
      await assertRejects(() => store.write("task", OTHER, version), Error, "attempt to write a readonly database");
      await assertRejects(() => store.write("other", OTHER, null), Error, "attempt to write a readonly database");
      database.close();
    }),
});

Deno.test("a full database throws, and keeps the record", async () => {
  const database = new DatabaseSync(":memory:");
  const store = new SqliteStore({ database });
  const version = await store.write("task", BYTES, null);
  const pages = Number(database.prepare("PRAGMA page_count").get()?.["page_count"]);
  database.exec(`PRAGMA max_page_count = ${pages}`);
  await assertRejects(() => store.write("task", new Uint8Array(50_000), version), Error, "database or disk is full");
  assertEquals((await store.read("task"))?.version, version ?? "");
  assert(await store.write("task", OTHER, version) !== null);
  database.close();
});

Deno.test("a file that is not a database, and a damaged one, throw", () =>
  withFile(async (path) => {
    await Deno.writeTextFile(path, "not a database".repeat(1_000));
    const store = new SqliteStore({ database: new DatabaseSync(path) });
    await assertRejects(() => store.read("task"), Error, "file is not a database");
    await assertRejects(() => store.write("task", BYTES, null), Error, "file is not a database");
    const closed = new DatabaseSync(":memory:");
    closed.close();
    await assertRejects(() => new SqliteStore({ database: closed }).read("task"), Error, "database is not open");
  }));

Deno.test("a scheduler survives a lock of a minute, and runs again soon after it", () =>
  withFile(async (path, time) => {
    const database = new DatabaseSync(path);
    const other = new DatabaseSync(path);
    const runs: number[] = [];
    const events: string[] = [];
    const scheduler = new NeatPeriodicTaskScheduler({
      name: "task",
      interval: { seconds: 10 },
      timeout: { seconds: 5 },
      minCycle: { seconds: 1 },
      store: new SqliteStore({ database }),
      log: SILENT,
      task: () => void runs.push(time.now),
    });
    for (const type of ["storeerror", "storeback"] as const) scheduler.addEventListener(type, () => events.push(type));
    scheduler.start();
    await pass(time, 25_000);
    const before = runs.length;
    assertGreater(before, 1);
    other.exec("BEGIN EXCLUSIVE");
    await pass(time, 60_000);
    assertEquals([runs.length, events.includes("storeerror"), events.includes("storeback")], [before, true, false]);
    const unlockedMs = time.now;
    other.exec("COMMIT");
    await pass(time, 12_000);
    assert(events.includes("storeback"));
    assertGreater(runs.length, before);
    // the waits of retries are at most half a second, that of the scheduler between two calls about a second
    assertLess((runs[before] ?? Infinity) - unlockedMs, 3_000);
    await Promise.all([scheduler.stop(), pass(time, 1_000)]);
    database.close();
    other.close();
  }));
