// The connection that listens for watches.

import { type PostgresClient, type PostgresJs, PostgresStore } from "@neat/periodic-task/stores/postgres";
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { never, ScriptedClient, ScriptedPool } from "./scripted_pool.ts";

const CHANNEL = "neat_periodic_task";

interface Setup {
  readonly time: FakeTime;
  readonly pool: ScriptedPool;
  /** Starts a watch. */
  watch(key: string, signal?: AbortSignal): AsyncIterator<void>;
}

async function inFakeTime(check: (setup: Setup) => Promise<void>): Promise<void> {
  using time = new FakeTime();
  const pool = new ScriptedPool();
  const store = new PostgresStore({ client: pool, watch: true });
  await check({ time, pool, watch: (key, signal) => watchOf(store, key, signal) });
  assertEquals(time.next(), false);
}

function watchOf(store: PostgresStore, key: string, signal?: AbortSignal): AsyncIterator<void> {
  assert(store.watch);
  return store.watch(key, signal ? { signal } : {})[Symbol.asyncIterator]();
}

/** Whether a hint is there. */
async function hasHint(time: FakeTime, hint: Promise<IteratorResult<void>>): Promise<boolean> {
  let result: IteratorResult<void> | undefined;
  hint.then((one) => result = one, () => {});
  await time.runMicrotasks();
  return result?.done === false;
}

Deno.test("watch() hints once it listens, and at notifications about its record in its schema", () =>
  inFakeTime(async ({ time, pool, watch }) => {
    const hints = watch("a");
    assert(await hasHint(time, hints.next()));
    assertEquals(pool.queries.map(({ text }) => text), [`LISTEN "${CHANNEL}"`]);
    const next = hints.next();
    for (const payload of [undefined, "", "a", "public.b", "other.a"]) {
      pool.clients[0]?.emit("notification", { channel: CHANNEL, payload });
    }
    pool.clients[0]?.emit("notification", { channel: "other", payload: "public.a" });
    assertEquals(await hasHint(time, next), false);
    pool.clients[0]?.emit("notification", { channel: CHANNEL, payload: "public.a" });
    assert(await hasHint(time, next));
    await hints.return?.();
  }));

Deno.test("watch() shares one connection, which is closed after the last watch", () =>
  inFakeTime(async ({ time, pool, watch }) => {
    const [one, other] = [watch("a"), watch("b")];
    assert(await hasHint(time, one.next()) && await hasHint(time, other.next()));
    await one.return?.();
    assertEquals([pool.clients.length, pool.clients[0]?.released], [1, undefined]);
    const third = watch("c");
    assert(await hasHint(time, third.next()));
    await other.return?.();
    await third.return?.();
    assertEquals(pool.clients.map(({ released }) => released), [true]);
    // it may fail while it is being closed
    pool.clients[0]?.emit("error", new Error("reset"));
    assertEquals(["notification", "end"].map((event) => pool.clients[0]?.listeners(event)), [0, 0]);
    const fourth = watch("a");
    assert(await hasHint(time, fourth.next()));
    assertEquals(pool.clients.length, 2);
    await fourth.return?.();
  }));

Deno.test("watch() throws when the connection fails or ends, and can be started again", () =>
  inFakeTime(async ({ time, pool, watch }) => {
    for (const event of ["error", "end"] as const) {
      const all = [watch("a"), watch("b")];
      for (const hints of all) assert(await hasHint(time, hints.next()));
      const client = pool.clients.at(-1);
      const next = all.map((hints) => assertRejects(() => hints.next(), Error, event));
      if (event === "error") client?.emit("error", new Error("an error"));
      else client?.emit("end");
      await Promise.all(next);
      assertEquals(client?.released, true);
    }
    const hints = watch("a");
    assert(await hasHint(time, hints.next()));
    assertEquals(pool.clients.length, 3);
    await hints.return?.();
  }));

