// Connections that are cut, servers that restart or fail over, and schedulers that survive it, on real servers.

import { NeatPeriodicTaskScheduler } from "@neat/periodic-task";
import { type RedisClient, RedisStore } from "@neat/periodic-task/stores/redis";
import { assert, assertEquals, assertGreater, assertLess, assertRejects } from "@std/assert";
import { Redis } from "ioredis";
import { createClient } from "redis";
import { findRedis, type Redis as Server, type RedisOptions, startRedis } from "../../../internal/servers/redis.ts";
import { TcpProxy } from "../../../internal/servers/tcp_proxy.ts";
import { WRITE } from "../../../stores/redis/scripts.ts";

const FIRST = new TextEncoder().encode('"first"');
const SECOND = new TextEncoder().encode('"second"');
const MIN_CYCLE_MS = 200;
const LIMIT_MS = 15_000;

async function skipReason(): Promise<string | undefined> {
  if (Deno.env.get("NEAT_TEST_STORES") !== "1") return "NEAT_TEST_STORES is not 1";
  return await findRedis() ? undefined : "there is no redis-server";
}

const skipped = await skipReason();

function testFaults(name: string, fn: () => Promise<void>): void {
  const why = skipped ? ` (skipped: ${skipped})` : "";
  // drivers leave timers of their own when they are closed
  Deno.test({ name: name + why, ignore: skipped !== undefined, fn, sanitizeOps: false, sanitizeResources: false });
}

async function start(options?: RedisOptions): Promise<Server> {
  const server = await startRedis(options);
  if ("reason" in server) throw new Error(server.reason);
  return server;
}

interface Client extends Disposable {
  readonly client: RedisClient;
  readonly store: RedisStore;
}

/** Opens a client of each driver, which leave a server that has become a replica. */
const OPEN: Readonly<Record<string, (port: number) => Client>> = {
  ioredis: (port) => {
    const client = new Redis(port, "127.0.0.1", {
      reconnectOnError: (error) => error.message.startsWith("READONLY") ? 2 : false,
      retryStrategy: () => 50,
    });
    client.on("error", () => {});
    const store = new RedisStore({ client, requestTimeout: 2_000 });
    return { client, store, [Symbol.dispose]: () => client.disconnect() };
  },
  redis: (port) => {
    const client = createClient({ socket: { host: "127.0.0.1", port, reconnectStrategy: 50 } });
    client.on("error", () => {});
    client.connect().catch(() => {});
    const store = new RedisStore({ client, requestTimeout: 2_000 });
    return { client, store, [Symbol.dispose]: () => client.destroy() };
  },
};

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadlineMs = performance.now() + LIMIT_MS;
  while (!await holds()) {
    assertLess(performance.now(), deadlineMs, `${what} within ${LIMIT_MS} ms`);
    await sleep(20);
  }
}

/** A run of the task. */
interface SeenRun {
  readonly term: number;
  readonly startedMs: number;
  endedMs: number;
}

/** A scheduler that notes its runs. */
function schedulerOf(store: RedisStore, runs: SeenRun[]): NeatPeriodicTaskScheduler {
  return new NeatPeriodicTaskScheduler({
    name: "task",
    interval: 2 * MIN_CYCLE_MS,
    minCycle: MIN_CYCLE_MS,
    timeout: 2_000,
    heartbeatTimeout: 1_000,
    store,
    log: { info() {}, warn() {}, error() {} },
    task: async ({ term }) => {
      const run: SeenRun = { term, startedMs: performance.now(), endedMs: Infinity };
      runs.push(run);
      await sleep(20);
      run.endedMs = performance.now();
    },
  });
}

/** Requires that terms rise, and that no run began before the one before had ended. */
function assertOrderly(runs: readonly SeenRun[]): void {
  for (const [index, run] of runs.entries()) {
    const before = runs[index - 1];
    if (!before) continue;
    assertGreater(run.term, before.term);
    assertGreater(run.startedMs, before.endedMs);
  }
}

