// Limits, signals, errors and what a call gives back, in fake time.

import { type PostgresClient, PostgresStore } from "@neat/periodic-task/stores/postgres";
import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { settle } from "../helpers/settle.ts";
import { DatabaseError, fails, never, PRIMARY, ScriptedClient, ScriptedPool } from "./scripted_pool.ts";

const RECORD = new Uint8Array([1]);
const NONE = [[...PRIMARY, "1", null, null]];

interface Setup {
  readonly time: FakeTime;
  readonly pool: ScriptedPool;
  readonly store: PostgresStore;
}

async function inFakeTime(check: (setup: Setup) => Promise<void>): Promise<void> {
  using time = new FakeTime();
  const pool = new ScriptedPool();
  await check({ time, pool, store: new PostgresStore({ client: pool }) });
}

Deno.test("a connection goes back to the pool after an answer, and after an error of the database", () =>
  inFakeTime(async ({ pool, store }) => {
    pool.answers.push(NONE, fails(new DatabaseError("22000")));
    await store.read("a");
    await assertRejects(() => store.read("a"), Error, "the database rejected it with 22000: current value is");
    assertEquals(pool.clients.map(({ released }) => released), [false, false]);
    assertEquals(pool.clients.map((client) => client.listeners("error")), [0, 0]);
  }));

Deno.test("a connection is closed after an error without a code, as its answer may still come", () =>
  inFakeTime(async ({ pool, store }) => {
    pool.answers.push(fails(new Error("Query read timeout")));
    await assertRejects(() => store.read("a"), Error, 'as the call failed: current value is "Query read timeout"');
    assertEquals(pool.clients[0]?.released, true);
    // it may fail while it is being closed
    pool.clients[0]?.emit("error", new Error("reset"));
  }));

Deno.test("a call that is not answered ends after 8 s, and its connection is closed", () =>
  inFakeTime(async ({ time, pool, store }) => {
    for (const call of [() => store.read("a"), () => store.write("a", RECORD, null)]) {
      pool.answers.push(never);
      const { error, afterMs } = await settle<unknown>(time, call());
      assertEquals(afterMs, 8_000);
      assertEquals(
        error?.message.replace(/read|write/, "use"),
        'Cannot use the record of "a" in "public"."neat_periodic_task" of ' +
          "PostgreSQL as it did not answer within requestTimeout: current value is 8000 ms",
      );
    }
    assertEquals(pool.clients.map(({ released }) => released), [true, true]);
  }));

Deno.test("the limit covers the wait for a connection, and one that arrives late goes back", () =>
  inFakeTime(async ({ time, pool, store }) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    pool.beforeConnect = () => promise;
    const { afterMs } = await settle(time, store.read("a"));
    assertEquals([afterMs, pool.queries.length], [8_000, 0]);
    resolve();
    await time.runMicrotasks();
    assertEquals(pool.clients.map(({ released }) => released), [false]);
    assertEquals(pool.queries, []);
  }));

Deno.test("a signal ends a call at once with its reason: before it is sent, at the pool, and while it is pending", () =>
  inFakeTime(async ({ time, pool, store }) => {
    const reason = new Error("enough");
    assertStrictEquals(await assertRejects(() => store.read("a", { signal: AbortSignal.abort(reason) })), reason);
    assertEquals(pool.clients.length, 0);
    for (const waitsForPool of [true, false]) {
      pool.beforeConnect = waitsForPool ? never : () => Promise.resolve();
      pool.answers.push(never);
      const controller = new AbortController();
      const pending = store.write("a", RECORD, null, controller);
      await time.runMicrotasks();
      controller.abort(reason);
      assertStrictEquals(await assertRejects(() => pending), reason);
    }
    assertEquals(pool.clients.map(({ released }) => released), [true]);
    assertEquals(time.next(), false);
  }));

