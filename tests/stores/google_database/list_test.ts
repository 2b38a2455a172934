// The lists of both databases.

import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import type { StatusStore } from "../../../mod.ts";
import type { FakeDatabase } from "../../helpers/fake_database.ts";
import type { FakeDatastore } from "../../helpers/fake_datastore.ts";
import { errorOf } from "../helpers/errors.ts";
import { fixedRandom } from "../helpers/globals.ts";
import { keysOf } from "../helpers/keys_of.ts";
import { settle } from "../helpers/settle.ts";
import { answer, DATASTORE, FIRESTORE, KINDS, messages, RECORD, type Setup, setUp, storeOn } from "./setup.ts";

/** The encoded names are several of these. */
const KEYS = [
  "a",
  "b",
  "a/b",
  "%",
  "%2F",
  ".",
  "..",
  "...",
  "__a__",
  "__proto__",
  "日本",
  "\u{1f600}",
  "é".repeat(500),
];

/** Writes records at many keys, without requests. */
function fill({ service }: Setup, count: number, kind = DATASTORE): void {
  for (let index = 0; index < count; index++) {
    kind.put(service, { record: kind.property("") }, `task-${String(index).padStart(5, "0")}`);
  }
}

/** Starts a list. */
function iterate(store: StatusStore, signal?: AbortSignal): AsyncIterator<string> {
  return store.list!(signal && { signal })[Symbol.asyncIterator]();
}

function requestsOf({ requests }: FakeDatabase): number {
  return requests.length;
}

for (const kind of KINDS) {
  const test = (name: string, fn: () => void | Promise<void>): void => Deno.test(`${kind.service}: ${name}`, fn);

  test("list() yields the keys of all records once", async () => {
    const { store } = setUp(kind);
    assertEquals(await keysOf(store), []);
    for (const key of KEYS) await store.write(key, RECORD, null);
    await store.read("never written");
    assertEquals((await keysOf(store)).toSorted(), KEYS.toSorted());
  });

  test("list() yields each key once over several pages, which it reads as they are consumed", async () => {
    for (const count of [99, 100, 101, 250]) {
      const setup = setUp(kind);
      fill(setup, count, kind);
      const keys = await keysOf(setup.store);
      assertEquals([keys.length, new Set(keys).size], [count, count]);
    }
    const setup = setUp(kind);
    fill(setup, 250, kind);
    const { service, store } = setup;
    const keys = iterate(store);
    assertEquals(requestsOf(service), 0);
    for (let index = 0; index < 100; index++) await keys.next();
    assertEquals(requestsOf(service), 1);
    assertEquals((await keys.next()).value, "task-00100");
    assertEquals(requestsOf(service), 2);
    await keys.return?.();
    assertEquals([(await keys.next()).done, requestsOf(service)], [true, 2]);
  });

  test("list() leaves out names that no key has, and goes on after a page of them", async () => {
    const { service, store } = setUp(kind);
    for (const name of ["%", "%2f", "a%20b", "%41", "100%25%"]) kind.put(service, {}, name);
    for (let index = 0; index < 120; index++) kind.put(service, {}, `%41${index}`);
    await store.write("task", RECORD, null);
    assertEquals(await keysOf(store), ["task"]);
    assertEquals(requestsOf(service), 3);
  });

  test("list() sees no record of another collection, kind, database or project", async () => {
    const { service } = setUp(kind);
    service.databases.add("other");
    const others = [{ projectId: "other" }, { databaseId: "other" }];
    const ownOthers = kind === DATASTORE ? [{ kind: "Other" }, { namespace: "other" }] : [{ collection: "other" }];
    const all = [{}, ...others, ...ownOthers].map((options) => storeOn(kind, service, options));
    for (const [index, store] of all.entries()) await store.write(`task of ${index}`, RECORD, null);
    for (const [index, store] of all.entries()) assertEquals(await keysOf(store), [`task of ${index}`]);
  });

  test("list() throws the reason of its signal, before it, during a page and between two keys", async () => {
    const setup = setUp(kind);
    fill(setup, 150, kind);
    const { service, store } = setup;
    await assertRejects(() => keysOf(store, AbortSignal.abort(new Error("before"))), Error, "before");
    assertEquals(requestsOf(service), 0);
    const between = new AbortController();
    const keys = iterate(store, between.signal);
    await keys.next();
    between.abort(new Error("between"));
    await assertRejects(() => keys.next(), Error, "between");
    for (const ended of [1, 2]) {
      const during = new AbortController();
      const first = requestsOf(service);
      service.script = (_request, count) => {
        if (count - first !== ended) return undefined;
        queueMicrotask(() => during.abort(new Error("during")));
        return { ends: "never" };
      };
      await assertRejects(() => keysOf(store, during.signal), Error, "during");
    }
  });

  test("list() limits each page by requestTimeout, and repeats a request without an answer", async () => {
    using _random = fixedRandom(0);
    using time = new FakeTime();
    const setup = setUp(kind, { requestTimeout: 1_000 });
    fill(setup, 150, kind);
    const { service, store } = setup;
    service.script = (_request, count) =>
      count % 2 ? { ends: "never" } : { after: new Promise((resolve) => setTimeout(resolve, 100)) };
    const { value, afterMs } = await settle(time, keysOf(store));
    assertEquals([value?.length, requestsOf(service), afterMs > 1_000], [150, 4, true]);
    service.script = () => ({ ends: "never" });
    const hung = await settle(time, keysOf(store));
    assertEquals(hung.afterMs, 1_000);
    assertStringIncludes(hung.error?.message ?? "", `Cannot list the records at ${kind.listAddress} as `);
  });

  test("list() throws if the service rejects it, and names the permission", async () => {
    const { service, store } = setUp(kind);
    service.failFirst({ reply: { status: 403, body: "{}" } });
    assertEquals(
      (await errorOf(keysOf(store))).message,
      `Cannot list the records at ${kind.listAddress} as the account may lack datastore.entities.list, ` +
        "which roles/datastore.user has: current value is HTTP 403",
    );
  });

  test("list() throws for an answer of another form", async () => {
    const stranded = { batch: { moreResults: "NOT_FINISHED" } };
    const error = { error: { code: 8, message: "quota", status: "RESOURCE_EXHAUSTED" } };
    const name = "projects/p/databases/(default)/documents/c/task";
    const answers = kind === DATASTORE
      ? [{}, [], { batch: { entityResults: {} } }, stranded, "text"]
      : [{}, "text", [{}], [{ document: { name } }, error]];
    for (const message of answers) {
      const { service, store } = setUp(kind);
      service.failFirst(answer(message));
      assertStringIncludes((await errorOf(keysOf(store))).message, "as the answer must hold ");
    }
    const { service, store } = setUp(kind);
    service.failFirst({ reply: { status: 200, body: '{"batch":' } });
    assertStringIncludes((await errorOf(keysOf(store))).message, "as the answer must hold ");
  });
}

