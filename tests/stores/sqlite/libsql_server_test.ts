// @libsql/client over HTTP, against a fake server on a port that fails by a script.

import { NeatPeriodicTaskScheduler } from "@neat/periodic-task";
import { SqliteStore } from "@neat/periodic-task/stores/sqlite";
import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { FakeLibsql } from "../../../internal/servers/fake_libsql.ts";
import { FaultServer } from "../../../internal/servers/fault_server.ts";
import type { Fault } from "../../../internal/servers/fault_service.ts";
import { SILENT } from "../../helpers/log.ts";
import { errorOf } from "../helpers/errors.ts";
import { openLibsql, type TestedClient } from "./libsql.ts";

const BYTES = new Uint8Array([1, 2, 3]);
const OTHER = new Uint8Array([4]);
const HASTY_MS = 200;

interface ServerSetup {
  readonly service: FakeLibsql;
  readonly store: SqliteStore;
  /** A store with a client of its own, whose calls end soon. */
  readonly hasty: SqliteStore;
}

/** Opens a client whose `fetch` ends a request that is not answered. Adds its requests to a list. */
function openLimited(url: string, limitMs: number, sent: Promise<unknown>[]): TestedClient {
  const limited = (input: Request | URL | string): Promise<Response> => {
    const response = fetch(input, { signal: AbortSignal.timeout(limitMs) });
    sent.push(response);
    return response;
  };
  return openLibsql(url, { fetch: limited as typeof fetch });
}

/** Runs a test with two stores on a server. */
async function withServer(check: (setup: ServerSetup) => Promise<void>): Promise<void> {
  using service = new FakeLibsql();
  await using server = new FaultServer(service);
  const sent: Promise<unknown>[] = [];
  const clients = [openLimited(server.url, 8_000, sent), openLimited(server.url, HASTY_MS, sent)] as const;
  const store = new SqliteStore({ database: clients[0] });
  const hasty = new SqliteStore({ database: clients[1], requestTimeout: HASTY_MS });
  await check({ service, store, hasty });
  for (const client of clients) client.close();
  // a call that has ended may have left a request, which ends in time
  await Promise.allSettled(sent);
}

Deno.test("a call is one request, and the table is created by the first one", () =>
  withServer(async ({ service, store }) => {
    assertEquals(await store.read("task"), null);
    assertEquals(service.lines.length, 3);
    const version = await store.write("task", BYTES, null);
    const entry = await store.read("task");
    assertEquals([entry?.value, entry?.version, entry?.value.constructor], [BYTES, version, Uint8Array]);
    assertEquals(await store.write("task", OTHER, "other"), null);
    assertEquals(service.lines, Array(6).fill("POST /v2/pipeline"));
  }));

const BROKEN: Readonly<Record<string, Fault>> = {
  "the reply is cut": { ends: "truncated" },
  "the reply is never sent": { ends: "never" },
  "the reply stalls": { ends: "stalled", reply: { status: 200, body: "{ }" } },
  "the server is overloaded": { reply: { status: 503 } },
  "a proxy answers with a page": { reply: { status: 200, headers: { "content-type": "text/html" }, body: "<html>" } },
};

for (const [what, fault] of Object.entries(BROKEN)) {
  for (const takesEffect of [false, true]) {
    Deno.test(`${what} ${takesEffect ? "after" : "before"} a write: it throws, and a read shows what happened`, () =>
      withServer(async ({ service, store, hasty }) => {
        const version = await store.write("task", BYTES, null);
        service.failFirst({ ...fault, takesEffect });
        await assertRejects(() => hasty.write("task", OTHER, version), Error, "Cannot write the record");
        const entry = await store.read("task");
        assertEquals(entry?.value, takesEffect ? OTHER : BYTES);
        service.failFirst({ ...fault, takesEffect });
        await assertRejects(() => hasty.read("task"), Error, "Cannot read the record");
        assert(await store.write("task", BYTES, entry?.version ?? "") !== null);
      }));
  }
}

