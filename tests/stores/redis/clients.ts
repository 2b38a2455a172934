/**
 * Clients of all tested drivers, and how they are closed.
 *
 * @module
 */
import { RedisStore } from "@neat/periodic-task/stores/redis";
import type { RedisClient, RedisStoreOptions } from "@neat/periodic-task/stores/redis";
import { Cluster, Redis } from "ioredis";
import * as ioredis5 from "ioredis-5";
import * as redis6 from "redis";
import * as redis4 from "redis-4";
import * as redis5 from "redis-5";

/** An open client. Disposing of it closes the connections. */
export interface OpenClient extends AsyncDisposable {
  readonly client: RedisClient;
}

/** Opens a client of a server. */
export type OpenOf = (port: number) => Promise<OpenClient>;

/** Where clients connect. */
function urlOf(port: number): string {
  return `redis://127.0.0.1:${port}`;
}

interface Closable {
  disconnect(): unknown;
}

function opened(client: RedisClient & Closable, close: () => unknown = () => client.disconnect()): OpenClient {
  return { client, [Symbol.asyncDispose]: async () => void await close() };
}

/** The parts of node-redis that the tests use, which all of its versions have. */
interface NodeRedisPart {
  on(event: string, listener: (error: unknown) => void): unknown;
  connect(): Promise<unknown>;
  destroy?(): unknown;
  disconnect(): unknown;
}

async function openNodeRedis<T extends RedisClient & NodeRedisPart>(client: T, waits = true): Promise<OpenClient> {
  client.on("error", () => {});
  const connecting = client.connect();
  if (waits) await connecting;
  else connecting.catch(() => {});
  return opened(client, () => client.destroy ? client.destroy() : client.disconnect());
}

function openIoredis(
  client: RedisClient & Closable & { on(event: "error", listener: () => void): unknown },
): OpenClient {
  client.on("error", () => {});
  return opened(client);
}

/** Clients of one server, by driver. The connection may come later. */
export const CLIENTS: Readonly<Record<string, OpenOf>> = {
  "ioredis 6": (port) => Promise.resolve(openIoredis(new Redis(port, "127.0.0.1"))),
  "ioredis 5": (port) => Promise.resolve(openIoredis(new ioredis5.Redis(port, "127.0.0.1"))),
  "redis 6": (port) => openNodeRedis(redis6.createClient({ url: urlOf(port) }), false),
  "redis 5": (port) => openNodeRedis(redis5.createClient({ url: urlOf(port) }), false),
  "redis 4": (port) => openNodeRedis(redis4.createClient({ url: urlOf(port) }), false),
};

/** Clients of a cluster, by driver. */
export const CLUSTERS: Readonly<Record<string, OpenOf>> = {
  "ioredis 6": (port) => Promise.resolve(openIoredis(new Cluster([{ host: "127.0.0.1", port }]))),
  "ioredis 5": (port) => Promise.resolve(openIoredis(new ioredis5.Cluster([{ host: "127.0.0.1", port }]))),
  "redis 6": (port) => openNodeRedis(redis6.createCluster({ rootNodes: [{ url: urlOf(port) }] })),
  "redis 5": (port) => openNodeRedis(redis5.createCluster({ rootNodes: [{ url: urlOf(port) }] })),
  "redis 4": (port) => openNodeRedis(redis4.createCluster({ rootNodes: [{ url: urlOf(port) }] })),
};

/** Stores, each with a client of its own. */
export class OpenStores {
  readonly #clients = new Map<unknown, OpenClient>();

  /** Opens a store. */
  async open(open: OpenOf, port: number, options: Omit<RedisStoreOptions, "client"> = {}): Promise<RedisStore> {
    const client = await open(port);
    const store = new RedisStore({ client: client.client, ...options });
    this.#clients.set(store, client);
    return store;
  }

  /** Closes the client of a store. */
  close(store: unknown): PromiseLike<void> | undefined {
    return this.#clients.get(store)?.[Symbol.asyncDispose]();
  }
}