Deno.test("Datastore: list() sends a query for names alone", async () => {
  const { service, store } = setUp(DATASTORE, { databaseId: "tasks", namespace: "n", kind: "Task" });
  service.databases.add("tasks");
  await keysOf(store);
  const partitionId = { projectId: "project", databaseId: "tasks", namespaceId: "n" };
  const query = { kind: [{ name: "Task" }], projection: [{ property: { name: "__key__" } }], limit: 100 };
  assertEquals(messages(service), [{ databaseId: "tasks", partitionId, query }]);
});

Deno.test("Datastore: list() leaves out entities with a parent or a number", async () => {
  const { service, store } = setUp(DATASTORE);
  const kind = "NeatPeriodicTaskStatus";
  const paths = [[{ kind: "Parent", name: "p" }, { kind, name: "child" }], [{ kind, id: "5" }], [{ kind }], []];
  (service as FakeDatastore).otherPaths = paths;
  await store.write("task", RECORD, null);
  assertEquals(await keysOf(store), ["task"]);
});

Deno.test("Datastore: list() goes on after a batch that is not finished, and ends where the emulator never says so", async () => {
  const setup = setUp(DATASTORE);
  fill(setup, 230);
  const service = setup.service as FakeDatastore;
  service.unfinished = 2;
  assertEquals(new Set(await keysOf(setup.store)).size, 230);
  assertEquals(requestsOf(service), 4);
  service.isVague = true;
  const keys = await keysOf(setup.store);
  assertEquals([keys.length, new Set(keys).size], [230, 230]);
});

Deno.test("Datastore: list() throws if a server returns the same page again", async () => {
  const { service, store } = setUp(DATASTORE);
  const batch = { entityResults: [], endCursor: "AAAA", moreResults: "NOT_FINISHED" };
  service.script = () => answer({ batch });
  const message = 'as the next page must be another one: current value is "AAAA"';
  assertStringIncludes((await errorOf(keysOf(store))).message, message);
});

Deno.test("Firestore: list() sends a query for names alone, and starts after the last one", async () => {
  const setup = setUp(FIRESTORE);
  fill(setup, 101, FIRESTORE);
  await keysOf(setup.store);
  const name = { fieldPath: "__name__" };
  const query = {
    select: { fields: [name] },
    from: [{ collectionId: "neat-periodic-task" }],
    orderBy: [{ field: name, direction: "ASCENDING" }],
    limit: 100,
  };
  const last = "projects/project/databases/(default)/documents/neat-periodic-task/task-00099";
  const startAt = { values: [{ referenceValue: last }], before: false };
  assertEquals(messages(setup.service), [{ structuredQuery: query }, { structuredQuery: { ...query, startAt } }]);
});