for (const takesEffect of [false, true]) {
  Deno.test(`the connection closes ${takesEffect ? "after" : "before"} a write: it throws, or fetch() repeats it`, () =>
    withServer(async ({ service, store }) => {
      await store.read("task");
      let before = await store.read("task");
      // Deno's fetch() repeats a request on a connection that was used before, even if the server has received it
      for (const value of [BYTES, OTHER, BYTES]) {
        service.failFirst({ ends: "lost", takesEffect });
        const answer = await store.write("task", value, before?.version ?? null).catch((error) => error);
        const entry = await store.read("task");
        if (answer instanceof Error) assertEquals(entry?.value, takesEffect ? value : before?.value);
        else assertEquals([entry?.value, entry?.version], [value, answer]);
        before = entry;
      }
    }));
}

Deno.test("a write that is repeated has the effect of one, unless another one came in between", async () => {
  using service = new FakeLibsql();
  await using server = new FaultServer(service);
  const client = openLibsql(server.url);
  let repeats = true;
  const twice = {
    execute: async (statement: Parameters<TestedClient["execute"]>[0]) => {
      if (repeats) await client.execute(statement);
      return await client.execute(statement);
    },
  };
  const store = new SqliteStore({ database: twice });
  const first = await store.write("task", BYTES, null);
  assertEquals([typeof first, (await store.read("task"))?.version], ["string", first ?? ""]);
  assertEquals(await store.write("task", OTHER, null), null);
  const second = await store.write("task", OTHER, first);
  assertEquals([typeof second, (await store.read("task"))?.value], ["string", OTHER]);
  assertEquals(await store.write("task", BYTES, first), null);
  repeats = false;
  assertEquals((await store.read("task"))?.version, second ?? "");
  client.close();
});

Deno.test("a server whose database is locked is asked again", () =>
  withServer(async ({ service, store }) => {
    const version = await store.write("task", BYTES, null);
    const before = service.requests.length;
    const error = { message: "SQLite error: database is locked", code: "SQLITE_BUSY" };
    const body = JSON.stringify({
      baton: null,
      base_url: null,
      results: [{ type: "error", error }, { type: "ok", response: { type: "close" } }],
    });
    const busy = { reply: { status: 200, headers: { "content-type": "application/json" }, body } };
    service.failFirst(busy, busy);
    assert(await store.write("task", OTHER, version) !== null);
    assertEquals(service.requests.length - before, 3);
  }));

Deno.test("a wrong token is an error that does not show it", async () => {
  using service = new FakeLibsql();
  service.token = "right";
  await using server = new FaultServer(service);
  const client = openLibsql(`${server.url}?authToken=secret-token`);
  const store = new SqliteStore({ database: client });
  for (const call of [() => store.read("task"), () => store.write("task", BYTES, null)]) {
    const error = await errorOf(call());
    assert(error.message.includes("401"), error.message);
    assert(!Deno.inspect(error).includes("secret-token"), Deno.inspect(error));
  }
  client.close();
});

Deno.test("an abort ends a call that is not answered at once", () =>
  withServer(async ({ service, hasty, store }) => {
    await store.read("task");
    service.script = () => ({ ends: "never" });
    const controller = new AbortController();
    const reason = new Error("stopped");
    const answer = assertRejects(() => hasty.read("task", { signal: controller.signal }));
    controller.abort(reason);
    assertStrictEquals(await answer, reason);
    service.script = () => undefined;
    assertEquals(await store.read("task"), null);
  }));

Deno.test("a scheduler survives a server that is down, and runs again when it is back", () =>
  withServer(async ({ service, store }) => {
    const runs: number[] = [];
    let [isDown, isBack] = [false, false];
    const scheduler = new NeatPeriodicTaskScheduler({
      name: "task",
      interval: 200,
      minCycle: 50,
      timeout: 100,
      store,
      log: SILENT,
      task: ({ term }) => void runs.push(term),
    });
    const errors = Promise.withResolvers<void>();
    const back = Promise.withResolvers<void>();
    scheduler.addEventListener("storeerror", () => errors.resolve());
    scheduler.addEventListener("storeback", () => isBack = true);
    scheduler.addEventListener("finished", () => isDown || !isBack || back.resolve());
    service.script = () => isDown ? { ends: "lost" } : undefined;
    await scheduler.trigger();
    scheduler.start();
    isDown = true;
    await errors.promise;
    const before = runs.length;
    isDown = false;
    await back.promise;
    assert(runs.length > before);
    await scheduler.stop();
  }));
