// Calls that share calls of the database: with scripted answers, and on databases of Deno and of @deno/kv.

import { openKv } from "@deno/kv";
import { DenoKvStore, type Kv, type KvEntry } from "@neat/periodic-task/stores/deno-kv";
import { DatabaseSync } from "node:sqlite";
import { assert, assertEquals, assertLessOrEqual, assertMatch, assertRejects, assertStrictEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { settle } from "../helpers/settle.ts";
import { type Answer, fails, ScriptedKv } from "./scripted_kv.ts";

const STAMP = "00000000000000a10000";
const NEXT = "00000000000000a70000";
const WRITTEN = { ok: true, versionstamp: NEXT };
const LOST = { ok: false };
const RECORD = new TextEncoder().encode("{}");
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (value: Uint8Array | undefined): string => new TextDecoder().decode(value);
const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `task ${index}`);
const outcomeOf = (call: Promise<unknown>): Promise<unknown> => call.catch((error: Error) => error.message);

function setUp(commits: readonly Answer<unknown>[] = [], entries: readonly Answer<unknown>[] = []) {
  const kv = new ScriptedKv();
  kv.commits.push(...commits);
  kv.entries.push(...entries);
  return { kv, store: new DenoKvStore({ kv }) };
}

/** The names of the tasks in each commit. */
function written(kv: ScriptedKv): string[] {
  return kv.writes.map(({ sets }) => sets.map(({ key }) => key.at(-1)).join());
}

Deno.test("reads of one moment share a strong read of 10 entries, and each returns its own", async () => {
  const entries = names(10).map((key) => ({ value: bytes(key), versionstamp: STAMP }));
  const { kv, store } = setUp([], [entries, [{ value: null, versionstamp: null }, { value: 1, versionstamp: STAMP }]]);
  const found = await Promise.all(names(12).map((key) => store.read(key)));
  assertEquals(kv.readsOfMany.map(({ length }) => length), [10, 2]);
  assertEquals(kv.reads[0], { key: ["neat-periodic-task", "task 0"], options: { consistency: "strong" } });
  assertEquals(found.slice(0, 10).map((entry) => textOf(entry?.value)), names(10));
  assertEquals(found[10], null);
  assertEquals(found[11]?.version, `foreign ${STAMP}`);
});

Deno.test("an answer with too few or invalid entries fails the reads of these names alone", async () => {
  const { store } = setUp([], [[{ value: RECORD, versionstamp: STAMP }, { value: RECORD, versionstamp: "1" }]]);
  const [first, ...others] = await Promise.all(names(3).map((key) => outcomeOf(store.read(key))));
  assertEquals((first as { version: string }).version, STAMP);
  for (const [index, other] of others.entries()) {
    assertMatch(String(other), new RegExp(`"task ${index + 1}"\\] of Deno KV as the entry's versionstamp`));
  }
});

Deno.test("a client without getMany() reads one entry after the other", async () => {
  const { kv } = setUp();
  const store = new DenoKvStore({ kv: { get: (key) => kv.get(key), atomic: () => kv.atomic() } });
  assertEquals(await Promise.all(names(3).map((key) => store.read(key))), [null, null, null]);
  assertEquals([kv.reads.length, kv.readsOfMany], [3, []]);
});

Deno.test("a read of several entries that fails is sent key by key, and each fails on its own", async () => {
  const errors = ["of all", "of the first"].map((message) => new Error(message));
  const { kv, store } = setUp([], [...errors.map(fails), { value: RECORD, versionstamp: STAMP }]);
  const [error, found] = await Promise.all(names(2).map((key) => outcomeOf(store.read(key))));
  assertEquals([error, (found as { version: string }).version], ["of the first", STAMP]);
  assertEquals([kv.readsOfMany.length, kv.reads.length], [1, 4]);
});

Deno.test("reads of a locked database are repeated", async () => {
  using time = new FakeTime();
  const { kv, store } = setUp([], [fails(new TypeError("database is locked"))]);
  const { value, afterMs } = await settle(time, Promise.all(names(2).map((key) => store.read(key))));
  assertEquals([value, kv.reads.length, afterMs > 0], [[null, null], 4, true]);
});

Deno.test("writes of one moment are one atomic operation with a check for each", async () => {
  const { kv, store } = setUp([WRITTEN]);
  const versions = await Promise.all([store.write("a", bytes("1"), null), store.write("b", bytes("2"), STAMP)]);
  const [a, b] = ["a", "b"].map((name) => ["neat-periodic-task", name] as const);
  assertEquals(versions, [NEXT, NEXT]);
  assertEquals(kv.writes, [{
    checks: [{ key: a!, versionstamp: null }, { key: b!, versionstamp: STAMP }],
    sets: [{ key: a!, value: bytes("1") }, { key: b!, value: bytes("2") }],
  }]);
});

