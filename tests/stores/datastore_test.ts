import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { DatastoreStore } from "../../stores/datastore.ts";
import type { FakeDatastore } from "../helpers/fake_datastore.ts";
import type { Fault } from "../helpers/fault_service.ts";
import {
  BASE64,
  DATASTORE,
  errorOf,
  messages,
  type Options,
  RECORD,
  settled,
  type Stage,
  stage,
  storeOn,
  valueOf,
} from "./database_stage.ts";

const OTHER = new Uint8Array([1]);

function datastore(options: Options = {}): Stage & { readonly service: FakeDatastore } {
  return stage(DATASTORE, options) as Stage & { readonly service: FakeDatastore };
}

/** An answer of HTTP 200. */
function answer(message: unknown): Fault {
  return { reply: { status: 200, body: JSON.stringify(message) } };
}

Deno.test("a read is a strong lookup, and a write is one mutation: insert, or update under its version", async () => {
  const { service, store } = datastore();
  const version = await store.write("task", RECORD, null);
  await store.write("task", OTHER, version);
  await store.read("task");
  const key = { partitionId: { projectId: "project" }, path: [{ kind: "NeatPeriodicTaskStatus", name: "task" }] };
  const entity = (blobValue: string): unknown => ({
    key,
    properties: { record: { blobValue, excludeFromIndexes: true } },
  });
  assertEquals(messages(service), [
    { mode: "NON_TRANSACTIONAL", mutations: [{ insert: entity(BASE64) }] },
    { mode: "NON_TRANSACTIONAL", mutations: [{ update: entity("AQ=="), baseVersion: version }] },
    { readOptions: { readConsistency: "STRONG" }, keys: [key] },
  ]);
  assertEquals(service.lines, [
    "POST /v1/projects/project:commit",
    "POST /v1/projects/project:commit",
    "POST /v1/projects/project:lookup",
  ]);
  assertEquals(service.requests[0]!.headers.get("x-goog-request-params"), "project_id=project");
});

Deno.test("database, namespace and kind are in the key, and requests are routed by project and database", async () => {
  const { service, store } = datastore({
    projectId: "example.com:project",
    databaseId: "my-db",
    namespace: "my.Space_1",
    kind: "Task",
  });
  service.databases.add("my-db");
  const version = await store.write("task", RECORD, null);
  await store.write("task", OTHER, version);
  assertEquals((await store.read("task"))?.value, OTHER);
  assertEquals([...service.entities.keys()], ["example.com:project my-db my.Space_1 Task task"]);
  assertEquals(service.lines[0], "POST /v1/projects/example.com%3Aproject:commit");
  const route = service.requests[0]!.headers.get("x-goog-request-params");
  assertEquals(route, "project_id=example.com%3Aproject&database_id=my-db");
});

Deno.test("the default database has no id, whatever it is called by", async () => {
  const { service, store } = datastore({ databaseId: "(default)", namespace: "" });
  await store.write("task", RECORD, null);
  assertEquals((await storeOn(DATASTORE, service).read("task"))?.value, RECORD);
});

Deno.test("a namespace that can't be is refused", () => {
  for (const namespace of ["a b", "a/b", "__a__", "é", "a".repeat(101)]) {
    assertThrows(
      () => new DatastoreStore({ projectId: "project", namespace }),
      RangeError,
      'Cannot create the Datastore store as "namespace" must be letters, digits, dots, hyphens and underscores, ' +
        'and not "__" at both ends: current value is "',
    );
  }
});

Deno.test("versions are texts, as they have more digits than a number", async () => {
  const { store } = datastore();
  const version = await store.write("task", RECORD, null);
  assertEquals(Number.isSafeInteger(Number(version)), false);
  assertEquals((await store.read("task"))?.version, version);
});

Deno.test("a version that is no text with digits is an error", async () => {
  const { service, store } = datastore();
  for (const version of [undefined, null, 5, "", "0", "-1", "1.5", "a"]) {
    service.script = () => answer({ found: [{ entity: {}, version }], mutationResults: [{ version }] });
    const { message } = await errorOf(store.read("task"));
    assertStringIncludes(message, "as the answer has neither an entity with its version nor says that it is missing");
    assertStringIncludes((await errorOf(store.write("task", RECORD, "1"))).message, "as the answer has no version");
  }
});

Deno.test("a conflict comes as HTTP 200, and what is gone as such a conflict or as HTTP 404", async () => {
  const { service, store } = datastore();
  const version = await store.write("task", RECORD, null);
  await store.write("task", OTHER, version);
  assertEquals(await store.write("task", RECORD, version), null);
  for (const missingUpdate of ["conflict", "NOT_FOUND"] as const) {
    service.missingUpdate = missingUpdate;
    assertEquals(await store.write("gone", RECORD, version), null);
  }
  assertEquals((await store.read("task"))?.value, OTHER);
});

Deno.test("a conflict is one whatever version the answer tells", async () => {
  const { service, store } = datastore();
  for (const version of ["5", "7", undefined]) {
    service.script = () => answer({ mutationResults: [{ version, conflictDetected: true }] });
    assertEquals(await store.write("task", RECORD, "5"), null);
    assertEquals(await store.write("task", RECORD, null), null);
  }
  service.script = () => answer({ mutationResults: [{ version: "7", conflictDetected: false }] });
  assertEquals(await store.write("task", RECORD, "5"), "7");
});

Deno.test("a lookup that is put off is tried again, until its time is over", async () => {
  using time = new FakeTime();
  const { service, store } = datastore();
  await store.write("task", RECORD, null);
  service.deferrals = 2;
  assertEquals((await valueOf(time, store.read("task")))?.value, RECORD);
  service.deferrals = 1;
  assertEquals(await valueOf(time, store.read("none")), null);
  service.deferrals = Infinity;
  const { error, afterMs } = await settled(time, store.read("task"));
  assertEquals(
    error?.message,
    "Cannot read the record at entity NeatPeriodicTaskStatus/task of project project as Datastore did not answer well " +
      "within 8000 ms: current value is HTTP 200",
  );
  assertEquals(afterMs <= 8_000, true);
});

Deno.test("an entity that is found counts, whatever else the answer says", async () => {
  const { service, store } = datastore();
  const found = { entity: { properties: { record: { blobValue: BASE64 } } }, version: "5" };
  service.script = () => answer({ found: [found], missing: [], readTime: "not a time" });
  const entry = await store.read("task");
  assertEquals([entry?.value, entry?.version], [RECORD, "5"]);
  service.script = () => answer({ found: [{ ...found, version: "x" }], missing: [{ entity: {} }] });
  await errorOf(store.read("task"));
});

Deno.test("a precondition of the database that fails is an error, and no conflict", async () => {
  const { service, store } = datastore();
  const error = { code: 400, message: "The database is not in Datastore mode.", status: "FAILED_PRECONDITION" };
  service.script = () => ({ reply: { status: 400, body: JSON.stringify({ error }) } });
  for (const version of [null, "5"]) {
    const { message } = await errorOf(store.write("task", RECORD, version));
    assertStringIncludes(message, "as Datastore refuses, for which datastore.entities.");
    assertStringIncludes(message, ": current value is HTTP 400 (The database is not in Datastore mode.)");
  }
});

Deno.test("messages say in which database and namespace the entity is", async () => {
  const { service, store } = datastore({ databaseId: "my-db", namespace: "tests", kind: "Task" });
  service.script = () => ({ reply: { status: 400 } });
  assertStringIncludes(
    (await errorOf(store.read("a/b"))).message,
    "Cannot read the record at entity Task/a%2Fb of project project, database my-db, namespace tests as ",
  );
});
