import { type RedisClient, RedisStore } from "@neat/periodic-task/stores/redis";
import { assertEquals, assertRejects } from "@std/assert";
import { keysOf } from "../helpers/keys_of.ts";
import { fails, ScriptedRedis } from "./scripted_redis.ts";

function clientOf(...answers: unknown[]): ScriptedRedis {
  const client = new ScriptedRedis();
  client.answers.push(...answers);
  return client;
}

Deno.test("list() yields each name once, page by page", async () => {
  const client = clientOf(["17", ["p:a", "p:b"]], ["5", []], ["0", ["p:b", "p:", "p:c"]]);
  assertEquals(await keysOf(new RedisStore({ client, prefix: "p:" })), ["a", "b", "", "c"]);
  const scan = (cursor: string): string[] => ["SCAN", cursor, "MATCH", "p:*", "COUNT", "1000", "TYPE", "hash"];
  assertEquals(client.calls, [scan("0"), scan("17"), scan("5")]);
});

Deno.test("list() does not read the next page before the names are consumed", async () => {
  const client = clientOf(["17", ["p:a"]], ["0", []]);
  for await (const _ of new RedisStore({ client, prefix: "p:" }).list()) break;
  assertEquals(client.calls.length, 1);
});

Deno.test("list() matches the prefix as it is, after that of ioredis", async () => {
  const client = clientOf(["0", ["app:a*[b]?\\^-:x", "app:other"]]);
  client.options = { keyPrefix: "app:" };
  assertEquals(await keysOf(new RedisStore({ client, prefix: "a*[b]?\\^-:" })), ["x"]);
  assertEquals(client.calls[0]?.[3], "app:a\\*\\[b\\]\\?\\\\\\^\\-:*");
});

Deno.test("list() goes over all masters of a cluster, and yields a key that has moved once", async () => {
  const pages = (): ScriptedRedis[] => [clientOf(["3", ["p:a"]], ["0", ["p:b"]]), clientOf(["0", ["p:b", "p:c"]])];
  const nodes = pages();
  const ioredis = { isCluster: true, call: () => Promise.resolve("PONG"), nodes: () => nodes };
  const clients = pages().map((node) => ({
    sendCommand: ([name = "", ...args]: string[]) => node.call(name, ...args),
  }));
  const redis = { masters: [0, 1].map((index) => ({ index })), sendCommand: () => Promise.reject() };
  const cluster = { ...redis, nodeClient: ({ index }: { index: number }) => clients[index] };
  for (const client of [ioredis, cluster] as unknown as RedisClient[]) {
    assertEquals(await keysOf(new RedisStore({ client, prefix: "p:" })), ["a", "b", "c"]);
  }
});

Deno.test("list() throws what a server throws, and for an answer without keys", async () => {
  const failing = new RedisStore({ client: clientOf(["5", []], fails("NOPERM no")) });
  await assertRejects(
    () => keysOf(failing),
    Error,
    'Cannot list the records at "neat-periodic-task:" of Redis as the user',
  );
  for (const answer of [null, "OK", [], ["0"], ["0", "p:a"]]) {
    const store = new RedisStore({ client: clientOf(answer) });
    await assertRejects(() => keysOf(store), Error, "the answer must hold a cursor and keys");
  }
  await assertRejects(() => keysOf(new RedisStore({ client: clientOf(["5", []], ["5", []]) })), Error, "another one");
});

Deno.test("list() ends at its signal", async () => {
  const store = new RedisStore({ client: clientOf(["0", ["neat-periodic-task:a", "neat-periodic-task:b"]]) });
  await assertRejects(() => keysOf(store, AbortSignal.abort(new Error("enough"))), Error, "enough");
  const controller = new AbortController();
  const list = store.list(controller)[Symbol.asyncIterator]();
  await list.next();
  controller.abort(new Error("enough"));
  await assertRejects(() => list.next(), Error, "enough");
});