Deno.test("if a check fails, each half is sent again, until the lost write is found", async () => {
  const { kv, store } = setUp([LOST, LOST, WRITTEN, LOST, WRITTEN]);
  const versions = await Promise.all(["a", "b", "c", "d"].map((key) => store.write(key, RECORD, STAMP)));
  assertEquals(versions, [NEXT, null, NEXT, NEXT]);
  assertEquals(written(kv), ["a,b,c,d", "a,b", "a", "b", "c,d"]);
});

Deno.test("a write that is refused fails alone", async () => {
  for (
    const message of [
      "Key too large for write (max 2048 bytes)",
      "Value too large (max 65536 bytes)",
      "Total mutation size too large (max 819200 bytes)",
      "Total key size too large (max 81920 bytes)",
      "Too many checks (max 100)",
      // of @deno/kv on Node
      "TooManyChecks\n\nStack backtrace:\n   0: <unknown>",
      "KeyTooLong",
      "ValueTooLong",
      "AtomicWriteTooLarge",
    ]
  ) {
    const { kv, store } = setUp([fails(new TypeError(message)), WRITTEN, fails(new TypeError(message))]);
    const outcomes = await Promise.all(["a", "b"].map((key) => outcomeOf(store.write(key, RECORD, STAMP))));
    assertEquals(outcomes, [NEXT, message]);
    assertEquals(written(kv), ["a,b", "a", "b"]);
  }
});

Deno.test("a write whose outcome is not known fails all calls of its operation, and no other", async () => {
  const broken = new Error("connection lost");
  const { kv, store } = setUp([fails(broken)]);
  const calls = ["a", "b"].map((key) => store.write(key, RECORD, STAMP));
  for (const outcome of await Promise.allSettled(calls)) {
    assertStrictEquals(outcome.status === "rejected" && outcome.reason, broken);
  }
  assertEquals(kv.writes.length, 1);
  const half = setUp([LOST, WRITTEN, fails(broken)]);
  const outcomes = await Promise.all(["a", "b", "c"].map((key) => outcomeOf(half.store.write(key, RECORD, STAMP))));
  assertEquals(outcomes, [NEXT, NEXT, "connection lost"]);
});

Deno.test("an unclear answer fails each write of the operation", async () => {
  for (const answer of [undefined, {}, { ok: true, versionstamp: "1" }]) {
    const { kv, store } = setUp([() => answer]);
    const outcomes = await Promise.all(["a", "b"].map((key) => outcomeOf(store.write(key, RECORD, STAMP))));
    for (const [index, outcome] of outcomes.entries()) {
      assertMatch(String(outcome), new RegExp(`"${["a", "b"][index]}"\\] of Deno KV as the commit's answer must say`));
    }
    assertEquals(kv.writes.length, 1);
  }
});

Deno.test("writes of a locked database are repeated", async () => {
  using time = new FakeTime();
  const { store } = setUp([fails(new TypeError("database is locked")), WRITTEN, WRITTEN]);
  const { value } = await settle(time, Promise.all(["a", "b"].map((key) => store.write(key, RECORD, STAMP))));
  assertEquals(value, [NEXT, NEXT]);
});

Deno.test("a caller that ends its call leaves the others alone, and after the last nothing more is sent", async () => {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  const { kv, store } = setUp([promise]);
  const [one, other] = [new AbortController(), new AbortController()];
  const first = assertRejects(() => store.write("a", RECORD, STAMP, one), Error, "one");
  const last = assertRejects(() => store.write("b", RECORD, STAMP, other), Error, "other");
  for (let turn = 0; turn < 20; turn++) await undefined;
  one.abort(new Error("one"));
  await first;
  other.abort(new Error("other"));
  await last;
  resolve(LOST);
  for (let turn = 0; turn < 20; turn++) await undefined;
  assertEquals(written(kv), ["a,b"]);
});

Deno.test("the answers of one half don't wait for the other half", async () => {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  const { kv, store } = setUp([LOST, WRITTEN, promise, WRITTEN]);
  const [a, b, c] = ["a", "b", "c"].map((key) => store.write(key, RECORD, STAMP));
  assertEquals([await a, await b], [NEXT, NEXT]);
  assertEquals(written(kv), ["a,b,c", "a,b", "c"]);
  resolve(LOST);
  assertEquals(await c, null);
});