for (const [driver, open] of Object.entries(OPEN)) {
  for (const [moment, direction] of [["before", "request"], ["after", "answer"]] as const) {
    testFaults(`${driver}: a connection cut ${moment} the commit of a write never gives a wrong answer`, async () => {
      await using server = await start();
      await using proxy = new TcpProxy(server.port);
      using direct = open(server.port);
      using cut = open(proxy.port);
      const first = await cut.store.write("task", FIRST, null);
      let writes = 0;
      let isWriting = false;
      proxy.rule = (from, text) => {
        if (from === "request" && text.includes(WRITE.digest)) isWriting = true;
        if (from !== direction || !isWriting || writes > 0) return "pass";
        writes++;
        return "cut";
      };
      const answer = await cut.store.write("task", SECOND, first).then((version) => ({ version }), () => undefined);
      const entry = await direct.store.read("task");
      const isWritten = new TextDecoder().decode(entry?.value) === '"second"';
      assertEquals(writes, 1);
      // a driver that sends the command again must not report a conflict with itself
      if (answer) assertEquals([answer.version, isWritten], [entry?.version, true]);
      else assertEquals(isWritten, moment === "after");
      assertEquals((await cut.store.read("task"))?.version, entry?.version);
    });
  }

  testFaults(`${driver}: an abort ends a call on a server that hangs, and the client stays usable`, async () => {
    await using server = await start();
    await using proxy = new TcpProxy(server.port);
    using client = open(proxy.port);
    const first = await client.store.write("task", FIRST, null);
    proxy.rule = (from) => from === "answer" ? "drop" : "pass";
    const controller = new AbortController();
    const call = client.store.write("task", SECOND, first, controller);
    await sleep(50);
    const startedMs = performance.now();
    controller.abort(new Error("enough"));
    await assertRejects(() => call, Error, "enough");
    assertLess(performance.now() - startedMs, 500);
    proxy.rule = undefined;
    // what the driver waits for never comes on this connection
    proxy.cutAll();
    await until(async () => await client.store.read("task").then(Boolean, () => false), "a read");
  });

  testFaults(`${driver}: a watch fails when its connection is lost, and a new one sees writes`, async () => {
    await using server = await start();
    await using proxy = new TcpProxy(server.port);
    using client = open(proxy.port);
    using writer = open(server.port);
    const hints = client.store.watch!("task")[Symbol.asyncIterator]();
    await hints.next();
    const next = hints.next();
    proxy.cutAll();
    await assertRejects(() => next);
    const again = client.store.watch!("task")[Symbol.asyncIterator]();
    assertEquals((await again.next()).done, false);
    await writer.store.write("task", FIRST, null);
    assertEquals((await again.next()).done, false);
    await again.return?.();
  });

  testFaults(`${driver}: two schedulers whose connections are cut again and again run one at a time`, async () => {
    await using server = await start();
    await using proxy = new TcpProxy(server.port);
    using one = open(proxy.port);
    using other = open(proxy.port);
    const runs: SeenRun[] = [];
    const schedulers = [one, other].map(({ store }) => schedulerOf(store, runs));
    for (const scheduler of schedulers) scheduler.start();
    for (let cuts = 0; cuts < 15; cuts++) {
      await sleep(50 + Math.random() * 200);
      proxy.cutAll();
    }
    const count = runs.length;
    await until(() => runs.length > count + 2, "two further runs");
    for (const scheduler of schedulers) await scheduler.stop();
    assertOrderly(runs);
  });

  testFaults(
    `${driver}: a scheduler goes on after a crash and restart of a server with an append-only file`,
    async () => {
      const folder = await Deno.makeTempDir({ prefix: "periodic_task_redis_" });
      try {
        const settings = { appendonly: "yes", appendfsync: "always" };
        const server = await start({ folder, settings });
        using client = open(server.port);
        const runs: SeenRun[] = [];
        const scheduler = schedulerOf(client.store, runs);
        const restart = Promise.withResolvers<void>();
        scheduler.addEventListener("storeback", () => restart.resolve());
        scheduler.start();
        await until(() => runs.length > 1, "two runs");
        await server.crash();
        // long enough for a call that fails
        await sleep(5 * MIN_CYCLE_MS);
        const count = runs.length;
        await using _again = await start({ folder, port: server.port, settings });
        await until(() => runs.length > count, "a run after the restart");
        await scheduler.stop();
        assertOrderly(runs);
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  );

  testFaults(`${driver}: a scheduler goes on with a replica that is promoted`, async () => {
    await using master = await start();
    await using replica = await start({ settings: { replicaof: `127.0.0.1 ${master.port}` } });
    await until(async () => (await replica.command("INFO", "replication")).includes("master_link_status:up"), "a link");
    await using proxy = new TcpProxy(master.port);
    using client = open(proxy.port);
    const runs: SeenRun[] = [];
    const scheduler = schedulerOf(client.store, runs);
    scheduler.start();
    await until(() => runs.length > 1, "two runs");
    await master.crash();
    proxy.targetPort = replica.port;
    await sleep(2 * MIN_CYCLE_MS);
    await replica.command("REPLICAOF", "NO", "ONE");
    const count = runs.length;
    await until(() => runs.length > count + 1, "two runs after the failover");
    await scheduler.stop();
    // all was replicated: a term may only come again if writes were lost
    assertOrderly(runs);
  });
}

testFaults(
  "a failover loses what was not replicated, and no write takes the lost version for the present one",
  async () => {
    await using master = await start();
    await using link = new TcpProxy(master.port);
    await using replica = await start({ settings: { replicaof: `127.0.0.1 ${link.port}` } });
    await until(async () => (await replica.command("INFO", "replication")).includes("master_link_status:up"), "a link");
    using before = OPEN["ioredis"]!(master.port);
    const first = await before.store.write("task", FIRST, null);
    const isReplicated = async (): Promise<boolean> => await replica.command("DBSIZE") === "1";
    await until(isReplicated, "the first write on the replica");
    link.rule = () => "cut";
    link.cutAll();
    const lost = await before.store.write("task", SECOND, first);
    assert(lost);
    await master.crash();
    await replica.command("REPLICAOF", "NO", "ONE");
    using after = OPEN["ioredis"]!(replica.port);
    const entry = await after.store.read("task");
    assertEquals([entry?.version, entry?.value], [first!, FIRST]);
    assertEquals(await after.store.write("task", SECOND, lost), null);
    assert(await after.store.write("task", SECOND, first));
  },
);
