// What the store does with clients of Postgres.js, Bun and PGlite, in fake time.

import { type BunSql, type PgLite, type PostgresJs, PostgresStore } from "@neat/periodic-task/stores/postgres";
import { assertEquals, assertMatch, assertRejects, assertStrictEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { settle } from "../helpers/settle.ts";
import { never, PRIMARY } from "./scripted_pool.ts";

const RECORD = new Uint8Array([1]);
const NONE = [[...PRIMARY, "1", null, null]];

type Answer = () => Promise<unknown[][]>;

/** A statement that is sent when somebody waits for it. */
class ScriptedQuery implements PromiseLike<unknown> {
  readonly #answer: Answer;
  cancels = 0;
  state: unknown = null;
  hasArrays = false;

  constructor(answer: Answer) {
    this.#answer = answer;
  }

  then<A = unknown, B = never>(
    resolve?: ((value: unknown) => A | PromiseLike<A>) | null,
    reject?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#answer().then(resolve, reject);
  }

  values(): this {
    this.hasArrays = true;
    return this;
  }

  cancel(): void {
    this.cancels++;
  }
}

/** The statements of a client, and their answers. */
class Script {
  readonly queries: ScriptedQuery[] = [];
  readonly sent: { readonly text: string; readonly values: string[] | undefined }[] = [];
  answer: Answer = () => Promise.resolve(NONE);

  readonly unsafe = (text: string, values?: string[]): ScriptedQuery => {
    this.sent.push({ text, values });
    const query = new ScriptedQuery(() => this.answer());
    this.queries.push(query);
    return query;
  };
}

function postgresJs(script: Script): PostgresJs {
  return Object.assign(() => {}, { unsafe: script.unsafe, listen: never, subscribe: () => {} });
}

Deno.test("Postgres.js: rows are arrays, and a statement goes to any connection", async () => {
  const script = new Script();
  const store = new PostgresStore({ client: postgresJs(script) });
  assertEquals(await store.read("a"), null);
  assertEquals([script.sent[0]?.values, script.queries[0]?.hasArrays], [["a"], true]);
});

Deno.test("Postgres.js: a statement in the queue is cancelled at the end of its call, and one that was sent is not", async () => {
  using time = new FakeTime();
  for (const [state, cancels] of [[null, 1], [{ pid: 1 }, 0]]) {
    const script = new Script();
    script.answer = never;
    const store = new PostgresStore({ client: postgresJs(script) });
    const controller = new AbortController();
    const pending = assertRejects(() => store.read("a", controller), Error, "enough");
    await time.runMicrotasks();
    const [query] = script.queries;
    if (query) query.state = state;
    controller.abort(new Error("enough"));
    await pending;
    assertEquals(query?.cancels, cancels);
  }
});

/** A client of Bun that keeps how often connections were reserved and released. */
class ScriptedBun {
  readonly script: Script = new Script();
  reserved = 0;
  released = 0;
  beforeReserve: () => Promise<void> = () => Promise.resolve();

  get client(): BunSql {
    const release = (): number => ++this.released;
    const reserve = async (): Promise<{ unsafe: Script["unsafe"]; release: () => number }> => {
      await this.beforeReserve();
      this.reserved++;
      return { unsafe: this.script.unsafe, release };
    };
    return Object.assign(() => {}, { unsafe: this.script.unsafe, reserve });
  }
}

Deno.test("Bun.sql: a statement has a connection of its own, which is released after an answer and after an error", async () => {
  const bun = new ScriptedBun();
  const store = new PostgresStore({ client: bun.client });
  assertEquals(await store.read("a"), null);
  bun.script.answer = () => Promise.reject(new Error("Connection closed"));
  await assertRejects(() => store.read("a"), Error, "Connection closed");
  assertEquals([bun.reserved, bun.released, bun.script.queries.map(({ cancels }) => cancels)], [2, 2, [0, 0]]);
});

Deno.test("Bun.sql: a connection that has ended and can't be given back is no unhandled rejection", async () => {
  const bun = new ScriptedBun();
  const release = (): Promise<never> => Promise.reject(new Error("Connection closed"));
  const client = Object.assign(() => {}, {
    unsafe: bun.script.unsafe,
    reserve: () => Promise.resolve({ unsafe: bun.script.unsafe, release }),
  });
  const store = new PostgresStore({ client });
  // an unhandled rejection would fail the test
  assertEquals(await store.read("a"), null);
  bun.script.answer = () => Promise.reject(new Error("Connection closed"));
  await assertRejects(() => store.read("a"), Error, "Connection closed");
  await new Promise((resolve) => setTimeout(resolve, 0));
});

Deno.test("Bun.sql: a connection that arrives late is released", async () => {
  using time = new FakeTime();
  const bun = new ScriptedBun();
  const { promise, resolve } = Promise.withResolvers<void>();
  bun.beforeReserve = () => promise;
  const store = new PostgresStore({ client: bun.client });
  assertEquals((await settle(time, store.read("a"))).afterMs, 8_000);
  resolve();
  await time.runMicrotasks();
  assertEquals([bun.reserved, bun.released, bun.script.sent.length], [1, 1, 0]);
});

Deno.test("Bun.sql: the connection of a cancelled statement is released when the statement has ended", async () => {
  using time = new FakeTime();
  const bun = new ScriptedBun();
  const { promise, reject } = Promise.withResolvers<unknown[][]>();
  bun.script.answer = () => promise;
  const store = new PostgresStore({ client: bun.client, requestTimeout: 100 });
  const { error } = await settle(time, store.write("a", RECORD, null));
  assertMatch(error?.message ?? "", /did not answer/);
  assertEquals([bun.released, bun.script.queries[0]?.cancels], [0, 1]);
  reject(new Error("canceling statement due to user request"));
  await time.runMicrotasks();
  assertEquals(bun.released, 1);
});

Deno.test("PGlite: calls wait for each other, and one that has ended is never sent", async () => {
  using time = new FakeTime();
  const sent: unknown[] = [];
  const { promise, resolve } = Promise.withResolvers<{ rows: unknown[] }>();
  const answers = [promise, Promise.resolve({ rows: NONE })];
  const client: PgLite = {
    query: (_text, values, options) => {
      sent.push([values?.[0], options]);
      return answers.shift() ?? never();
    },
    exec: () => {},
    listen: never,
  };
  const store = new PostgresStore({ client, requestTimeout: 100 });
  const first = settle(time, store.read("a"));
  const aborted = new AbortController();
  const second = store.write("b", RECORD, null, aborted).catch((error) => error);
  aborted.abort("enough");
  assertStrictEquals(await second, "enough");
  await first;
  resolve({ rows: NONE });
  assertEquals(await store.read("c"), null);
  assertEquals(sent, [["a", { rowMode: "array" }], ["c", { rowMode: "array" }]]);
});
