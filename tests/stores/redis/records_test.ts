import { RedisStore } from "@neat/periodic-task/stores/redis";
import { assert, assertEquals, assertMatch, assertNotEquals, assertRejects } from "@std/assert";
import { parseRecord } from "../../../src/record/parse.ts";
import { READ, READ_MANY, WRITE } from "../../../stores/redis/scripts.ts";
import { kindOf } from "../../helpers/records.ts";
import { fails, ScriptedRedis, TIME, TIME_MS } from "./scripted_redis.ts";

const VERSION = "0123456789abcdef012345";
const KEY = "neat-periodic-task:task";
const TEXT = new TextEncoder().encode('{"name":"é😀"}');

interface Setup {
  readonly client: ScriptedRedis;
  readonly store: RedisStore;
}

function setUp(...answers: unknown[]): Setup {
  const client = new ScriptedRedis();
  client.answers.push(...answers);
  return { client, store: new RedisStore({ client }) };
}

Deno.test("the digest of each script is that of its text", async () => {
  for (const { lua, digest } of [READ, READ_MANY, WRITE]) {
    const sha = new Uint8Array(await crypto.subtle.digest("SHA-1", new TextEncoder().encode(lua)));
    assertEquals(digest, [...sha].map((byte) => byte.toString(16).padStart(2, "0")).join(""));
  }
});

Deno.test("read() is one call of a script by its digest, and returns value, version and time of the server", async () => {
  const { client, store } = setUp([...TIME, "record", VERSION, "utf-8", '{"name":"é😀"}']);
  assertEquals(await store.read("task"), { value: TEXT, version: VERSION, storeTime: TIME_MS });
  assertEquals(client.calls, [["EVALSHA", READ.digest, "1", KEY]]);
});

Deno.test("read() returns null if there is nothing at the key", async () => {
  assertEquals(await setUp([...TIME, "none"]).store.read("task"), null);
});

Deno.test("a value that is UTF-8 is written as it is, and any other one in base64", async () => {
  const cases: [Uint8Array, string, string][] = [
    [TEXT, "utf-8", '{"name":"é😀"}'],
    [new Uint8Array(), "utf-8", ""],
    [new Uint8Array([0xff, 0, 0xfe]), "base64", "/wD+"],
    // with a byte order mark, which some clients drop
    [new Uint8Array([0xef, 0xbb, 0xbf, 0x61]), "base64", "77u/YQ=="],
  ];
  for (const [value, encoding, text] of cases) {
    const { client, store } = setUp(1, [...TIME, "record", VERSION, encoding, text]);
    const version = await store.write("task", value, null);
    assertEquals(client.calls, [["EVALSHA", WRITE.digest, "1", KEY, "", version!, encoding, text, KEY]]);
    assertEquals((await store.read("task"))?.value, value);
  }
});

Deno.test("write() sends the expected version and a new random one, which it returns", async () => {
  const { client, store } = setUp(1, "1");
  const first = await store.write("task", TEXT, VERSION);
  const second = await store.write("task", TEXT, VERSION);
  assertMatch(first ?? "", /^[\da-f]{22}$/);
  assertNotEquals(first, second);
  assertEquals(client.calls.map((call) => call.slice(4, 6)), [[VERSION, first], [VERSION, second]]);
});

Deno.test("write() returns null if the script has written nothing", async () => {
  for (const answer of [0, "0"]) assertEquals(await setUp(answer).store.write("task", TEXT, null), null);
});

Deno.test("write() sends the bytes at the time of the call", async () => {
  const { client, store } = setUp(1);
  const value = new Uint8Array([97]);
  const written = store.write("task", value, null);
  value[0] = 98;
  await written;
  assertEquals(client.calls[0]?.[7], "a");
});