Deno.test("a failure of a connection during a call does not end the process", () =>
  inFakeTime(async ({ time, pool, store }) => {
    const { promise, reject } = Promise.withResolvers<never>();
    pool.answers.push(() => promise);
    const outcome = assertRejects(() => store.read("a"), Error, "Connection terminated");
    await time.runMicrotasks();
    pool.clients[0]?.emit("error", new Error("Connection terminated"));
    reject(new Error("Connection terminated"));
    await outcome;
    assertEquals(pool.clients[0]?.released, true);
  }));

Deno.test("a statement that did nothing as another transaction was in the way is repeated", () =>
  inFakeTime(async ({ time, pool, store }) => {
    for (const code of ["40001", "40P01"]) {
      pool.answers.push(fails(new DatabaseError(code)), fails(new DatabaseError(code)), []);
      assertEquals((await settle(time, store.write("a", RECORD, crypto.randomUUID()))).value, null);
    }
    assertEquals(pool.queries.length, 6);
    assertEquals(pool.queries[0], pool.queries[2]);
  }));

Deno.test("a statement that is always in the way of others fails within the limit", () =>
  inFakeTime(async ({ time, pool, store }) => {
    pool.answers.push(...Array.from({ length: 1_000 }, () => fails(new DatabaseError("40001"))));
    const { error, afterMs } = await settle(time, store.write("a", RECORD, null));
    assertEquals(error?.message.includes("40001") && afterMs <= 8_000, true);
  }));

Deno.test("errors of the database say what to do", () =>
  inFakeTime(async ({ pool, store }) => {
    const hints = {
      "25006": "only allows reads",
      "26000": 'set the client\'s option "prepare" to false',
      "3F000": "the schema does not exist",
      "42501": "the role needs SELECT, INSERT and UPDATE",
      "42703": "the table lacks a column",
      "42P01": "call createTable(), or create it by hand",
      "42P05": 'set the client\'s option "prepare" to false',
      "55P03": "another transaction has locked the record",
    };
    for (const [code, hint] of Object.entries(hints)) {
      const cause = new DatabaseError(code);
      // Bun has the code in another property
      const causeOfBun = Object.assign(new Error("error"), { code: "ERR_POSTGRES_SERVER_ERROR", errno: code });
      for (const one of [cause, causeOfBun]) {
        pool.answers.push(fails(one));
        const error = await assertRejects(() => store.write("a", RECORD, null), Error, hint);
        assertStrictEquals(error.cause, one);
      }
    }
  }));

Deno.test("errors without a message have their code", () =>
  inFakeTime(async ({ pool, store }) => {
    pool.beforeConnect = () => Promise.reject(Object.assign(new AggregateError([]), { code: "ECONNREFUSED" }));
    await assertRejects(() => store.read("a"), Error, 'as the call failed: current value is "ECONNREFUSED"');
  }));

Deno.test("calls on one Client wait for each other, and one that has ended is never sent", () =>
  inFakeTime(async ({ time, pool }) => {
    const client = new ScriptedClient(pool);
    const store = new PostgresStore({ client: client as unknown as PostgresClient, requestTimeout: 1_000 });
    const { promise, resolve } = Promise.withResolvers<unknown[][]>();
    pool.answers.push(() => promise, NONE);
    const hung = settle(time, store.read("a"));
    const waiting = store.write("b", RECORD, null).catch((error) => error.message);
    await hung;
    assertEquals(/did not answer/.test(await waiting), true);
    assertEquals(pool.queries.length, 1);
    resolve(NONE);
    assertEquals(await store.read("c"), null);
    assertEquals(pool.queries.map(({ values }) => values[0]), ["a", "c"]);
  }));

Deno.test("a connection is closed after an error with which the database ends it, and after one of the system", () =>
  inFakeTime(async ({ pool, store }) => {
    pool.answers.push(
      fails(Object.assign(new DatabaseError("57P01"), { severity: "FATAL" })),
      fails(Object.assign(new Error("write EPIPE"), { code: "EPIPE" })),
    );
    await assertRejects(() => store.read("a"), Error, "57P01");
    await assertRejects(() => store.read("a"), Error, "as the call failed");
    assertEquals(pool.clients.map(({ released }) => released), [true, true]);
  }));
