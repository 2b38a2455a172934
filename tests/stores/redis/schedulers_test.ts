// Schedulers that survive cut connections, restarts and failovers, on real servers.

import { NeatPeriodicTaskScheduler } from "@neat/periodic-task";
import { requestRun } from "@neat/periodic-task/control";
import { RedisStore } from "@neat/periodic-task/stores/redis";
import { assert, assertEquals, assertGreater } from "@std/assert";
import { Redis } from "ioredis";
import { MASTER_NAME, startRedisSentinel } from "../../../internal/servers/redis_sentinel.ts";
import { TcpProxy } from "../../../internal/servers/tcp_proxy.ts";
import { OPEN, sleep, start, startReplica, testServer, until } from "./servers.ts";

const MIN_CYCLE_MS = 200;

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
  testServer(`${driver}: two schedulers whose connections are cut again and again run one at a time`, async () => {
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

  testServer(
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

  testServer(`${driver}: a scheduler goes on with a replica that is promoted`, async () => {
    await using master = await start();
    await using replica = await startReplica(master.port);
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

testServer("ioredis: a scheduler goes on after a failover by Sentinel, and so does a watch", async () => {
  await using master = await start();
  await using replica = await startReplica(master.port);
  await using sentinel = await startRedisSentinel(master.port);
  await until(async () => await sentinel.replicas() === 1, "Sentinel knows the replica");
  const client = new Redis({ sentinels: [{ host: "127.0.0.1", port: sentinel.port }], name: MASTER_NAME });
  client.on("error", () => {});
  const store = new RedisStore({ client, requestTimeout: 2_000 });
  const runs: SeenRun[] = [];
  const scheduler = schedulerOf(store, runs);
  scheduler.start();
  await until(() => runs.length > 1, "two runs");
  await master.crash();
  const count = runs.length;
  await until(() => runs.length > count + 1, "two runs after the failover");
  assert((await replica.command("INFO", "replication")).includes("role:master"));
  const hints = store.watch!("task")[Symbol.asyncIterator]();
  await hints.next();
  assertEquals((await hints.next()).done, false);
  await hints.return?.();
  await scheduler.stop();
  client.disconnect();
  assertOrderly(runs);
});

testServer("a scheduler notices a request of another process long before its next check", async () => {
  await using server = await start();
  using one = OPEN["ioredis"]!(server.port);
  using other = OPEN["redis"]!(server.port);
  const terms: number[] = [];
  await using scheduler = new NeatPeriodicTaskScheduler({
    name: "task",
    interval: { hours: 1 },
    timeout: { minutes: 1 },
    store: one.store,
    log: { info() {}, warn() {}, error() {} },
    task: ({ term }) => void terms.push(term),
  });
  scheduler.start();
  await until(() => terms.length === 1, "the first run");
  // a scheduler takes a hint right after a write of its own for one about that write
  await sleep(500);
  const { outcome } = await requestRun(other.store, "task", { by: "Ada" });
  assertEquals(outcome, "requested");
  await until(() => terms.length === 2, "the requested run");
});
