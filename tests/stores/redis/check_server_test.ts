import { RedisStore } from "@neat/periodic-task/stores/redis";
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { fails, ScriptedRedis } from "./scripted_redis.ts";

const GOOD = {
  redis_version: "7.2.4",
  role: "master",
  maxmemory: "1000000",
  maxmemory_policy: "noeviction",
  aof_enabled: "1",
};

function infoOf(fields: Readonly<Record<string, string | undefined>>): string {
  const lines = Object.entries({ ...GOOD, ...fields }).filter(([, value]) => value !== undefined);
  return `# Server\r\n${lines.map(([name, value]) => `${name}:${value}\r\n`).join("")}\r\n`;
}

function setUp(...answers: unknown[]): { readonly client: ScriptedRedis; readonly store: RedisStore } {
  const client = new ScriptedRedis();
  client.answers.push(...answers);
  return { client, store: new RedisStore({ client }) };
}

async function problemsOf(...answers: unknown[]): Promise<string[]> {
  return (await setUp(...answers).store.checkServer()).map(({ problem }) => problem);
}

Deno.test("checkServer() finds nothing at a master with an append-only file that evicts nothing", async () => {
  const { client, store } = setUp(infoOf({}));
  assertEquals(await store.checkServer(), []);
  assertEquals(client.calls, [["INFO"]]);
});

Deno.test("checkServer() finds eviction of records, which have no time to live", async () => {
  const cases: [string, string, string[]][] = [
    ["allkeys-lru", "1000000", ["eviction"]],
    ["allkeys-random", "1000000", ["eviction"]],
    ["allkeys-lru", "0", []],
    ["volatile-lru", "1000000", []],
  ];
  for (const [policy, maxmemory, problems] of cases) {
    assertEquals(await problemsOf(infoOf({ maxmemory_policy: policy, maxmemory })), problems);
  }
  const [finding] = await setUp(infoOf({ maxmemory_policy: "allkeys-lfu" })).store.checkServer();
  assertStringIncludes(finding?.message ?? "", "With the maxmemory-policy allkeys-lfu the server may evict a record");
});

Deno.test("checkServer() finds missing persistence, or snapshots only, in RESP2 and RESP3", async () => {
  const info = infoOf({ aof_enabled: "0" });
  const answersOf = (value: string): unknown[] => [["save", value], { save: value }, new Map([["save", value]])];
  for (const answer of answersOf("")) assertEquals(await problemsOf(info, answer), ["persistence"]);
  for (const answer of answersOf("3600 1")) assertEquals(await problemsOf(info, answer), ["snapshots"]);
  for (const answer of [fails("NOPERM no"), fails("ERR unknown command"), [], null]) {
    assertEquals(await problemsOf(info, answer), ["unknown"]);
  }
});

Deno.test("checkServer() finds replicas, old servers, and servers that do not tell", async () => {
  assertEquals(await problemsOf(infoOf({ role: "slave" })), ["replica"]);
  assertEquals(await problemsOf(infoOf({ redis_version: "5.0.14" })), ["version"]);
  assertEquals(await problemsOf(infoOf({ redis_version: "10.0.0" })), []);
  assertEquals(await problemsOf(""), ["unknown", "unknown", "unknown"]);
});

Deno.test("checkServer() asks each master of a cluster, and reports a finding once", async () => {
  const nodes = [{}, { role: "slave" }, { maxmemory_policy: "allkeys-lru" }, { role: "slave" }]
    .map((fields) => setUp(infoOf(fields)).client);
  const client = { isCluster: true, call: () => Promise.resolve("PONG"), nodes: () => nodes };
  const found = await new RedisStore({ client }).checkServer();
  assertEquals(found.map(({ problem }) => problem), ["replica", "eviction"]);
});

Deno.test("checkServer() throws if the server fails, and ends at its signal", async () => {
  const failing = setUp(fails("NOAUTH Authentication required.")).store;
  await assertRejects(() => failing.checkServer(), Error, "Cannot check the settings of Redis as the client has not");
  const signal = AbortSignal.abort(new Error("enough"));
  await assertRejects(() => setUp().store.checkServer({ signal }), Error, "enough");
});
