// Calls that fail, hang or are aborted, in fake time.

import { MysqlStore, type MysqlStoreOptions } from "@neat/periodic-task/stores/mysql";
import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { settle } from "../helpers/settle.ts";
import { changed, fails, never, rows, ScriptedPool, serverError, SESSION } from "./scripted_pool.ts";

const VERSION = "0".repeat(32);
const BYTES = new Uint8Array([1]);

interface Setup {
  readonly time: FakeTime;
  readonly pool: ScriptedPool;
  readonly store: MysqlStore;
}

async function inFakeTime(
  check: (setup: Setup) => Promise<void>,
  options: Partial<MysqlStoreOptions> = {},
): Promise<void> {
  using time = new FakeTime();
  const pool = new ScriptedPool();
  await check({ time, pool, store: new MysqlStore({ client: pool, ...options }) });
}

/** The calls of a store. */
const CALLS: readonly ((store: MysqlStore, signal?: AbortSignal) => Promise<unknown>)[] = [
  (store, signal) => store.read("task", signal && { signal }),
  (store, signal) => store.readMany(["task", "other"], signal && { signal }),
  (store, signal) => store.write("task", BYTES, VERSION, signal && { signal }),
  (store, signal) => store.write("task", BYTES, null, signal && { signal }),
  (store, signal) => Array.fromAsync(store.list(signal && { signal })),
  (store, signal) => store.createTable(signal && { signal }),
];

Deno.test("a call repeats a statement that a deadlock or a conflict in a cluster has rolled back", () =>
  inFakeTime(async ({ time, pool, store }) => {
    for (const errno of [1020, 1205, 1213, 3101]) {
      for (const call of CALLS) {
        const before = pool.sent.length;
        pool.answers.push(fails(serverError(errno)), fails(serverError(errno)));
        const { error, afterMs } = await settle(time, call(store));
        assertEquals(error, undefined);
        assert(afterMs >= 20 && afterMs < 200, `${afterMs}`);
        assertEquals(pool.sent[before], pool.sent[before + 1]!);
      }
    }
    assertEquals([pool.destroyed, pool.taken], [0, pool.released]);
  }));

Deno.test("write() returns null for a conflict after a deadlock, which wrote nothing", () =>
  inFakeTime(async ({ time, pool, store }) => {
    pool.answers.push(fails(serverError(1213)), changed(0));
    assertEquals((await settle(time, store.write("task", BYTES, VERSION))).value, null);
    pool.answers.push(fails(serverError(1213)), fails(serverError(1062)));
    assertEquals((await settle(time, store.write("task", BYTES, null))).value, null);
  }));

Deno.test("a call throws after deadlocks without an end, within its time limit", () =>
  inFakeTime(async ({ time, pool, store }) => {
    pool.answers.push(...Array.from({ length: 1_000 }, () => fails(serverError(1213, "Deadlock found"))));
    const { error, afterMs } = await settle(time, store.read("task"));
    const state = 'the server rejected it with error 1213: current value is "Deadlock found"';
    assertEquals(error?.message, `Cannot read the record of "task" in MySQL as ${state}`);
    assert(afterMs < 2_000, `${afterMs}`);
    assertEquals(time.next(), false);
  }, { requestTimeout: { seconds: 2 } }));

Deno.test("a call throws any other error at once, with what to do about it", () =>
  inFakeTime(async ({ time, pool, store }) => {
    const cases: readonly [error: unknown, message: string, usable: boolean][] = [
      [serverError(1146), "the table does not exist: call createTable(), or create it by hand", true],
      [serverError(1046), 'the connection has no database: set the option "database"', true],
      [serverError(1142), "the user may not use the table: it needs SELECT, INSERT and UPDATE", true],
      [serverError(1054), "the table lacks a column", true],
      [serverError(1290), "it may be read-only: the store needs the primary server", false],
      [serverError(1836), "the server is read-only: the store needs the primary server", false],
      [serverError(1792), "the session is read-only", false],
      [serverError(1047), "the server is not ready", false],
      [serverError(1064, "syntax"), 'the server rejected it with error 1064: current value is "syntax"', true],
      [serverError(1053, "shutdown", { fatal: true }), "the server rejected it with error 1053", false],
      [Object.assign(new Error("read ECONNRESET"), { errno: -104, code: "ECONNRESET" }), "the call failed", false],
      [
        Object.assign(new Error(""), { code: "ECONNREFUSED" }),
        'the call failed: current value is "ECONNREFUSED"',
        false,
      ],
      [serverError(45_009, "socket closed"), 'the call failed: current value is "socket closed"', false],
      ["a text", "the call failed", false],
      [undefined, "the call failed", false],
    ];
    for (const [cause, message, usable] of cases) {
      const call = CALLS[0]!;
      pool.answers.push(fails(cause));
      const { error, afterMs } = await settle(time, call(store));
      assert(error?.message.startsWith('Cannot read the record of "task" in MySQL as '), error?.message);
      assert(error?.message.includes(message), error?.message);
      assertStrictEquals(error?.cause, cause);
      assertEquals([pool.released, pool.destroyed, afterMs], usable ? [1, 0, 0] : [0, 1, 0], message);
      pool.released = pool.destroyed = 0;
    }
  }));

Deno.test("a call throws the error of a pool that gives no connection", () =>
  inFakeTime(async ({ time, pool, store }) => {
    pool.connect = () => Promise.reject(new Error("Queue limit reached."));
    for (const call of CALLS) {
      const { error } = await settle(time, call(store));
      assert(error?.message.endsWith('as the call failed: current value is "Queue limit reached."'), error?.message);
    }
    assertEquals([pool.sent, pool.released, pool.destroyed], [[], 0, 0]);
  }));

