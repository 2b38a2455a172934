// What only a real server shows: types of data, replicas, permissions, memory, settings.

import { RedisStore } from "@neat/periodic-task/stores/redis";
import { assert, assertEquals, assertMatch, assertNotEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { Redis } from "ioredis";
import { createClient } from "redis";
import { startRedisCluster } from "../../../internal/servers/redis_cluster.ts";
import { parseRecord } from "../../../src/record/parse.ts";
import { keysOf } from "../helpers/keys_of.ts";
import { kindOf } from "../../helpers/records.ts";
import { start, startReplica, testServer } from "./servers.ts";

const KEY = "neat-periodic-task:task";
const TEXT = new TextEncoder().encode('{"format":"neat-periodic-task-status"}');

interface ClientOptions {
  readonly username?: string;
  readonly password?: string;
  readonly keyPrefix?: string;
}

/** A client that is closed when it is disposed. */
function connect(port: number, options: ClientOptions = {}): Redis & Disposable {
  const client = new Redis(port, "127.0.0.1", options);
  client.on("error", () => {});
  return Object.assign(client, { [Symbol.dispose]: () => client.disconnect() });
}

testServer("a record is a hash that people can read, without a time to live", async () => {
  await using server = await start();
  using client = connect(server.port);
  const store = new RedisStore({ client });
  const first = await store.write("task", TEXT, null);
  const fields = { version: first!, encoding: "utf-8", value: '{"format":"neat-periodic-task-status"}' };
  assertEquals(await client.hgetall(KEY), fields);
  await client.expire(KEY, 100);
  await store.write("task", TEXT, first);
  assertEquals(await client.ttl(KEY), -1);
});

testServer("data of another type at the key is no record, and is not overwritten", async () => {
  await using server = await start();
  using client = connect(server.port);
  const store = new RedisStore({ client });
  const commands = [["SET", KEY, "{}"], ["RPUSH", KEY, "a"], ["HSET", KEY, "other", "1"], [
    "HSET",
    KEY,
    "version",
    "7",
    "value",
    "{}",
    "encoding",
    "utf-8",
  ]];
  for (const [command = "", ...args] of commands) {
    await client.del(KEY);
    await client.call(command, ...args);
    const before = await client.dumpBuffer(KEY);
    const entry = await store.read("task");
    assertEquals(kindOf(parseRecord(entry!.value)), "foreign");
    assertEquals(await store.write("task", TEXT, null), null);
    assertEquals(await store.write("task", TEXT, "0".repeat(22)), null);
    assertEquals(await client.dumpBuffer(KEY), before);
  }
});

testServer("a record that was deleted and written again has a new version", async () => {
  await using server = await start();
  using client = connect(server.port);
  const store = new RedisStore({ client });
  const first = await store.write("task", TEXT, null);
  await client.del(KEY);
  assertEquals(await store.write("task", TEXT, first), null);
  assertNotEquals(await store.write("task", TEXT, null), first);
  assertEquals(await store.write("task", TEXT, first), null);
});

testServer("storeTime is the server's clock", async () => {
  await using server = await start();
  using client = connect(server.port);
  const store = new RedisStore({ client });
  await store.write("task", TEXT, null);
  const before = await client.time();
  const entry = await store.read("task");
  const after = await client.time();
  const [fromMs = 0, toMs = 0] = [before, after].map(([s, us]) => Number(s) * 1_000 + Number(us) / 1_000);
  assert(entry?.storeTime! >= fromMs && entry?.storeTime! <= toMs, `${fromMs} ${entry?.storeTime} ${toMs}`);
});

testServer("calls go on after SCRIPT FLUSH, and send the text of a script once", async () => {
  await using server = await start();
  using client = connect(server.port);
  const store = new RedisStore({ client });
  const version = await store.write("task", TEXT, null);
  await client.script("FLUSH");
  const next = await store.write("task", TEXT, version);
  for (let reads = 0; reads < 3; reads++) assertEquals((await store.read("task"))?.version, next!);
  const statistics = await client.info("commandstats");
  assertEquals(/cmdstat_eval:calls=(\d+)/.exec(statistics)?.[1], "3");
});

testServer("reads and writes of a replica are errors", async () => {
  await using master = await start();
  await using replica = await startReplica(master.port);
  using client = connect(replica.port);
  const store = new RedisStore({ client });
  const state = "as the server is a replica, which does not accept writes: current value is READONLY";
  await assertRejects(() => store.read("task"), Error, state);
  await assertRejects(() => store.readMany(["task", "other"]), Error, "as the server is a replica");
  await assertRejects(() => store.write("task", TEXT, null), Error, "as the server is a replica");
  const problems = (await store.checkServer()).map(({ problem }) => problem);
  assertEquals(problems, ["replica", "persistence"]);
});

testServer("checkServer() warns of eviction, snapshots and missing persistence of a server", async () => {
  const settings = { maxmemory: "50mb", "maxmemory-policy": "allkeys-lru" };
  await using server = await start({ settings });
  using client = connect(server.port);
  const store = new RedisStore({ client });
  const problems = async (): Promise<string[]> => (await store.checkServer()).map(({ problem }) => problem);
  assertEquals(await problems(), ["eviction", "persistence"]);
  await client.config("SET", "save", "3600 1");
  await client.config("SET", "maxmemory-policy", "noeviction");
  assertEquals(await problems(), ["snapshots"]);
  await client.config("SET", "appendonly", "yes");
  assertEquals(await problems(), []);
  // it would wait for the file that it has begun
  await server.crash();
});

testServer("a full server rejects writes and answers reads", async () => {
  await using server = await start({ settings: { "maxmemory-policy": "noeviction" } });
  using client = connect(server.port);
  const store = new RedisStore({ client });
  const version = await store.write("task", TEXT, null);
  await client.config("SET", "maxmemory", "1");
  await assertRejects(() => store.write("task", TEXT, version), Error, "as the server has no memory left");
  assertEquals((await store.read("task"))?.version, version!);
});

testServer("a wrong password is an error in time that does not show it", async () => {
  await using server = await start({ settings: { requirepass: "right" } });
  const url = `redis://:wrong-secret@127.0.0.1:${server.port}`;
  const ioredis = new Redis(url);
  const redis = createClient({ url });
  for (const client of [ioredis, redis]) client.on("error", () => {});
  redis.connect().catch(() => {});
  for (const client of [ioredis, redis]) {
    const store = new RedisStore({ client, requestTimeout: 2_000 });
    const error = await assertRejects(() => store.read("task"), Error);
    assertMatch(error.message, /^Cannot read the record at "neat-periodic-task:task" of Redis as /);
    assertEquals(Deno.inspect(error).includes("wrong-secret"), false, Deno.inspect(error));
  }
  ioredis.disconnect();
  redis.destroy();
});

testServer("a user without permission for channels reads and writes, and does not watch", async () => {
  await using server = await start();
  using admin = connect(server.port);
  const documented = ["eval", "evalsha", "time", "type", "hget", "hmget", "hset", "hdel", "persist", "ping", "info"];
  const rules = ["resetchannels", `~neat-periodic-task:*`, ...documented.map((command) => `+${command}`)];
  await admin.call("ACL", "SETUSER", "app", "on", ">app", ...rules);
  await admin.call("ACL", "SETUSER", "reader", "on", ">app", "~*", "+eval", "+evalsha", "+time", "+type", "+info");
  using client = connect(server.port, { username: "app", password: "app" });
  const store = new RedisStore({ client });
  const version = await store.write("task", TEXT, null);
  assertEquals((await store.read("task"))?.version, version!);
  const hints = store.watch!("task")[Symbol.asyncIterator]();
  const error = await assertRejects(() => hints.next(), Error);
  assertStringIncludes(error.message, "NOPERM");
  await assertRejects(() => keysOf(store), Error, "as the user lacks a permission");
  using readerClient = connect(server.port, { username: "reader", password: "app" });
  const reader = new RedisStore({ client: readerClient });
  await assertRejects(() => reader.write("task", TEXT, version), Error, "the user lacks a permission");
});

testServer("a prefix with characters of patterns, and the prefix of ioredis, hold for all methods", async () => {
  await using server = await start();
  using client = connect(server.port, { keyPrefix: "app*:" });
  using other = connect(server.port);
  const store = new RedisStore({ client, prefix: "a?[b]\\^-:" });
  await other.hset("appX:a?[b]\\^-:foreign", "a", "1");
  await other.set("app*:a?[b]\\^-:text", "a");
  const hints = store.watch!("task")[Symbol.asyncIterator]();
  await hints.next();
  await store.write("task", TEXT, null);
  await hints.next();
  await hints.return?.();
  assertEquals(await keysOf(store), ["task"]);
  assertEquals(await other.exists("app*:a?[b]\\^-:task"), 1);
});

testServer("a client of one server that belongs to a cluster says so", async () => {
  const cluster = await startRedisCluster();
  // an old server
  if ("reason" in cluster) return console.log(`skipped: ${cluster.reason}`);
  await using _cluster = cluster;
  using client = connect(cluster.nodes[0]?.port ?? 0);
  const store = new RedisStore({ client });
  const names = Array.from({ length: 20 }, (_, index) => `task-${index}`);
  const results = await Promise.all(names.map((name) => store.read(name).then(String, (error) => error.message)));
  const state = "as the server belongs to a cluster, which needs a client for clusters: current value is MOVED";
  assert(results.some((message) => message.includes(state)), `${results}`);
});

testServer("list() goes through all pages of a database with many other keys", async () => {
  await using server = await start();
  using client = connect(server.port);
  const store = new RedisStore({ client });
  const script = "for i = 1, 5000 do redis.call('HSET', 'other:' .. i, 'a', 1) end";
  await client.eval(script, 0);
  const names = Array.from({ length: 300 }, (_, index) => `task-${index}`);
  await Promise.all(names.map((name) => store.write(name, TEXT, null)));
  assertEquals((await keysOf(store)).sort(), names.sort());
});
