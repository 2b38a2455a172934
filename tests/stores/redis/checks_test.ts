// The store checks, with each driver against a Redis server and a cluster of three masters.

import { storeChecks } from "@neat/periodic-task/testing";
import { startRedis } from "../../../internal/servers/redis.ts";
import { startRedisCluster } from "../../../internal/servers/redis_cluster.ts";
import { startHungServer } from "../../../internal/servers/hung_server.ts";
import { CLIENTS, CLUSTERS, type OpenOf, OpenStores } from "./clients.ts";

const isThorough = Deno.env.get("NEAT_TEST_STORES") === "1";
const RACE_ROUNDS = 100;

/** The drivers leave timers of their own when they are closed, for connections that were never made. */
const SANITIZERS = { sanitizeOps: false, sanitizeResources: false };

/** Runs all checks as steps. */
async function check(t: Deno.TestContext, port: number, open: OpenOf, openSingle: OpenOf): Promise<void> {
  using hung = startHungServer();
  const stores = new OpenStores();
  const checks = storeChecks({
    open: () => stores.open(open, port),
    close: (store) => stores.close(store),
    openHung: (requestTimeout) => stores.open(openSingle, hung.port, { requestTimeout }),
    // nothing listens there
    openFailing: () => stores.open(openSingle, 9, { requestTimeout: 300 }),
    raceRounds: RACE_ROUNDS,
    maxKeyBytes: 2_000,
  });
  for (const { name, run, skipped } of checks) await t.step({ name, ignore: skipped !== undefined, fn: run });
}

const server = isThorough ? await startRedis() : { reason: "NEAT_TEST_STORES is not 1" };
const cluster = isThorough ? await startRedisCluster() : { reason: "NEAT_TEST_STORES is not 1" };

for (const [driver, open] of Object.entries(CLIENTS)) {
  const why = "reason" in server ? ` (skipped: ${server.reason})` : "";
  Deno.test({
    name: `a server passes the store checks with ${driver}${why}`,
    ignore: "reason" in server,
    ...SANITIZERS,
    fn: (t) => check(t, "port" in server ? server.port : 0, open, open),
  });
}

for (const [driver, open] of Object.entries(CLUSTERS)) {
  const why = "reason" in cluster ? ` (skipped: ${cluster.reason})` : "";
  const [port = 0] = "nodes" in cluster ? cluster.nodes.map(({ port }) => port) : [];
  Deno.test({
    name: `a cluster passes the store checks with ${driver}${why}`,
    ignore: "reason" in cluster,
    ...SANITIZERS,
    fn: (t) => check(t, port, open, CLIENTS[driver] ?? open),
  });
}

Deno.test.afterAll(async () => {
  if ("port" in server) await server[Symbol.asyncDispose]();
  if ("nodes" in cluster) await cluster[Symbol.asyncDispose]();
});