Deno.test("watch() throws if it can't listen, and gives the connection back", () =>
  inFakeTime(async ({ pool, watch }) => {
    pool.answers.push(() => Promise.reject(new Error("refused")));
    await assertRejects(() => watch("a").next(), Error, "Cannot watch the records in");
    assertEquals(pool.clients[0]?.released, true);
  }));

Deno.test("watch() throws after requestTimeout if no connection is free, and one that arrives late goes back", () =>
  inFakeTime(async ({ time, pool, watch }) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    pool.beforeConnect = () => promise;
    const next = assertRejects(() => watch("a").next(), Error, "did not answer within requestTimeout");
    await time.tickAsync(8_000);
    await next;
    resolve();
    await time.runMicrotasks();
    assertEquals(pool.clients.map(({ released }) => released), [false]);
  }));

Deno.test("watch() ends at its signal, also while it waits for a connection or for the database", () =>
  inFakeTime(async ({ time, pool, watch }) => {
    for (const waitsForPool of [true, false]) {
      pool.beforeConnect = waitsForPool ? never : () => Promise.resolve();
      pool.answers.push(never);
      const controller = new AbortController();
      const next = watch("a", controller.signal).next();
      await time.runMicrotasks();
      controller.abort();
      assertEquals((await next).done, true);
      await time.runMicrotasks();
    }
    assertEquals(pool.clients.map(({ released }) => released), [true]);
    assertEquals((await watch("a", AbortSignal.abort()).next()).done, true);
  }));

Deno.test("watch() throws for a name that the table can't hold", () =>
  inFakeTime(async ({ watch }) => {
    await assertRejects(() => watch("a\0").next(), RangeError, "Cannot use the key in PostgreSQL");
  }));

Deno.test("watch() of a Client listens on it, and stops", async () => {
  using time = new FakeTime();
  const pool = new ScriptedPool();
  const client = new ScriptedClient(pool);
  const store = new PostgresStore({ client: client as unknown as PostgresClient, watch: true });
  const hints = watchOf(store, "a");
  assert(await hasHint(time, hints.next()));
  const next = hints.next();
  client.emit("notification", { channel: CHANNEL, payload: "public.a" });
  assert(await hasHint(time, next));
  await hints.return?.();
  await time.runMicrotasks();
  assertEquals(pool.queries.map(({ text }) => text), [`LISTEN "${CHANNEL}"`, `UNLISTEN "${CHANNEL}"`]);
  assertEquals(["notification", "end", "error"].map((event) => client.listeners(event)), [0, 0, 0]);
  assertEquals(client.released, undefined);
});

Deno.test("watch() of Postgres.js hints when it listens again, and never after its end", async () => {
  using time = new FakeTime();
  let handlers: { notified: (payload: string) => void; listening: (() => void) | undefined } | undefined;
  let ends = 0;
  const sql: PostgresJs = Object.assign(() => {}, {
    unsafe: () => {
      throw new Error("not called");
    },
    listen: (channel: string, notified: (payload: string) => void, listening?: () => void) => {
      assertMatch(channel, /^neat_periodic_task$/);
      handlers = { notified, listening };
      listening?.();
      return Promise.resolve({ unlisten: () => Promise.resolve(ends++) });
    },
    subscribe: () => {},
  });
  const hints = watchOf(new PostgresStore({ client: sql, watch: true }), "a");
  assert(await hasHint(time, hints.next()));
  const again = hints.next();
  assertEquals(await hasHint(time, again), false);
  handlers?.listening?.();
  assert(await hasHint(time, again));
  const notified = hints.next();
  handlers?.notified("public.a");
  assert(await hasHint(time, notified));
  await hints.return?.();
  assertEquals(ends, 1);
  handlers?.notified("public.a");
  handlers?.listening?.();
});

/** A client of Postgres.js whose `listen()` a test answers, with the listeners that it keeps as the driver does. */
class ScriptedPostgresJs {
  readonly starts: PromiseWithResolvers<void>[] = [];
  readonly channels: Record<string, { readonly result: Promise<void>; listeners: { readonly fn: unknown }[] }> = {};
  ends = 0;

