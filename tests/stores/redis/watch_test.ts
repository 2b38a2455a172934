// Watches of each driver, on a connection that the test plays.

import { type RedisClient, RedisStore } from "@neat/periodic-task/stores/redis";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { abortListeners } from "../../helpers/abort_listeners.ts";
import { never, ScriptedSubscriber, watchingClients } from "./scripted_redis.ts";

const CHANNEL = "neat-periodic-task:task";

type Watch = (key?: string, signal?: AbortSignal) => AsyncIterator<void>;

interface Setup {
  readonly subscriber: ScriptedSubscriber;
  readonly watch: Watch;
}

/** Lets promises settle. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await undefined;
}

function watchOf(client: RedisClient): Watch {
  const store = new RedisStore({ client });
  return (key = "task", signal) => {
    const hints = store.watch?.(key, signal && { signal });
    assert(hints);
    return hints[Symbol.asyncIterator]();
  };
}

/** Defines a test for each driver. The connection is open unless the test opens it. */
function testDrivers(criterion: string, check: (setup: Setup) => Promise<void>, { isOpen = true } = {}): void {
  for (const driver of ["ioredis", "redis", "cluster", "bun"] as const) {
    Deno.test(`${driver}: ${criterion}`, async () => {
      const subscriber = new ScriptedSubscriber();
      if (isOpen) subscriber.opened.resolve();
      await check({ subscriber, watch: watchOf(watchingClients(subscriber)[driver]) });
    });
  }
}

testDrivers("watch() yields once it has subscribed, and with each message", async ({ subscriber, watch }) => {
  const hints = watch();
  assertEquals((await hints.next()).done, false);
  const next = hints.next();
  subscriber.message("neat-periodic-task:other");
  subscriber.message(CHANNEL);
  assertEquals((await next).done, false);
  await hints.return?.();
  await turns();
  assertEquals(subscriber.calls, ["connect", `subscribe ${CHANNEL}`, "close"]);
});

testDrivers("watches share one connection, and each channel one subscription", async ({ subscriber, watch }) => {
  const watches = [watch(), watch(), watch("other")];
  for (const hints of watches) await hints.next();
  subscriber.message(CHANNEL);
  await Promise.all(watches.slice(0, 2).map((hints) => hints.next()));
  for (const hints of watches) await hints.return?.();
  await turns();
  const subscribed = [`subscribe ${CHANNEL}`, "subscribe neat-periodic-task:other"];
  assertEquals(subscriber.calls, ["connect", ...subscribed, `unsubscribe ${CHANNEL}`, "close"]);
  await watch().next();
  assertEquals(subscriber.calls.filter((call) => call === "connect").length, 2);
});

testDrivers("all watches fail when the connection is lost, and later ones open another", async (setup) => {
  const { subscriber, watch } = setup;
  const watches = [watch(), watch("other")];
  for (const hints of watches) await hints.next();
  const next = watches.map((hints) => hints.next());
  subscriber.lose("socket closed");
  for (const hint of next) await assertRejects(() => hint, Error, "socket closed");
  await turns();
  assertEquals(subscriber.calls.at(-1), "close");
  await watch().next();
  assertEquals(subscriber.calls.filter((call) => call === "connect").length, 2);
});

testDrivers("the error of a lost connection shows no command, which may be AUTH with a password", async (setup) => {
  const { subscriber, watch } = setup;
  const hints = watch();
  await hints.next();
  const next = hints.next();
  subscriber.lose("WRONGPASS invalid password", { command: { name: "auth", args: ["a-secret"] } });
  const error = await assertRejects(() => next, Error, "Cannot watch the records of Redis as Redis rejects");
  assertEquals(Deno.inspect(error).includes("a-secret"), false);
});

testDrivers("a second watch of a record gets its first hint immediately", async ({ watch }) => {
  const first = watch();
  await first.next();
  const second = watch();
  assertEquals((await second.next()).done, false);
  for (const hints of [first, second]) await hints.return?.();
});

testDrivers("a watch fails when the connection can't be opened, or the subscription fails", async (setup) => {
  const { subscriber, watch } = setup;
  subscriber.opened.reject(new Error("connection refused"));
  await assertRejects(() => watch().next(), Error, "connection refused");
  subscriber.connect = () => Promise.resolve();
  subscriber.onSubscribe = () => Promise.reject(new Error("NOPERM no channel"));
  await assertRejects(() => watch().next(), Error, "NOPERM no channel");
}, { isOpen: false });

testDrivers("a watch that ends before its connection is open closes it", async ({ subscriber, watch }) => {
  const controller = new AbortController();
  const hints = watch("task", controller.signal);
  const next = hints.next();
  await turns();
  controller.abort();
  assertEquals((await next).done, true);
  subscriber.opened.resolve();
  await turns();
  assert(subscriber.calls.includes("close"));
  assertEquals(subscriber.calls.includes(`subscribe ${CHANNEL}`), false);
}, { isOpen: false });

testDrivers("watch() leaves no listener at its signal, and ends while the subscription hangs", async (setup) => {
  setup.subscriber.onSubscribe = never;
  const { signal, count } = abortListeners();
  const hints = setup.watch("task", signal);
  const next = hints.next();
  await hints.return?.();
  assertEquals([(await next).done, count()], [true, 0]);
});

Deno.test("the connection of ioredis and of redis is not opened again by the driver", async () => {
  const clients = watchingClients(new ScriptedSubscriber());
  for (const client of [clients.ioredis, clients.redis]) {
    const hints = watchOf(client)();
    await turns();
    await hints.return?.();
  }
  const [ioredis] = clients.ioredis.overrides as [{ retryStrategy: () => unknown }];
  assertEquals(ioredis.retryStrategy(), null);
  assertEquals(clients.redis.overrides.at(-1), { socket: { port: 1, reconnectStrategy: false } });
});

Deno.test("a watch on a cluster of ioredis uses the connection of a node, and fails without one", async () => {
  const subscriber = new ScriptedSubscriber();
  subscriber.opened.resolve();
  const { ioredis } = watchingClients(subscriber);
  const nodes = [ioredis];
  const client = { isCluster: true, call: () => Promise.resolve(1), nodes: () => nodes };
  const hints = watchOf(client)();
  await hints.next();
  await hints.return?.();
  nodes.pop();
  await assertRejects(() => watchOf(client)().next(), Error, "the cluster has no node yet");
});

Deno.test("a watch on a cluster of redis fails without a node", async () => {
  const client = { masters: [], nodeClient: never, sendCommand: never };
  await assertRejects(() => watchOf(client)().next(), Error, "the cluster has no node yet");
});
