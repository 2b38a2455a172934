import { makeInMemoryService, openKv } from "@deno/kv";
import { NeatPeriodicTaskScheduler } from "@neat/periodic-task";
import { DenoKvStore, type Kv, type KvKey } from "@neat/periodic-task/stores/deno-kv";
import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertNotStrictEquals,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { Buffer } from "node:buffer";
import { runInNewContext } from "node:vm";
import { parseRecord } from "../../../src/record/parse.ts";
import { KeptLog } from "../../helpers/log.ts";
import { kindOf } from "../../helpers/records.ts";
import { VirtualTime } from "../../helpers/virtual_time.ts";
import { ScriptedKv } from "./scripted_kv.ts";

const STAMP = "00000000000000a10000";
const NEXT = "00000000000000a70000";
const BYTES = new Uint8Array([1, 2, 3]);

Deno.test("databases of Deno and of @deno/kv fit the type Kv, and keep records", async () => {
  // each assignment is checked by the compiler
  const ofDeno: Kv = await Deno.openKv(":memory:");
  const ofNpm: Kv = await openKv(":memory:");
  const inMemory: Kv = await makeInMemoryService().openKv("records come back");
  for (const kv of [ofDeno, ofNpm, inMemory]) {
    const store = new DenoKvStore({ kv });
    assertEquals(await store.read("task"), null);
    const first = await store.write("task", BYTES, null);
    assertEquals(await store.write("task", new Uint8Array(1), null), null);
    const second = await store.write("task", new Uint8Array(1), first);
    assertEquals(await store.write("task", BYTES, first), null);
    assertEquals(await store.read("task"), { value: new Uint8Array(1), version: second! });
    (kv as Deno.Kv).close();
  }
});

Deno.test("read() is strongly consistent, and write() sets one value with one check", async () => {
  const kv = new ScriptedKv();
  kv.commits.push({ ok: true, versionstamp: NEXT });
  const store = new DenoKvStore({ kv });
  const key = ["neat-periodic-task", "task"];
  assertEquals(await store.read("task"), null);
  assertEquals(await store.write("task", BYTES, STAMP), NEXT);
  assertEquals(kv.reads, [{ key, options: { consistency: "strong" } }]);
  assertEquals(kv.writes, [{ checks: [{ key, versionstamp: STAMP }], sets: [{ key, value: BYTES }] }]);
});

Deno.test("keys begin with the prefix at the time of the constructor", async () => {
  const given: KvKey[] = [[], ["tasks"], [new Uint8Array([7]), "a", 1, 2n, true]];
  for (const prefix of given) {
    const kv = new ScriptedKv();
    const changing = [...prefix];
    const store = new DenoKvStore({ kv, prefix: changing });
    const expected = [...structuredClone(prefix), "task"];
    changing.push("later");
    if (changing[0] instanceof Uint8Array) changing[0][0] = 8;
    await store.read("task");
    await store.write("task", BYTES, null);
    assertEquals([kv.reads[0]?.key, kv.writes[0]?.sets[0]?.key], [expected, expected]);
  }
});

Deno.test("read() copies a Buffer, bytes of another realm and a view into a Uint8Array", async () => {
  const inside = new Uint8Array([0, 1, 2, 3, 4]).subarray(1, 4);
  for (const value of [BYTES, Buffer.from(BYTES), inside, runInNewContext("new Uint8Array([1, 2, 3])")]) {
    const kv = new ScriptedKv();
    kv.entries.push({ value, versionstamp: STAMP });
    const entry = await new DenoKvStore({ kv }).read("task");
    assertEquals(entry, { value: BYTES, version: STAMP });
    assertEquals([entry?.value.constructor, entry?.value.buffer.byteLength], [Uint8Array, 3]);
    assertNotStrictEquals(entry?.value, value);
  }
});

