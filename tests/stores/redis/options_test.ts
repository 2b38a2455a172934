import { RedisStore, type RedisStoreOptions } from "@neat/periodic-task/stores/redis";
import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { ScriptedRedis, ScriptedSubscriber, TIME, watchingClients } from "./scripted_redis.ts";

const answer = (): Promise<unknown> => Promise.resolve([...TIME, "none"]);

Deno.test("new RedisStore() takes clients of all drivers", async () => {
  const calls: unknown[] = [];
  const keep = (...args: unknown[]): Promise<unknown> => {
    calls.push(args);
    return answer();
  };
  const clients = [
    { call: keep, sendCommand: keep },
    { call: keep, isCluster: true, nodes: () => [] },
    { sendCommand: keep },
    { sendCommand: keep, nodeClient: keep, masters: [] },
    { send: keep },
  ];
  for (const client of clients) await new RedisStore({ client } as unknown as RedisStoreOptions).read("task");
  const key = "neat-periodic-task:task";
  const sent = calls.map((args) => JSON.stringify(args).replace(/[\da-f]{40}/, "sha"));
  assertEquals(sent, [
    `["EVALSHA","sha","1","${key}"]`,
    `["EVALSHA","sha","1","${key}"]`,
    `[["EVALSHA","sha","1","${key}"],{"abortSignal":{},"typeMapping":{}}]`,
    `["${key}",false,["EVALSHA","sha","1","${key}"],{"abortSignal":{},"typeMapping":{}}]`,
    `["EVALSHA",["sha","1","${key}"]]`,
  ]);
});

Deno.test("new RedisStore() rejects what is no client, and does not show it", () => {
  const others = [undefined, null, "redis://:secret@localhost", {}, { sendCommand: answer, getSentinelNode: answer }];
  for (const client of others) {
    const error = assertThrows(() => new RedisStore({ client } as unknown as RedisStoreOptions), TypeError);
    assertStringIncludes(error.message, 'Cannot create the Redis store as "client" must be an open client of ioredis,');
    assertEquals(error.message.includes("secret"), false);
  }
});

Deno.test("new RedisStore() rejects unknown options and wrong values", () => {
  const client = new ScriptedRedis();
  const cases: [object, typeof TypeError | typeof RangeError, string][] = [
    [{ prefx: "a" }, TypeError, '"prefx" is not an option, did you mean "prefix"?'],
    [{ prefix: 5 }, TypeError, '"prefix" must be a string: current value is 5'],
    [{ prefix: "\ud800" }, RangeError, '"prefix" must be without lone surrogates'],
    [{ requestTimeout: 0 }, RangeError, '"requestTimeout" must be milliseconds'],
    [{ requestTimeout: "8 s" }, TypeError, '"requestTimeout" must be milliseconds'],
    [{ watch: "yes" }, TypeError, '"watch" must be a boolean: current value is "yes"'],
    [{ watch: true }, TypeError, '"client" must have a method duplicate(), as "watch" is true'],
  ];
  for (const [options, ErrorType, message] of cases) {
    assertThrows(() => new RedisStore({ client, ...options } as RedisStoreOptions), ErrorType, message);
  }
});

Deno.test("keys begin with the prefix, which may be empty", async () => {
  for (const prefix of ["", "my service:{tasks}:"]) {
    const client = new ScriptedRedis();
    await new RedisStore({ client, prefix }).read("task");
    assertEquals(client.calls[0]?.[3], `${prefix}task`);
  }
});

Deno.test("the store has watch() if the client can open a connection, unless the option says no", () => {
  const clients = watchingClients(new ScriptedSubscriber());
  for (const client of [clients.ioredis, clients.redis, clients.cluster, clients.bun]) {
    const has = [undefined, true, false].map((watch) =>
      new RedisStore({ client, ...watch !== undefined && { watch } }).watch !== undefined
    );
    assertEquals(has, [true, true, false]);
  }
  assertEquals(new RedisStore({ client: new ScriptedRedis() }).watch, undefined);
  assertEquals(new RedisStore({ client: { sendCommand: answer } }).watch, undefined);
});
