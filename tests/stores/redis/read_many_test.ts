import { RedisStore } from "@neat/periodic-task/stores/redis";
import { assertEquals, assertRejects } from "@std/assert";
import { READ, READ_MANY } from "../../../stores/redis/scripts.ts";
import { fails, ScriptedRedis, TIME, TIME_MS } from "./scripted_redis.ts";

const VERSION = "0123456789abcdef012345";
const NONE = [...TIME, "none"];

function setUp(...answers: unknown[]): { readonly client: ScriptedRedis; readonly store: RedisStore } {
  const client = new ScriptedRedis();
  client.answers.push(...answers);
  return { client, store: new RedisStore({ client }) };
}

Deno.test("readMany() is one call of a script for 100 records, and returns each as read() does", async () => {
  const entries = [[...TIME, "record", VERSION, "utf-8", "{}"], NONE, [...TIME, "string"]];
  const { client, store } = setUp(entries, Array(100).fill(NONE), [NONE]);
  const [found, none, foreign] = await store.readMany(["a", "b", "c"]);
  assertEquals(found, { value: new TextEncoder().encode("{}"), version: VERSION, storeTime: TIME_MS });
  assertEquals([none, foreign?.version], [null, "foreign string"]);
  const keys = ["a", "b", "c"].map((name) => `neat-periodic-task:${name}`);
  assertEquals(client.calls, [["EVALSHA", READ_MANY.digest, "3", ...keys]]);

  await store.readMany(Array.from({ length: 101 }, (_, index) => `task-${index}`));
  assertEquals(client.calls.slice(1).map(([, , count]) => count), ["100", "1"]);
});

Deno.test("readMany() sends the text of the script to a server that does not know it", async () => {
  const { client, store } = setUp(fails("NOSCRIPT No matching script."), [NONE, NONE]);
  assertEquals(await store.readMany(["a", "b"]), [null, null]);
  assertEquals(client.calls.map(([command, script]) => [command, script]), [
    ["EVALSHA", READ_MANY.digest],
    ["EVAL", READ_MANY.lua],
  ]);
});

Deno.test("readMany() of a cluster reads each record by a script of its own, which no schedulers share", async () => {
  const client = Object.assign(new ScriptedRedis(), { isCluster: true, nodes: () => [] });
  const store = new RedisStore({ client });
  assertEquals(await store.readMany(["a", "b"]), [null, null]);
  assertEquals(client.calls.map(([, digest, count]) => [digest, count]), Array(2).fill([READ.digest, "1"]));
  assertEquals([store.readsTogether, setUp().store.readsTogether], [false, true]);
});

Deno.test("readMany() fails at a lone surrogate, and for an answer that is not that of the script", async () => {
  const { client, store } = setUp();
  await assertRejects(() => store.readMany(["a", "\ud800"]), RangeError, "it must be a string without lone surrogates");
  assertEquals(client.calls, []);
  for (const answer of [null, "OK", [], [NONE], { length: 2 }]) {
    await assertRejects(() => setUp(answer).store.readMany(["a", "b"]), TypeError, "the answer must hold 2 records");
  }
  await assertRejects(() => setUp([NONE, []]).store.readMany(["a", "b"]), TypeError, "must hold the server's time");
  const down = setUp(fails("ERR down"));
  await assertRejects(
    () => down.store.readMany(["a", "b"]),
    Error,
    'Cannot read 2 records at "neat-periodic-task:" of Redis as the call failed',
  );
});