Deno.test("read() returns a value that is not a Uint8Array as other data, whose version write() rejects", async () => {
  const alike = [new Uint16Array(2), new ArrayBuffer(3), [1, 2, 3], { [Symbol.toStringTag]: "Uint8Array" }];
  const foreign = ["text", "", 5, null, undefined, true, 1n, {}, ...alike];
  for (const value of foreign) {
    const kv = new ScriptedKv();
    kv.entries.push({ value, versionstamp: STAMP });
    const store = new DenoKvStore({ kv });
    const entry = await store.read("task");
    assertEquals(kindOf(parseRecord(entry?.value ?? null)), "foreign");
    await assertRejects(() => store.write("task", BYTES, entry!.version), RangeError, `"foreign ${STAMP}"`);
    assertEquals(kv.writes, []);
  }
});

Deno.test("a scheduler reports other data and does not overwrite it", async () => {
  using kv = await Deno.openKv(":memory:");
  const key = ["neat-periodic-task", "task"];
  for (const value of ["notes", null, new Deno.KvU64(3n)]) {
    await kv.set(key, value);
    const log = new KeptLog();
    await using scheduler = new NeatPeriodicTaskScheduler({
      name: "task",
      interval: 60_000,
      timeout: 5_000,
      store: new DenoKvStore({ kv }),
      clock: new VirtualTime().clock(),
      log,
      task: () => log.lines.push("the task has run"),
    });
    await assertRejects(
      () => scheduler.trigger(),
      Error,
      'Cannot use the record at "task" as it is not a status record',
    );
    assertEquals(log.lines.length, 1);
    assert(log.lines[0]?.startsWith('error: neat-periodic-task "task": Cannot use the record at "task"'), log.lines[0]);
    assertEquals((await kv.get(key)).value, value);
  }
});

Deno.test("read() throws for an invalid versionstamp or entry", async () => {
  const invalidStamps = [
    undefined,
    "",
    "a1",
    STAMP.slice(1),
    STAMP + "0",
    "g" + STAMP.slice(1),
    STAMP + "\n",
    5,
    {},
    true,
  ];
  const entries = [
    ...invalidStamps.map((versionstamp) => ({ value: BYTES, versionstamp })),
    undefined,
    null,
    {},
    "entry",
  ];
  for (const entry of [...entries, { value: BYTES, versionstamp: null }]) {
    const kv = new ScriptedKv();
    kv.entries.push(entry);
    await assertRejects(
      () => new DenoKvStore({ kv, prefix: ["p", 1n] }).read("task"),
      TypeError,
      `Cannot read the record at ["p", 1, "task"] of Deno KV as the entry's versionstamp must be 20 hex digits: current value`,
    );
  }
});

Deno.test("write() throws for an invalid version and sends nothing", async () => {
  const kv = new ScriptedKv();
  const store = new DenoKvStore({ kv });
  const write = (version: unknown) => () => store.write("task", BYTES, version as string);
  for (const version of [undefined, 0, {}, [STAMP], true]) {
    await assertRejects(write(version), TypeError, "as its version must be null or 20 hex digits: current value is");
  }
  for (const version of ["", "null", "5", STAMP.slice(1), `${STAMP}0`, `${STAMP}\n`, `x${STAMP.slice(1)}`]) {
    await assertRejects(write(version), RangeError, "as its version must be null or 20 hex digits: current value is");
  }
  assertEquals(kv.writes, []);
});

Deno.test("write() throws if the result of the commit is invalid", async () => {
  const oddOk = [{ versionstamp: NEXT }, { ok: 1, versionstamp: NEXT }, { ok: null, versionstamp: NEXT }];
  const oddStamp = [{ ok: true }, { ok: true, versionstamp: null }, { ok: true, versionstamp: "a1" }];
  const unclear = [undefined, null, {}, ...oddOk, ...oddStamp];
  const kv = new ScriptedKv();
  const store = new DenoKvStore({ kv });
  kv.commits.push({ ok: false }, { ok: true, versionstamp: NEXT }, ...unclear);
  assertEquals(await store.write("task", BYTES, null), null);
  assertEquals(await store.write("task", BYTES, null), NEXT);
  for (const answer of unclear) {
    const error = await assertRejects(
      () => store.write("task", BYTES, null),
      TypeError,
      "the commit's answer must say whether the record was written",
    );
    assert(error.message.endsWith(JSON.stringify(answer) ?? "undefined"), error.message);
  }
});

