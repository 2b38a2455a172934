import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { type NatsKv, type NatsKvEntry, NatsStore, type NatsStoreOptions } from "../../../stores/nats.ts";
import { encodeName, nameIn } from "../../../stores/nats/keys.ts";
import { keysOf } from "../helpers/keys_of.ts";

const RECORD = new TextEncoder().encode("{}");
const ENTRY: NatsKvEntry = { key: "neat-periodic-task.task", value: RECORD, revision: 7, operation: "PUT" };

/** Results that stay open, or end, once they are read. */
function iteratorOf<T>(...values: T[]): AsyncIterable<T> & { stop(): void } {
  return {
    stop() {},
    async *[Symbol.asyncIterator]() {
      yield* values;
    },
  };
}

/** A bucket with some answers of its own. */
function bucketOf(own: Partial<NatsKv> & { readonly direct?: boolean } = {}): NatsKv & { calls: string[] } {
  const calls: string[] = [];
  return {
    calls,
    get: (key) => (calls.push(`get ${key}`), Promise.resolve(ENTRY)),
    create: (key) => (calls.push(`create ${key}`), Promise.resolve(8)),
    update: (key, _data, version) => (calls.push(`update ${key} ${version}`), Promise.resolve(9)),
    keys: (filter) => (calls.push(`keys ${filter}`), Promise.resolve(iteratorOf<string>())),
    status: () => (calls.push("status"), Promise.resolve({ streamInfo: { config: { allow_direct: false } } })),
    watch: () => Promise.resolve(iteratorOf<NatsKvEntry>()),
    ...own,
  };
}

/** Options that are refused, with a part of the message. */
const REFUSED: readonly [options: unknown, type: typeof RangeError | typeof TypeError, message: string][] = [
  [{}, TypeError, '"kv" must be a bucket of @nats-io/kv'],
  [{ kv: "nats://u:hidden@h" }, TypeError, '"kv" must be a bucket of @nats-io/kv'],
  [{ kv: bucketOf(), prefix: "no dot" }, RangeError, '"prefix" must be parts'],
  [{ kv: bucketOf(), prefix: "a.*." }, RangeError, '"prefix" must be parts'],
  [{ kv: bucketOf(), prefixes: "a." }, TypeError, 'did you mean "prefix"?'],
  [{ kv: { ...bucketOf(), watch: undefined }, watch: true }, TypeError, '"kv" must have a method watch()'],
];

for (const [options, type, message] of REFUSED) {
  Deno.test(`NatsStore refuses wrong options: ${message}`, () => {
    const error = assertThrows(() => new NatsStore(options as NatsStoreOptions), type, message);
    assertEquals(error.message.includes("hidden"), false);
  });
}

Deno.test("names become keys of legal characters alone, and keys their names again", () => {
  for (
    const name of [
      "task",
      "Task",
      "a/b",
      "-",
      "a b",
      "ü",
      "u\u0308",
      "a.b",
      ".",
      "..",
      "=",
      "=dGFzaw",
      "*",
      ">",
      "\u{1f600}",
    ]
  ) {
    const key = encodeName(name);
    assert(/^[-/=\w]+$/.test(key), key);
    assertEquals(nameIn(`p.${key}`, "p."), name);
  }
  for (const key of ["p.", "p.a.b", "p.=", "p.=dGFzaw", "p.=dGFzaw==", "p.=/w", "q.a"]) {
    assertEquals(nameIn(key, "p."), undefined, key);
  }
});

Deno.test("the bucket is checked once, before the first call", async () => {
  const kv = bucketOf();
  const store = new NatsStore({ kv });
  assertEquals(await store.read("task"), { value: RECORD, version: "7" });
  assertEquals(await store.write("task", RECORD, null), "8");
  assertEquals(await store.write("a b", RECORD, "7"), "9");
  assertEquals(kv.calls, [
    "status",
    "get neat-periodic-task.task",
    "create neat-periodic-task.task",
    "update neat-periodic-task.=YSBi 7",
  ]);
});