Deno.test("a call that hangs throws after 8 s, or after requestTimeout, and closes its connection", async () => {
  for (const limitMs of [8_000, 300]) {
    await inFakeTime(async ({ time, pool, store }) => {
      for (const call of CALLS) {
        pool.answers.push(never);
        const { error, afterMs } = await settle(time, call(store));
        const state = `it did not answer within requestTimeout: current value is ${limitMs} ms`;
        assert(error?.message.endsWith(` of MySQL as ${state}`) || error?.message.endsWith(` in MySQL as ${state}`));
        assertEquals(afterMs, limitMs);
      }
      const count = CALLS.length;
      assertEquals([pool.destroyed, pool.streamsDestroyed, pool.released], [count, count, 0]);
    }, limitMs === 8_000 ? {} : { requestTimeout: limitMs });
  }
});

Deno.test("a signal ends a call at once with its reason, and frees its connection", () =>
  inFakeTime(async ({ time, pool, store }) => {
    const reason = new Error("enough");
    for (const call of CALLS) {
      assertStrictEquals(await assertRejects(() => call(store, AbortSignal.abort(reason))), reason);
    }
    assertEquals(pool.taken, 0);
    for (const call of CALLS) {
      pool.answers.push(never);
      const controller = new AbortController();
      const settled = settle(time, call(store, controller.signal));
      queueMicrotask(() => queueMicrotask(() => controller.abort(reason)));
      const { error, afterMs } = await settled;
      assertStrictEquals(error, reason);
      assertEquals(afterMs, 0);
      pool.answers.length = 0;
    }
    assertEquals(pool.taken, pool.destroyed + pool.released);
    assertEquals(time.next(), false);
  }));

Deno.test("a connection that arrives after the end of its call goes back to the pool", () =>
  inFakeTime(async ({ time, pool, store }) => {
    let arrive = (): void => {};
    pool.connect = (connection) => new Promise((resolve) => arrive = () => resolve(connection));
    const { error } = await settle(time, store.write("task", BYTES, null));
    assertEquals(error?.message.includes("did not answer within requestTimeout"), true);
    arrive();
    await time.runMicrotasks();
    assertEquals([pool.sent, pool.released, pool.destroyed], [[], 1, 0]);
  }));

Deno.test("a connection that arrives just before the end of its call goes back unused", () =>
  inFakeTime(async ({ pool, store }) => {
    const controller = new AbortController();
    pool.connect = (connection) => {
      const arrived = Promise.resolve(connection);
      arrived.then(() => controller.abort(new Error("enough")));
      return arrived;
    };
    await assertRejects(() => store.write("task", BYTES, null, controller), Error, "enough");
    for (let turn = 0; turn < 20; turn++) await undefined;
    assertEquals([pool.sent, pool.released, pool.destroyed], [[], 1, 0]);
  }));

Deno.test("a late answer or error is ignored", () =>
  inFakeTime(async ({ time, pool, store }) => {
    for (const end of ["resolve", "reject"] as const) {
      let settleLate = (): void => {};
      pool.answers.push(() =>
        new Promise((resolve, reject) =>
          settleLate = () => end === "resolve" ? resolve(changed(1)) : reject(new Error())
        )
      );
      assert((await settle(time, store.write("task", BYTES, null))).error);
      settleLate();
      await time.runMicrotasks();
    }
    assertEquals([pool.destroyed, pool.released], [2, 0]);
  }));

Deno.test("a release that fails is ignored", () =>
  inFakeTime(async ({ pool, store }) => {
    const { connect } = pool;
    pool.connect = async (connection) => ({
      ...await connect(connection),
      release: () => Promise.reject(new Error("gone")),
      destroy: () => Promise.reject(new Error("gone")),
    });
    assertEquals(await store.read("task"), null);
    pool.answers.push(fails(new Error("broken")));
    await assertRejects(() => store.read("task"), Error, "broken");
  }));

Deno.test("calls on a single connection wait for each other, and one that has ended is never sent", async () => {
  using time = new FakeTime();
  const sent: string[] = [];
  const answers: (() => unknown)[] = [];
  const connection = {
    query: ({ sql }: { sql: string }) => {
      sent.push(sql.slice(0, 6));
      return Promise.resolve(answers.shift()?.() ?? rows([...SESSION, "0", null, null]));
    },
  };
  const store = new MysqlStore({ client: connection, requestTimeout: 1_000 });
  answers.push(() => new Promise((resolve) => setTimeout(() => resolve(changed(1)), 1_500)));
  const hung = store.write("task", BYTES, null).catch(String);
  const waiting = store.read("task").catch(String);
  await time.tickAsync(1_200);
  assert(String(await hung).includes("requestTimeout") && String(await waiting).includes("requestTimeout"));
  const next = store.read("task");
  await time.tickAsync(500);
  assertEquals([await next, sent], [null, ["INSERT", "SELECT"]]);
});

Deno.test("createTable() needs no right to create a table that exists", () =>
  inFakeTime(async ({ time, pool, store }) => {
    for (const errno of [1044, 1050, 1142]) {
      pool.answers.push(fails(serverError(errno, "CREATE command denied")));
      assertEquals((await settle(time, store.createTable())).error, undefined);
      pool.answers.push(fails(serverError(errno, "CREATE command denied")), fails(serverError(1146)));
      const { error } = await settle(time, store.createTable());
      assertEquals((error?.cause as { errno: number }).errno, errno);
    }
    pool.answers.push(changed(0), fails(serverError(1054)));
    const { error } = await settle(time, store.createTable());
    assertEquals(error?.message.includes("it must be one that createTable() has made"), true);
  }));