Deno.test("keys may have 500 characters of four bytes, and an invalid key throws before it is sent", async () => {
  using kv = await Deno.openKv(":memory:");
  const store = new DenoKvStore({ kv });
  for (const name of ["\u{1F600}".repeat(500), "\u{FFFF}".repeat(500), "/", "..", "", "a\u0000b", "null", "ß/ü"]) {
    const version = await store.write(name, BYTES, null);
    assertEquals([(await store.read(name))?.version, await store.write(name, BYTES, null)], [version!, null]);
  }
  await assertRejects(() => store.write("\u{1F600}".repeat(510), BYTES, null), TypeError, "2048 bytes");
  for (const name of ["\ud83d", "\ude00", "a\ud83db", undefined as unknown as string]) {
    const scripted = new ScriptedKv();
    const strict = new DenoKvStore({ kv: scripted });
    await assertRejects(() => strict.read(name), RangeError, "Cannot use the key in Deno KV as it must be a string");
    await assertRejects(() => strict.write(name, BYTES, null), RangeError, "Cannot use the key in Deno KV");
    assertEquals([scripted.reads, scripted.writes], [[], []]);
  }
});

Deno.test("DenoKvStore() throws for an option that is missing, unknown or of the wrong type", () => {
  const kv = new ScriptedKv();
  const cases: readonly [unknown, string][] = [
    [undefined, "its options must be an object: current value is undefined"],
    [null, "its options must be an object: current value is null"],
    [kv.get, "its options must be an object"],
    [{}, '"kv" must be { get(), atomic() }: current value is undefined'],
    [{ kv: null }, '"kv" must be { get(), atomic() }: current value is null'],
    [{ kv: Promise.resolve(kv) }, '"kv" must be { get(), atomic() }: current value is {}'],
    [{ kv: { get: kv.get } }, '"kv" must be { get(), atomic() }'],
    [{ kv: { atomic: kv.atomic } }, '"kv" must be { get(), atomic() }'],
    [{ kv, prefix: "tasks" }, '"prefix" must be an array of parts of a key: current value is "tasks"'],
    [{ kv, prefix: null }, '"prefix" must be an array of parts of a key: current value is null'],
    [{ kv, prefix: [undefined] }, '"prefix" must be an array of parts of a key'],
    [{ kv, prefix: [["tasks"]] }, '"prefix" must be an array of parts of a key'],
    [{ kv, prefix: [Symbol("part")] }, '"prefix" must be an array of parts of a key'],
    [{ kv, requestTimeout: "1 s" }, '"requestTimeout" must be milliseconds or units'],
    [{ kv, requestTimeout: null }, '"requestTimeout" must be milliseconds or units'],
    [{ kv, path: "kv.sqlite3" }, '"path" is not an option: current value is of type string'],
  ];
  for (const [options, message] of cases) {
    const error = assertThrows(() => new DenoKvStore(options as { kv: Kv }), TypeError);
    assert(error.message.startsWith(`Cannot create the Deno KV store as ${message}`), error.message);
  }
  assertThrows(() => new DenoKvStore({ kv, requestTimeout: 0 }), RangeError, '"requestTimeout"');
  assertThrows(() => new DenoKvStore({ kv, requestTimeout: { seconds: -1 } }), RangeError, '"requestTimeout"');
  const absent = { kv, prefix: undefined, requestTimeout: undefined, path: undefined } as unknown as { kv: Kv };
  assertInstanceOf(new DenoKvStore(absent), DenoKvStore);
});