Deno.test("a bucket whose reads may be old is refused, and a check that fails is repeated", async () => {
  for (
    const kv of [
      bucketOf({ status: () => Promise.resolve({ streamInfo: { config: { allow_direct: true } } }) }),
      bucketOf({ direct: true }),
    ]
  ) {
    const store = new NatsStore({ kv });
    for (let calls = 0; calls < 2; calls++) {
      await assertRejects(() => store.read("task"), Error, 'create it with "allow_direct: false"');
    }
    assertEquals(kv.calls.includes("get"), false);
  }
  let failures = 1;
  const config = { allow_direct: false };
  const recovering = new NatsStore({
    kv: bucketOf({
      status: () => failures-- > 0 ? Promise.reject(new Error("503")) : Promise.resolve({ streamInfo: { config } }),
    }),
  });
  await assertRejects(() => recovering.read("task"), Error, "the call of JetStream failed: current value is 503");
  assertEquals((await recovering.read("task"))?.version, "7");
});

Deno.test("read() takes no entry and the markers of deleted ones for no record, and refuses other answers", async () => {
  for (const entry of [null, { ...ENTRY, operation: "DEL" }, { ...ENTRY, operation: "PURGE" }]) {
    assertEquals(await new NatsStore({ kv: bucketOf({ get: () => Promise.resolve(entry) }) }).read("task"), null);
  }
  for (const wrong of [{ ...ENTRY, revision: NaN }, { ...ENTRY, operation: "?" }, { ...ENTRY, value: "{}" }]) {
    const kv = bucketOf({ get: () => Promise.resolve(wrong as NatsKvEntry) });
    await assertRejects(() => new NatsStore({ kv }).read("task"), TypeError, "must have a value and a revision");
  }
});

Deno.test("write() returns null if the revision is another one, by the codes of old and new clients, and else throws", async () => {
  for (const fields of [{ code: 10_071 }, { code: 10_164 }, { code: "400", api_error: { err_code: 10_071 } }]) {
    const fail = () => Promise.reject(Object.assign(new Error("wrong last sequence: 7"), fields));
    const store = new NatsStore({ kv: bucketOf({ create: fail, update: fail }) });
    assertEquals([await store.write("task", RECORD, null), await store.write("task", RECORD, "5")], [null, null]);
  }
  const update = () => Promise.reject(Object.assign(new Error("no space"), { code: 10_047 }));
  const store = new NatsStore({ kv: bucketOf({ update }) });
  await assertRejects(() => store.write("task", RECORD, "5"), Error, "current value is no space");
});

Deno.test("a version or a name that no entry has is refused, and nothing is sent", async () => {
  const kv = bucketOf();
  const store = new NatsStore({ kv });
  for (const version of ["", "0", "x", "99999999999999999"]) {
    await assertRejects(() => store.write("task", RECORD, version), RangeError, "its version must be a revision");
  }
  for (const name of ["", "\ud800"]) await assertRejects(() => store.read(name), RangeError, "without lone surrogates");
  await assertRejects(() => store.read("x".repeat(3_000)), RangeError, "at most 3000 bytes");
  assertEquals(kv.calls, []);
});

Deno.test("list() yields the names below the prefix once each", async () => {
  const keys = ["neat-periodic-task.a", "neat-periodic-task.=YSBi", "neat-periodic-task.a", "neat-periodic-task.x.y"];
  const store = new NatsStore({ kv: bucketOf({ keys: () => Promise.resolve(iteratorOf(...keys)) }) });
  assertEquals(await keysOf(store), ["a", "a b"]);
});

Deno.test("watch() begins with a hint, and fails when the watch of the bucket ends or cannot begin", async () => {
  const ended = new NatsStore({ kv: bucketOf() }).watch?.("task")[Symbol.asyncIterator]();
  const refused = new NatsStore({ kv: bucketOf({ watch: () => Promise.reject(new Error("no permission")) }) });
  await assertRejects(
    async () => {
      while (!(await ended?.next())?.done);
    },
    Error,
    "the watch has ended",
  );
  await assertRejects(
    async () => await refused.watch?.("task")[Symbol.asyncIterator]().next(),
    Error,
    "current value is no permission",
  );
});
