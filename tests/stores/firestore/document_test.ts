import { assertEquals, assertStringIncludes } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { errorReply } from "../../helpers/fake_database.ts";
import type { FakeFirestore } from "../../helpers/fake_firestore.ts";
import {
  answer,
  BASE64,
  FIRESTORE,
  messages,
  type Options,
  RECORD,
  type Setup,
  setUp,
  storeOn,
} from "../google_database/setup.ts";
import { errorOf } from "../helpers/errors.ts";
import { faultFetch } from "../helpers/fault_fetch.ts";
import { settle, valueOf } from "../helpers/settle.ts";

const OTHER = new Uint8Array([1]);
const ROOT = "projects/project/databases/(default)/documents";
const NAME = `${ROOT}/neat-periodic-task/task`;

function firestore(options: Options = {}): Setup & { readonly service: FakeFirestore } {
  return setUp(FIRESTORE, options) as Setup & { readonly service: FakeFirestore };
}

Deno.test("read() sends a batch of one, write() one write with a condition", async () => {
  const { service, store } = firestore();
  const version = await store.write("task", RECORD, null);
  await store.write("task", OTHER, version);
  await store.read("task");
  const update = (bytesValue: string): unknown => ({ name: NAME, fields: { record: { bytesValue } } });
  assertEquals(messages(service), [
    { writes: [{ update: update(BASE64), currentDocument: { exists: false } }] },
    { writes: [{ update: update("AQ=="), currentDocument: { updateTime: version } }] },
    { documents: [NAME] },
  ]);
  assertEquals(service.lines, [
    `POST /v1/${ROOT}:commit`,
    `POST /v1/${ROOT}:commit`,
    `POST /v1/${ROOT}:batchGet`,
  ]);
});

Deno.test("names hold project, database and collection", async () => {
  const { service, store } = firestore({ projectId: "example.com:project", databaseId: "my-db", collection: "tasks" });
  service.databases.add("my-db");
  const version = await store.write("a/b", RECORD, null);
  await store.write("a/b", OTHER, version);
  assertEquals((await store.read("a/b"))?.value, OTHER);
  assertEquals([...service.documents.keys()], [
    "projects/example.com:project/databases/my-db/documents/tasks/a%2Fb",
  ]);
});

Deno.test("the database (default) is the default one", async () => {
  const { service, store } = firestore({ databaseId: "(default)" });
  await store.write("task", RECORD, null);
  assertEquals((await storeOn(FIRESTORE, service).read("task"))?.value, RECORD);
});

Deno.test("a version is the update time with all digits", async () => {
  const { service, store } = firestore();
  let version: string | null = null;
  const digits: number[] = [];
  for (const ms of [0, 1, 123, 123.456, 123.46, 999.999]) {
    service.nowMs = () => 1_801_000_000_000 + digits.length * 1_000 + ms;
    version = await store.write("task", new Uint8Array([digits.length]), version);
    assertEquals((await store.read("task"))?.version, version!);
    digits.push(version!.length - "2027-01-26T10:13:20Z".length);
  }
  assertEquals(digits, [0, 4, 4, 7, 7, 7]);
});

Deno.test("a call throws if the update time in the answer is invalid", async () => {
  const { service, store } = firestore();
  for (const updateTime of [undefined, null, 5, "", "2026-01-31", "2026-01-31T12:00:00"]) {
    service.script = ({ target }) =>
      answer(target.endsWith("commit") ? { writeResults: [{ updateTime }] } : [{ found: { name: NAME, updateTime } }]);
    const { message } = await errorOf(store.read("task"));
    assertStringIncludes(message, "as the answer must hold a document with an update time, or say that it is missing");
    assertStringIncludes(
      (await errorOf(store.write("task", RECORD, null))).message,
      "as the answer must hold the new update time",
    );
  }
});