Deno.test("a write whose caller has ended its call is left out when halves are sent again", async () => {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  const { kv, store } = setUp([promise, WRITTEN, LOST]);
  const ended = new AbortController();
  const calls = ["a", "b", "c", "d"].map((key) => store.write(key, RECORD, STAMP, "ac".includes(key) ? ended : {}));
  for (let turn = 0; turn < 20; turn++) await undefined;
  ended.abort(new Error("enough"));
  assertEquals(await Promise.all([outcomeOf(calls[0]!), outcomeOf(calls[2]!)]), ["enough", "enough"]);
  resolve(LOST);
  assertEquals([await calls[1], await calls[3]], [NEXT, null]);
  assertEquals(written(kv), ["a,b,c,d", "b", "d"]);
});

/** A database whose calls are counted. */
function counted(kv: Kv): { readonly store: DenoKvStore; readonly calls: string[] } {
  const calls: string[] = [];
  const count = <T>(name: string, call: () => T): T => {
    calls.push(name);
    return call();
  };
  const store = new DenoKvStore({
    kv: {
      get: (key, options) => count("get", () => kv.get(key, options)),
      getMany: (keys, options) => count("getMany", () => kv.getMany?.(keys, options) ?? Promise.reject()),
      atomic: () => count("atomic", () => kv.atomic()),
    },
  });
  return { store, calls };
}

const DATABASES: Readonly<Record<string, () => Promise<Kv & { close(): void }>>> = {
  "Deno": () => Deno.openKv(":memory:"),
  "@deno/kv": () => openKv(":memory:"),
};

for (const [name, open] of Object.entries(DATABASES)) {
  Deno.test(`on a database of ${name}, many calls take few calls of the database, and each has its own outcome`, async () => {
    const kv = await open();
    const { store, calls } = counted(kv);
    const odd = ["", "a", "A", "a ", "a\u0000b", "é", "e\u0301", "\u{1F600}", "\uffff".repeat(500), "/", ".."];
    const all = [...odd, ...names(489)];
    const versions = await Promise.all(all.map((key) => store.write(key, bytes(key), null)));
    const found = await Promise.all(all.map((key) => store.read(key)));
    assertEquals(found.map((entry) => textOf(entry?.value)), all);
    assertEquals(found.map((entry) => entry?.version ?? null), versions);
    assertLessOrEqual(calls.filter((call) => call === "atomic").length, 60);
    assertEquals(calls.filter((call) => call === "getMany").length, 50);
    const outcomes = await Promise.all([
      store.write("created", RECORD, null),
      store.write("a", RECORD, null),
      store.write("A", RECORD, versions[2]!),
      store.write("é", RECORD, NEXT),
      outcomeOf(store.write("\u{1F600}".repeat(510), RECORD, null)),
      outcomeOf(store.write("too large", new Uint8Array(70_000), null)),
    ]);
    assertEquals([outcomes[1], outcomes[3]], [null, null]);
    for (const outcome of [outcomes[0], outcomes[2]]) assertMatch(String(outcome), /^[\da-f]{20}$/);
    for (const outcome of outcomes.slice(4)) assertMatch(String(outcome), /too large/);
    kv.close();
  });
}

Deno.test("an entry of another program that can't be decoded fails its own read alone", async () => {
  const folder = await Deno.makeTempDir({ prefix: "periodic_task_" });
  const path = `${folder}/kv.sqlite3`;
  try {
    const before = await Deno.openKv(path);
    await before.set(["neat-periodic-task", "b"], { a: "class" });
    before.close();
    const file = new DatabaseSync(path);
    // an object of a class that Deno does not know
    file.exec("UPDATE kv SET v = X'ff0f5c01' WHERE v_encoding = 1");
    file.close();
    using kv = await Deno.openKv(path);
    const store = new DenoKvStore({ kv });
    const version = await store.write("a", bytes("a"), null);
    const outcomes = await Promise.all(["a", "b", "c"].map((key) => outcomeOf(store.read(key))));
    assertEquals(outcomes[0], { value: bytes("a"), version });
    assertEquals(typeof outcomes[1], "string");
    assertEquals(outcomes[2], null);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a database that reads several entries fits the type KvEntry", async () => {
  using kv = await Deno.openKv(":memory:");
  const entries: readonly KvEntry[] = await kv.getMany([["a"], ["b"]]);
  assert(entries.length === 2);
});
