// Writes of Firestore that share requests.

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { type Code, errorReply, ServiceError } from "../../helpers/fake_database.ts";
import type { FakeFirestore } from "../../helpers/fake_firestore.ts";
import { answer, FIRESTORE, messages, RECORD, type Setup, setUp } from "../google_database/setup.ts";
import { errorOf } from "../helpers/errors.ts";
import { settle, valueOf } from "../helpers/settle.ts";

const OTHER = new Uint8Array([1]);
const KEYS = ["a", "b", "c"];
const ROOT = "projects/project/databases/(default)/documents/neat-periodic-task";
const UPDATE_TIME = "2026-01-31T12:00:00.123456Z";

function firestore(): Setup & { readonly service: FakeFirestore } {
  return setUp(FIRESTORE) as Setup & { readonly service: FakeFirestore };
}

/** The methods of the requests and how many documents each has. */
function requestsOf(service: FakeFirestore, first = 0): string[] {
  const sizes = messages(service).map((message) => {
    const { writes, documents = writes } = message as { writes?: unknown[]; documents?: unknown[] };
    return documents?.length;
  });
  return service.lines.map((line, index) => `${line.split(":").pop()} ${sizes[index]}`).slice(first);
}

Deno.test("writes of one moment share a request that writes each document on its own", async () => {
  const { service, store } = firestore();
  const versions = await Promise.all(KEYS.map((key) => store.write(key, RECORD, null)));
  const next = await Promise.all([
    store.write("a", OTHER, versions[0] ?? null),
    store.write("b", OTHER, null),
    store.write("c", OTHER, FIRESTORE.oldVersion),
    store.write("d", OTHER, null),
    store.write("gone", OTHER, FIRESTORE.oldVersion),
  ]);
  assertEquals(next.map((version) => typeof version), ["string", "object", "object", "string", "object"]);
  const entries = await Promise.all([...KEYS, "d", "gone"].map((key) => store.read(key)));
  assertEquals(entries.map((entry) => entry?.version), [next[0], versions[1], versions[2], next[3], undefined]);
  // the read tells whether FAILED_PRECONDITION of "c" is a conflict
  assertEquals(requestsOf(service), ["batchWrite 3", "batchWrite 5", "batchGet 1", "batchGet 5"]);
  const [{ writes }] = messages(service) as [{ writes: unknown[] }];
  assertEquals(writes[0], {
    update: { name: `${ROOT}/a`, fields: { record: { bytesValue: "AP/+ew==" } } },
    currentDocument: { exists: false },
  });
});

Deno.test("conflicts of one moment share the read that confirms them", async () => {
  const { service, store } = firestore();
  service.conflictCode = "FAILED_PRECONDITION";
  await Promise.all(KEYS.map((key) => store.write(key, RECORD, null)));
  assertEquals(await Promise.all(KEYS.map((key) => store.write(key, OTHER, null))), [null, null, null]);
  assertEquals(requestsOf(service, 1), ["batchWrite 3", "batchGet 3"]);
});

Deno.test("a write on its own is a commit", async () => {
  const { service, store } = firestore();
  await store.write("a", RECORD, null);
  assertEquals(requestsOf(service), ["commit 1"]);
});

Deno.test("the failure of one write of a request is no failure of another", async () => {
  for (
    const [code, text] of [["PERMISSION_DENIED", "HTTP 403 (No.)"], ["INVALID_ARGUMENT", "HTTP 400 (No.)"]] as const
  ) {
    const { service, store } = firestore();
    service.writeErrors.set(`${ROOT}/b`, new ServiceError(code, "No."));
    const [a, b, c] = await Promise.allSettled(KEYS.map((key) => store.write(key, RECORD, null)));
    assertEquals([a?.status, b?.status, c?.status], ["fulfilled", "rejected", "fulfilled"]);
    const { message } = b?.status === "rejected" ? b.reason : undefined;
    assertStringIncludes(message, `Cannot write the record at ${ROOT}/b as `);
    assertStringIncludes(
      message,
      `datastore.entities.create, which roles/datastore.user has: current value is ${text}`,
    );
    assertEquals(requestsOf(service), ["batchWrite 3"]);
  }
});