Deno.test("read() finds the document anywhere in the answer", async () => {
  const { service, store } = firestore();
  const found = {
    name: NAME,
    fields: { record: { bytesValue: BASE64 } },
    updateTime: "2026-01-31T12:00:00.123456789Z",
  };
  service.script = () => answer([{ transaction: "" }, { found, readTime: "2026-01-31T12:00:01.987654321Z" }]);
  assertEquals(await store.read("task"), {
    value: RECORD,
    version: found.updateTime,
    storeTime: Date.UTC(2026, 0, 31, 12, 0, 1, 987),
  });
});

for (const conflictCode of ["by condition", "FAILED_PRECONDITION"] as const) {
  Deno.test(`write() returns null if its condition does not hold, reported ${conflictCode}`, async () => {
    const { service, store } = firestore();
    service.conflictCode = conflictCode;
    const version = await store.write("task", RECORD, null);
    await store.write("task", OTHER, version);
    assertEquals(await store.write("task", RECORD, version), null);
    assertEquals(await store.write("task", RECORD, null), null);
    assertEquals(await store.write("gone", RECORD, version), null);
    assertEquals((await store.read("task"))?.value, OTHER);
  });
}

Deno.test("write() throws for a failed precondition of the database", async () => {
  const { service, store } = firestore();
  const version = await store.write("task", RECORD, null);
  service.isReadOnly = true;
  for (const [key, expected, permission] of [["task", version, "update"], ["other", null, "create"]] as const) {
    assertEquals(
      (await errorOf(store.write(key, OTHER, expected))).message,
      `Cannot write the record at ${ROOT}/neat-periodic-task/${key} as Firestore rejected the request, maybe for lack of ` +
        `datastore.entities.${permission}, which roles/datastore.user has: ` +
        "current value is HTTP 400 (The database is read-only.)",
    );
  }
});

Deno.test("a call throws if the database is in another mode", async () => {
  const { service, store } = firestore();
  service.isNative = false;
  for (const call of [store.read("task"), store.write("task", RECORD, null)]) {
    assertStringIncludes(
      (await errorOf(call)).message,
      "(The Cloud Firestore API is not available for Datastore Mode.)",
    );
  }
});

Deno.test("write() reads the document after FAILED_PRECONDITION, with retries", async () => {
  using time = new FakeTime();
  const { service, store } = firestore();
  const version = await store.write("task", RECORD, null);
  await store.write("task", OTHER, version);
  const count = service.requests.length;
  service.failFirst({}, { reply: { status: 503 } }, { ends: "lost" });
  assertEquals(await valueOf(time, store.write("task", RECORD, version)), null);
  assertEquals(service.lines.slice(count).map((line) => line.split(":").pop()), [
    "commit",
    ...Array(3).fill("batchGet"),
  ]);
});

Deno.test("write() throws for FAILED_PRECONDITION after an attempt without an answer", async () => {
  using time = new FakeTime();
  const { service, store } = firestore();
  const version = await store.write("task", RECORD, null);
  service.failFirst({ takesEffect: true, ends: "lost" });
  const { error } = await settle(time, store.write("task", OTHER, version));
  assertStringIncludes(error!.message, "as an earlier attempt may have been written: current value is HTTP 400");
  assertEquals(service.requests.length, 3);
});

Deno.test("errors show the message in an array, as streaming methods return it", async () => {
  const { service, store } = firestore();
  service.script = () => ({ reply: errorReply("PERMISSION_DENIED", "Missing or insufficient permissions.", true) });
  assertStringIncludes((await errorOf(store.read("task"))).message, "HTTP 403 (Missing or insufficient permissions.)");
});

Deno.test("without a token source, requests are sent as the emulator's administrator", async () => {
  const service = FIRESTORE.make();
  const apiEndpoint = "http://127.0.0.1:8080";
  for (const options of [{}, { token: () => "mine" }]) {
    const store = FIRESTORE.open({ projectId: "project", apiEndpoint, fetch: faultFetch(service), ...options });
    await store.read("task");
  }
  assertEquals(service.requests.map(({ headers }) => headers.get("authorization")), ["Bearer owner", "Bearer mine"]);
});
