import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { DatastoreStore } from "../../../stores/datastore.ts";
import type { FakeDatastore } from "../../helpers/fake_datastore.ts";
import {
  answer,
  BASE64,
  DATASTORE,
  messages,
  type Options,
  RECORD,
  type Setup,
  setUp,
  storeOn,
} from "../google_database/setup.ts";
import { errorOf } from "../helpers/errors.ts";
import { settle, valueOf } from "../helpers/settle.ts";

const OTHER = new Uint8Array([1]);

function datastore(options: Options = {}): Setup & { readonly service: FakeDatastore } {
  return setUp(DATASTORE, options) as Setup & { readonly service: FakeDatastore };
}

Deno.test("read() sends a strong lookup, write() an insert or an update with baseVersion", async () => {
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

Deno.test("keys hold database, namespace and kind, and a header routes to project and database", async () => {
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

Deno.test("the database (default) is sent without an id", async () => {
  const { service, store } = datastore({ databaseId: "(default)", namespace: "" });
  await store.write("task", RECORD, null);
  assertEquals((await storeOn(DATASTORE, service).read("task"))?.value, RECORD);
});

Deno.test("DatastoreStore() throws for an invalid namespace", () => {
  for (const namespace of ["a b", "a/b", "__a__", "é", "a".repeat(101)]) {
    assertThrows(
      () => new DatastoreStore({ projectId: "project", namespace }),
      RangeError,
      'Cannot create the Datastore store as "namespace" must be letters, digits, dots, hyphens and underscores, ' +
        'and not "__" at both ends: current value is "',
    );
  }
});

Deno.test("versions are strings of more digits than a number holds", async () => {
  const { store } = datastore();
  const version = await store.write("task", RECORD, null);
  assertEquals(Number.isSafeInteger(Number(version)), false);
  assertEquals((await store.read("task"))?.version, version);
});

Deno.test("a call throws if the version in the answer is invalid", async () => {
  const { service, store } = datastore();
  for (const version of [undefined, null, 5, "", "0", "-1", "1.5", "a"]) {
    service.script = () => answer({ found: [{ entity: {}, version }], mutationResults: [{ version }] });
    const { message } = await errorOf(store.read("task"));
    assertStringIncludes(message, "as the answer must hold an entity with a version, or say that it is missing");
    assertStringIncludes(
      (await errorOf(store.write("task", RECORD, "1"))).message,
      "as the answer must hold the new version",
    );
  }
});

Deno.test("write() returns null for a conflict in HTTP 200, and for a missing entity in HTTP 200 or 404", async () => {
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

Deno.test("write() returns null for a conflict with any version in the answer", async () => {
  const { service, store } = datastore();
  for (const version of ["5", "7", undefined]) {
    service.script = () => answer({ mutationResults: [{ version, conflictDetected: true }] });
    assertEquals(await store.write("task", RECORD, "5"), null);
    assertEquals(await store.write("task", RECORD, null), null);
  }
  service.script = () => answer({ mutationResults: [{ version: "7", conflictDetected: false }] });
  assertEquals(await store.write("task", RECORD, "5"), "7");
});

Deno.test("read() retries a deferred lookup until its time limit", async () => {
  using time = new FakeTime();
  const { service, store } = datastore();
  await store.write("task", RECORD, null);
  service.deferrals = 2;
  assertEquals((await valueOf(time, store.read("task")))?.value, RECORD);
  service.deferrals = 1;
  assertEquals(await valueOf(time, store.read("none")), null);
  service.deferrals = Infinity;
  const { error, afterMs } = await settle(time, store.read("task"));
  assertEquals(
    error?.message,
    "Cannot read the record at entity NeatPeriodicTaskStatus/task of project project as Datastore gave no usable " +
      "answer within 8000 ms: current value is HTTP 200",
  );
  assertEquals(afterMs <= 8_000, true);
});

Deno.test("read() returns an entity even if the answer also lists missing ones", async () => {
  const { service, store } = datastore();
  const found = { entity: { properties: { record: { blobValue: BASE64 } } }, version: "5" };
  service.script = () => answer({ found: [found], missing: [], readTime: "not a time" });
  const entry = await store.read("task");
  assertEquals([entry?.value, entry?.version], [RECORD, "5"]);
  service.script = () => answer({ found: [{ ...found, version: "x" }], missing: [{ entity: {} }] });
  await errorOf(store.read("task"));
});

Deno.test("write() throws for a failed precondition of the database", async () => {
  const { service, store } = datastore();
  const error = { code: 400, message: "The database is not in Datastore mode.", status: "FAILED_PRECONDITION" };
  service.script = () => ({ reply: { status: 400, body: JSON.stringify({ error }) } });
  for (const version of [null, "5"]) {
    const { message } = await errorOf(store.write("task", RECORD, version));
    assertStringIncludes(message, "as Datastore rejected the request, maybe for lack of datastore.entities.");
    assertStringIncludes(message, ": current value is HTTP 400 (The database is not in Datastore mode.)");
  }
});

Deno.test("errors name the database and the namespace of the entity", async () => {
  const { service, store } = datastore({ databaseId: "my-db", namespace: "tests", kind: "Task" });
  service.script = () => ({ reply: { status: 400 } });
  assertStringIncludes(
    (await errorOf(store.read("a/b"))).message,
    "Cannot read the record at entity Task/a%2Fb of project project, database my-db, namespace tests as ",
  );
});