for (
  const [code, mayHaveWritten] of [["ABORTED", false], ["RESOURCE_EXHAUSTED", false], ["UNAVAILABLE", true]] as const
) {
  Deno.test(`a write of a request that ends with ${code} is repeated alone`, async () => {
    using time = new FakeTime();
    const { service, store } = firestore();
    service.writeErrors.set(`${ROOT}/b`, new ServiceError(code satisfies Code, "Later."));
    const answered: string[] = [];
    const calls = KEYS.map((key) => store.write(key, RECORD, null).finally(() => answered.push(key)));
    await time.runMicrotasks();
    assertEquals(answered, ["a", "c"]);
    service.writeErrors.clear();
    assertEquals(typeof (await valueOf(time, Promise.all(calls)))[1], "string");
    assertEquals(requestsOf(service), ["batchWrite 3", "commit 1"]);
    service.writeErrors.set(`${ROOT}/b`, new ServiceError(code satisfies Code, "Later."));
    const late = Promise.all(KEYS.map((key) => store.write(key, OTHER, null).catch((error) => String(error))));
    await time.runMicrotasks();
    service.writeErrors.clear();
    const outcome = (await valueOf(time, late))[1];
    if (mayHaveWritten) assertMatch(String(outcome), /as an earlier attempt may have been written/);
    else assertEquals(outcome, null);
  });
}

for (const [name, fault] of [["is lost", { ends: "lost" }], ["is HTTP 503", { reply: { status: 503 } }]] as const) {
  Deno.test(`each write throws on a conflict after an answer that ${name}`, async () => {
    using time = new FakeTime();
    const { service, store } = firestore();
    service.failFirst({ takesEffect: true, ...fault });
    const { value } = await settle(time, Promise.all(KEYS.map((key) => errorOf(store.write(key, RECORD, null)))));
    for (const [index, error] of (value ?? []).entries()) {
      assertStringIncludes(error.message, `${ROOT}/${KEYS[index]} as an earlier attempt may have been written`);
    }
    const entries = await Promise.all(KEYS.map((key) => store.read(key)));
    assertEquals(entries.map((entry) => entry?.value), [RECORD, RECORD, RECORD]);
  });
}

Deno.test("a request that does not take effect because of one of its writes is sent for each on its own", async () => {
  const { service, store } = firestore();
  service.failFirst(
    { reply: errorReply("INVALID_ARGUMENT", "Too long.") },
    { reply: errorReply("INVALID_ARGUMENT", "Too long.") },
  );
  const [a, b] = await Promise.allSettled(["a", "b"].map((key) => store.write(key, RECORD, null)));
  assertMatch(String(a?.status === "rejected" && a.reason), /documents\/neat-periodic-task\/a as .*Too long/);
  assertEquals(b?.status, "fulfilled");
  assertEquals(requestsOf(service), ["batchWrite 2", "commit 1", "commit 1"]);
});

Deno.test("a server without batchWrite gets one write after the other", async () => {
  const { service, store } = firestore();
  service.hasBatchWrite = false;
  const versions = await Promise.all(KEYS.map((key) => store.write(key, RECORD, null)));
  assertEquals(versions.map((version) => typeof version), ["string", "string", "string"]);
  assertEquals(requestsOf(service), ["batchWrite 3", "commit 1", "commit 1", "commit 1"]);
});

Deno.test("an answer that does not say how each write ended fails all of them", async () => {
  const result = { updateTime: UPDATE_TIME };
  for (
    const message of [
      {},
      [],
      null,
      { writeResults: [result], status: [{}] },
      { writeResults: [result, result] },
      { writeResults: [result, result], status: [{}] },
      { writeResults: [result, result, result], status: [{}, {}] },
      { writeResults: [{}, { updateTime: 1 }], status: [{}, {}] },
    ]
  ) {
    const { service, store } = firestore();
    service.failFirst(answer(message));
    for (const error of await Promise.all(["a", "b"].map((key) => errorOf(store.write(key, RECORD, null))))) {
      assertStringIncludes(error.message, "as the answer must hold the new update time");
    }
    assertEquals(service.requests.length, 1);
  }
});

Deno.test("a status of a write that has no known code leaves its outcome unknown", async () => {
  using time = new FakeTime();
  for (const code of [2, 4, 13, 15, 99, "6", null]) {
    const { service, store } = firestore();
    const version = await store.write("a", RECORD, null);
    const results = { writeResults: [{}, { updateTime: UPDATE_TIME }], status: [{ code }, {}] };
    service.failFirst(answer(code === null ? { ...results, status: [{ code: "?" }, {}] } : results));
    const calls = [store.write("a", OTHER, null), store.write("b", RECORD, version)];
    const { value } = await settle(time, Promise.allSettled(calls));
    assertEquals(
      value?.map(({ status }) => status),
      code === "6" ? ["fulfilled", "fulfilled"] : ["rejected", "fulfilled"],
    );
  }
});
