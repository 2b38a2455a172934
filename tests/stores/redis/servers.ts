/**
 * Servers, and clients of them, for tests that need real ones.
 *
 * @module
 */
import { type RedisClient, RedisStore } from "@neat/periodic-task/stores/redis";
import { assertLess } from "@std/assert";
import { Redis } from "ioredis";
import { createClient } from "redis";
import { findRedis, type Redis as Server, type RedisOptions, startRedis } from "../../../internal/servers/redis.ts";

const LIMIT_MS = 15_000;

async function skipReason(): Promise<string | undefined> {
  if (Deno.env.get("NEAT_TEST_STORES") !== "1") return "NEAT_TEST_STORES is not 1";
  return await findRedis() ? undefined : "there is no redis-server";
}

const skipped = await skipReason();

/** Defines a test that starts servers. */
export function testServer(name: string, fn: (t: Deno.TestContext) => Promise<void>): void {
  const why = skipped ? ` (skipped: ${skipped})` : "";
  // drivers leave timers of their own when they are closed
  Deno.test({ name: name + why, ignore: skipped !== undefined, fn, sanitizeOps: false, sanitizeResources: false });
}

/** Starts a server. */
export async function start(options?: RedisOptions): Promise<Server> {
  const server = await startRedis(options);
  if ("reason" in server) throw new Error(server.reason);
  return server;
}

/** Starts a server that replicates another one, and waits until it does. */
export async function startReplica(masterPort: number): Promise<Server> {
  const replica = await start({ settings: { replicaof: `127.0.0.1 ${masterPort}` } });
  const isLinked = async (): Promise<boolean> =>
    (await replica.command("INFO", "replication")).includes("master_link_status:up");
  await until(isLinked, "the replica is linked");
  return replica;
}

/** A client and a store on it. Disposing of it closes the client. */
export interface Client extends Disposable {
  readonly client: RedisClient;
  readonly store: RedisStore;
}

/** Opens a client of each driver, which leave a server that has become a replica. */
export const OPEN: Readonly<Record<string, (port: number, requestTimeout?: number) => Client>> = {
  ioredis: (port, requestTimeout = 2_000) => {
    const client = new Redis(port, "127.0.0.1", {
      reconnectOnError: (error) => error.message.startsWith("READONLY") ? 2 : false,
      retryStrategy: () => 50,
    });
    client.on("error", () => {});
    const store = new RedisStore({ client, requestTimeout });
    return { client, store, [Symbol.dispose]: () => client.disconnect() };
  },
  redis: (port, requestTimeout = 2_000) => {
    const client = createClient({ socket: { host: "127.0.0.1", port, reconnectStrategy: 50 } });
    client.on("error", () => {});
    client.connect().catch(() => {});
    const store = new RedisStore({ client, requestTimeout });
    return { client, store, [Symbol.dispose]: () => client.destroy() };
  },
};

/** Waits. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Waits until a condition holds. */
export async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadlineMs = performance.now() + LIMIT_MS;
  while (!await holds()) {
    assertLess(performance.now(), deadlineMs, `${what} within ${LIMIT_MS} ms`);
    await sleep(20);
  }
}