Deno.test("a server that does not know a script gets its text", async () => {
  for (const message of ["NOSCRIPT No matching script. Please use EVAL.", "NOSCRIPT No matching script."]) {
    const { client, store } = setUp(fails(message), 1, fails(message), [...TIME, "none"]);
    assert(await store.write("task", TEXT, null));
    assertEquals(await store.read("task"), null);
    assertEquals(client.calls.map(([command, script]) => [command, script]), [
      ["EVALSHA", WRITE.digest],
      ["EVAL", WRITE.lua],
      ["EVALSHA", READ.digest],
      ["EVAL", READ.lua],
    ]);
    assertEquals(client.calls[0]?.slice(2), client.calls[1]?.slice(2));
  }
});

Deno.test("any other error of a script is not answered with its text", async () => {
  const { client, store } = setUp(fails("ERR the text NOSCRIPT is in it"));
  await assertRejects(() => store.write("task", TEXT, null), Error, "NOSCRIPT is in it");
  assertEquals(client.calls.length, 1);
});

Deno.test("read() returns other data as a text that is no record, whose version write() rejects", async () => {
  const foreign = [
    [...TIME, "string"],
    [...TIME, "hash"],
    [...TIME, "record", "5", "utf-8", "{}"],
    [...TIME, "record", VERSION, "gzip", "{}"],
    [...TIME, "record", VERSION, "base64", "%"],
  ];
  for (const answer of foreign) {
    const { client, store } = setUp(answer);
    const entry = await store.read("task");
    assertEquals(kindOf(parseRecord(entry?.value ?? null)), "foreign");
    assertEquals(entry?.storeTime, TIME_MS);
    await assertRejects(() => store.write("task", TEXT, entry!.version), RangeError, `"foreign ${answer[2]}"`);
    assertEquals(client.calls.length, 1);
  }
});

Deno.test("a version that is none of the store is rejected before it is sent", async () => {
  for (const version of ["", "5", `${VERSION}0`, VERSION.toUpperCase(), undefined, 5]) {
    const { client, store } = setUp();
    const ErrorType = typeof version === "string" ? RangeError : TypeError;
    await assertRejects(() => store.write("task", TEXT, version as string), ErrorType, "its version must be null or");
    assertEquals(client.calls, []);
  }
});

Deno.test("an answer that is not that of the script throws a TypeError", async () => {
  for (const answer of [null, undefined, "OK", [], ["a", "b", "none"], [...TIME], 5]) {
    await assertRejects(() => setUp(answer).store.read("task"), TypeError, "the answer must hold the server's time");
  }
  for (const answer of [null, undefined, "OK", "", [], 2, false]) {
    const write = (): Promise<unknown> => setUp(answer).store.write("task", TEXT, null);
    await assertRejects(write, TypeError, "the answer must say whether the record was written");
  }
});

Deno.test("a key with lone surrogates is rejected before it is sent", async () => {
  const { client, store } = setUp();
  for (const key of ["\ud800", "a\udc00", 5 as unknown as string]) {
    await assertRejects(() => store.read(key), RangeError, "it must be a string without lone surrogates");
    await assertRejects(() => store.write(key, TEXT, null), RangeError, "it must be a string without lone surrogates");
    const hints = store.watch?.(key)[Symbol.asyncIterator]();
    if (hints) await assertRejects(() => hints.next(), RangeError, "lone surrogates");
  }
  assertEquals(client.calls, []);
});

Deno.test("the channel of a write has the key's full name, with the prefix that ioredis adds", async () => {
  const client = Object.assign(new ScriptedRedis(), { options: { keyPrefix: "app:" } });
  const store = new RedisStore({ client, prefix: "tasks:" });
  client.answers.push(1, fails("down"));
  await store.write("task", TEXT, null);
  assertEquals([client.calls[0]?.[3], client.calls[0]?.at(-1)], ["tasks:task", "app:tasks:task"]);
  await assertRejects(() => store.read("task"), Error, 'Cannot read the record at "app:tasks:task" of Redis');
});
