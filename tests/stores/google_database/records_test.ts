// Records, keys and versions of both databases.

import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { NeatPeriodicTaskScheduler } from "../../../mod.ts";
import { parseRecord } from "../../../src/record/parse.ts";
import type { FakeFirestore } from "../../helpers/fake_firestore.ts";
import { KeptLog } from "../../helpers/log.ts";
import { kindOf } from "../../helpers/records.ts";
import { KINDS, RECORD, setUp, storeOn } from "./setup.ts";

const OTHER = new Uint8Array([1]);

for (const kind of KINDS) {
  const test = (name: string, fn: () => void | Promise<void>): void => Deno.test(`${kind.service}: ${name}`, fn);
  const writeError = `Cannot write the record at ${kind.address}`;

  test("write() creates and replaces a record once, and read() returns it", async () => {
    const { service, store } = setUp(kind);
    assertEquals(await store.read("task"), null);
    const first = await store.write("task", RECORD, null);
    assertEquals(await store.write("task", OTHER, null), null);
    assertEquals((await store.read("task"))?.value, RECORD);
    assertEquals((await store.read("task"))?.version, first);
    const second = await storeOn(kind, service).write("task", OTHER, first);
    assertEquals(await store.write("task", RECORD, first), null);
    assertEquals(await store.read("task").then((entry) => [entry?.value, entry?.version]), [OTHER, second!]);
    assertEquals(kind.names(service), ["task"]);
  });

  test("read() returns bytes of any number and value", async () => {
    for (const length of [0, 1, 2, 3, 256, 8_191, 8_192, 8_193, 300_000]) {
      const { store } = setUp(kind);
      const value = Uint8Array.from({ length }, (_, index) => index * 7 + length);
      await store.write("task", value, null);
      assertEquals((await store.read("task"))?.value, value);
    }
  });

  test("write() does not create a record that is gone", async () => {
    const { store } = setUp(kind);
    assertEquals(await store.write("task", RECORD, kind.oldVersion), null);
    assertEquals(await store.read("task"), null);
  });

  test("write() of the same bytes keeps the version", async () => {
    const { store } = setUp(kind);
    const version = await store.write("task", RECORD, null);
    assertEquals(await store.write("task", RECORD, version), version);
  });

  test("storeTime is the time of the read, to the millisecond", async () => {
    const { service, store } = setUp(kind);
    await store.write("task", RECORD, null);
    for (const nowMs of [1_801_000_000_123.456, 1_801_000_001_000, 1_801_000_001_999.999]) {
      service.nowMs = () => nowMs;
      assertEquals((await store.read("task"))?.storeTime, Math.floor(nowMs));
    }
  });

  test("without a readTime, storeTime is the Date header, or absent", async () => {
    const { service, store } = setUp(kind);
    await store.write("task", RECORD, null);
    (service as FakeFirestore).returnsReadTime = false;
    service.nowMs = () => 1_801_000_000_123;
    assertEquals((await store.read("task"))?.storeTime, 1_801_000_000_000);
    service.failFirst({ without: ["date"] });
    assertEquals(Object.keys((await store.read("task"))!), ["value", "version"]);
  });

  test("write() writes the bytes at the time of the call", async () => {
    const { store } = setUp(kind);
    const value = RECORD.slice();
    const written = store.write("task", value, null);
    value.fill(0);
    await written;
    assertEquals((await store.read("task"))?.value, RECORD);
  });

  test("read() returns bytes that are not a record for an entity with other data", async () => {
    const status =
      '{"format":"neat-periodic-task-status","version":1,"state":"finished","started":"2026-01-31T12:00:00Z"}';
    const record = kind.property(btoa(status));
    const foreign: Record<string, unknown>[] = [
      {},
      { record: { stringValue: "a text" } },
      { record: { blobValue: 1, bytesValue: null } },
      { record: { blobValue: "!", bytesValue: "!" } },
      { record: null },
      { Record: record },
      { record, more: { stringValue: "a user's" } },
      { name: { stringValue: "a user's" } },
    ];
    for (const properties of [...foreign, undefined, null]) {
      const { service, store } = setUp(kind);
      const version = kind.put(service, properties);
      const entry = await store.read("task");
      assertEquals([kindOf(parseRecord(entry?.value ?? null)), entry?.version], ["foreign", version]);
    }
    const { service, store } = setUp(kind);
    kind.put(service, { record });
    assertEquals(kindOf(parseRecord((await store.read("task"))?.value ?? null)), "record");
  });

  test("read() returns zero bytes for an entity with an empty record", async () => {
    const { service, store } = setUp(kind);
    const version = kind.put(service, { record: kind.property("") });
    const entry = await store.read("task");
    assertEquals([entry?.value, entry?.version], [new Uint8Array(), version]);
    assertEquals(typeof await store.write("task", RECORD, version), "string");
  });

  test("a scheduler neither runs nor overwrites an entity with other data", async () => {
    const { service, store } = setUp(kind);
    const version = kind.put(service, { name: { stringValue: "a user's" } });
    const log = new KeptLog();
    await using scheduler = new NeatPeriodicTaskScheduler({
      name: "task",
      interval: { hours: 1 },
      timeout: { minutes: 1 },
      store,
      log,
      task: () => {},
    });
    await assertRejects(
      () => scheduler.trigger(),
      Error,
      'Cannot use the record at "task" as it is not a status record',
    );
    assertEquals((await store.read("task"))?.version, version);
    assertEquals(log.count("START"), 0);
  });

  test("keys that can't be names are encoded", async () => {
    const names = {
      "task": "task",
      "a b": "a b",
      "a/b": "a%2Fb",
      "/": "%2F",
      "%": "%25",
      "%2F": "%252F",
      "100%": "100%25",
      ".": "%2E",
      "..": "%2E.",
      "...": "...",
      ".a": ".a",
      "__a__": "%5F_a__",
      "__proto__": "%5F_proto__",
      "____": "%5F___",
      "___": "___",
      "__": "__",
      "__a": "__a",
      "__a\nb__": "%5F_a\nb__",
      "__/__": "%5F_%2F__",
      "日本": "日本",
      "\u{1f600}": "\u{1f600}",
    };
    const { service, store } = setUp(kind);
    for (const key of Object.keys(names)) await store.write(key, RECORD, null);
    assertEquals(kind.names(service), Object.values(names));
    for (const key of Object.keys(names)) assertEquals((await store.read(key))?.value, RECORD);
  });

  test("a key may have 500 characters, and one of more than 1,500 bytes throws", async () => {
    const { service, store } = setUp(kind);
    for (const character of ["a", "é", "日", "/", "%", "_"]) {
      assertEquals(typeof await store.write(character.repeat(500), RECORD, null), "string");
    }
    for (const [key, bytes] of [["a".repeat(1_501), 1_501], [`日${"/".repeat(500)}`, 1_503]] as const) {
      const message =
        `Cannot use the key in ${kind.service} as its name must take at most 1500 bytes: current value is ${bytes}`;
      await assertRejects(() => store.read(key), RangeError, message);
      await assertRejects(() => store.write(key, RECORD, null), RangeError, message);
    }
    assertEquals(service.requests.length, 6);
  });

  test("a key that is empty or not Unicode text throws", async () => {
    const { service, store } = setUp(kind);
    for (const key of ["", "\ud800", "a\udc00b"]) {
      const message =
        `Cannot use the key in ${kind.service} as it must be Unicode text and not empty: current value is "`;
      await assertRejects(() => store.read(key), RangeError, message);
      await assertRejects(() => store.write(key, RECORD, null), RangeError, message);
    }
    assertEquals(service.requests, []);
  });

  test("write() throws for a version of another form before any request", async () => {
    const { service, store } = setUp(kind);
    for (const version of kind.badVersions) {
      const error = await assertRejects(() => store.write("task", RECORD, version), RangeError);
      assertStringIncludes(error.message, `${writeError} as its version must be an `);
    }
    assertEquals(service.requests, []);
  });
}