  get client(): PostgresJs {
    const { channels } = this;
    const listen = async (name: string, fn: unknown, listening?: () => void) => {
      const listener = { fn };
      let channel = channels[name];
      if (channel) channel.listeners.push(listener);
      else {
        const start = Promise.withResolvers<void>();
        this.starts.push(start);
        channel = channels[name] = { result: start.promise, listeners: [listener] };
      }
      await channel.result;
      listening?.();
      const unlisten = () => {
        const kept = channels[name];
        if (!kept) return Promise.resolve();
        kept.listeners = kept.listeners.filter((one) => one !== listener);
        if (kept.listeners.length === 0) delete channels[name];
        return Promise.resolve(this.ends++);
      };
      return { unlisten };
    };
    const unsafe = never as unknown as PostgresJs["unsafe"];
    return Object.assign(() => {}, { unsafe, listen: Object.assign(listen, { channels }), subscribe: () => {} });
  }

  /** Connects again, which gives each listener a new object. */
  reconnect(): void {
    for (const channel of Object.values(this.channels)) channel.listeners = channel.listeners.map(({ fn }) => ({ fn }));
  }

  get listeners(): number {
    return Object.values(this.channels).flatMap(({ listeners }) => listeners).length;
  }
}

Deno.test("watch() of Postgres.js leaves no listener each time that it can't listen, and then tries again", async () => {
  using time = new FakeTime();
  const sql = new ScriptedPostgresJs();
  const store = new PostgresStore({ client: sql.client, watch: true });
  for (let failure = 0; failure < 3; failure++) {
    const next = assertRejects(() => watchOf(store, "a").next(), Error, "refused");
    await time.runMicrotasks();
    sql.starts.at(-1)?.reject(new Error("refused"));
    await next;
    assertEquals([sql.starts.length, sql.listeners], [failure + 1, 0]);
  }
  const hints = watchOf(store, "a");
  const next = hints.next();
  await time.runMicrotasks();
  sql.starts.at(-1)?.resolve();
  assert(await hasHint(time, next));
  await hints.return?.();
  assertEquals([sql.listeners, sql.ends], [0, 1]);
});

Deno.test("watch() of Postgres.js has one listener while its start is not answered, however often it is started", async () => {
  using time = new FakeTime();
  const sql = new ScriptedPostgresJs();
  const store = new PostgresStore({ client: sql.client, watch: true });
  for (let failure = 0; failure < 3; failure++) {
    const next = assertRejects(() => watchOf(store, "a").next(), Error, "did not answer within requestTimeout");
    await time.tickAsync(8_000);
    await next;
    assertEquals([sql.starts.length, sql.listeners], [1, 1]);
  }
  const hints = watchOf(store, "a");
  const next = hints.next();
  await time.runMicrotasks();
  sql.starts[0]?.resolve();
  assert(await hasHint(time, next));
  assertEquals([sql.listeners, sql.ends], [1, 0]);
  await hints.return?.();
  assertEquals([sql.listeners, sql.ends], [0, 1]);
});

Deno.test("watch() of Postgres.js leaves no listener if it was ended before it listened, or had listened again", async () => {
  using time = new FakeTime();
  const sql = new ScriptedPostgresJs();
  const store = new PostgresStore({ client: sql.client, watch: true });
  const controller = new AbortController();
  const aborted = watchOf(store, "a", controller.signal).next();
  await time.runMicrotasks();
  controller.abort();
  assertEquals((await aborted).done, true);
  sql.starts[0]?.resolve();
  await time.runMicrotasks();
  assertEquals(sql.listeners, 0);
  const hints = watchOf(store, "a");
  const next = hints.next();
  await time.runMicrotasks();
  sql.starts[1]?.resolve();
  assert(await hasHint(time, next));
  sql.reconnect();
  await hints.return?.();
  await time.runMicrotasks();
  assertEquals(sql.listeners, 0);
});
