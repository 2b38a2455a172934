/**
 * `redis:` and `rediss:`.
 *
 * @module
 */
import { cannot } from "../../src/errors.ts";
import type { BunRedisClient } from "../redis/bun_redis.ts";
import type { RedisClient } from "../redis/client.ts";
import type { IoredisClient } from "../redis/ioredis.ts";
import type { NodeRedisClient } from "../redis/node_redis.ts";
import type { StoreAddress } from "./address.ts";
import { createClient, type DriverPackage, exportsOf } from "./drivers.ts";
import { type Connection, DEFAULT_LIMIT_MS, defined, OPEN, type Scheme } from "./scheme.ts";
import { sharedAttempt } from "./shared_attempt.ts";
import { withinLimit } from "./time_limit.ts";

interface OwnClient extends Pick<Connection, "prepare"> {
  readonly client: RedisClient;
  readonly close: () => unknown;
}

/** Drivers whose errors end the process unless somebody listens. */
export interface WithErrors {
  on(event: "error", listener: (error: unknown) => void): unknown;
}

interface IoredisModule {
  readonly Redis: new (options: object) => IoredisClient & WithErrors & { disconnect(): void };
}

/** A client of node-redis that the store owns. */
export interface NodeRedis extends NodeRedisClient, WithErrors {
  readonly isOpen: boolean;
  connect(): Promise<unknown>;
  destroy?(): void;
  disconnect(): Promise<unknown>;
}

interface NodeRedisModule {
  readonly createClient: (options: object) => NodeRedis;
}

interface BunModule {
  readonly RedisClient?: new (url: string, options: object) => BunRedisClient & { close(): void };
}

/** The longest wait between two attempts to connect. */
const MAX_RECONNECT_MS = 2_000;

/** Whether the URL asks for TLS. */
function usesTls({ scheme }: StoreAddress): boolean {
  return scheme === "rediss";
}

function databaseOf({ name }: StoreAddress): number | undefined {
  if (name === undefined || /^\d{1,9}$/.test(name)) return name === undefined ? undefined : Number(name);
  throw new RangeError(cannot(OPEN, "the path of its URL must be the number of a database", name));
}

function ignore(): void {}

function reconnectDelay(attempts: number): number {
  return Math.min(50 * (attempts + 1), MAX_RECONNECT_MS);
}

function ioredisClient(Redis: IoredisModule["Redis"], address: StoreAddress, db: number | undefined): OwnClient {
  const { host, port, user: username, password } = address;
  const client = new Redis({
    ...defined({ host: host || undefined, port, username, password, db }),
    ...(usesTls(address) && { tls: {} }),
    lazyConnect: true,
    retryStrategy: reconnectDelay,
    // leaves a server that has become a replica
    reconnectOnError: (error: Error) => error.message.startsWith("READONLY") ? 2 : false,
  });
  client.on("error", ignore);
  return { client, close: () => client.disconnect() };
}

/**
 * Connects before the first call, and again after an attempt that has failed for good, such as with a wrong password. One that takes too
 * long is given up: its server may be hung.
 */
export function connecting(client: NodeRedis, limitMs: number): NonNullable<Connection["prepare"]> {
  const connect = sharedAttempt(async () => {
    try {
      await withinLimit({ action: OPEN, limitMs }, () => client.connect());
    } catch (error) {
      closeNodeRedis(client);
      throw error;
    }
  });
  let isConnected = false;
  return () => {
    if (isConnected && client.isOpen) return undefined;
    return connect().then(() => void (isConnected = true));
  };
}

function closeNodeRedis(client: NodeRedis): unknown {
  // one that was never opened rejects its end
  if (!client.isOpen) return undefined;
  return client.destroy ? client.destroy() : client.disconnect();
}

function nodeRedisClient({ createClient }: NodeRedisModule, address: StoreAddress, settings: Settings): OwnClient {
  const { host, port, user: username, password } = address;
  const client = createClient({
    ...defined({ username, password, database: settings.db }),
    socket: {
      ...defined({ host: host || undefined, port }),
      ...(usesTls(address) && { tls: true }),
      connectTimeout: settings.limitMs,
      reconnectStrategy: reconnectDelay,
    },
  });
  client.on("error", ignore);
  return { client, close: () => closeNodeRedis(client), prepare: connecting(client, settings.limitMs) };
}

function bunClient(address: StoreAddress, { db, limitMs }: Settings): OwnClient | undefined {
  const { RedisClient } = (globalThis as { readonly Bun?: BunModule }).Bun ?? {};
  if (!RedisClient) return undefined;
  const url = new URL(`${address.scheme}://${address.host.includes(":") ? `[${address.host}]` : address.host}`);
  if (address.port !== undefined) url.port = String(address.port);
  url.username = encodeURIComponent(address.user ?? "");
  url.password = encodeURIComponent(address.password ?? "");
  if (db !== undefined) url.pathname = `/${db}`;
  const client = new RedisClient(url.href, {
    connectionTimeout: limitMs,
    // the client gives up for good after them
    maxRetries: 2 ** 31 - 1,
  });
  return { client, close: () => client.close() };
}

interface Settings {
  readonly db: number | undefined;
  readonly limitMs: number;
}

function packagesFor(address: StoreAddress, settings: Settings): readonly DriverPackage<OwnClient>[] {
  return [
    {
      name: "ioredis",
      range: "^6.0.0",
      create: (module: IoredisModule) => ioredisClient(exportsOf(module, "Redis").Redis, address, settings.db),
    },
    {
      name: "redis",
      range: "^6.0.0",
      create: (module: NodeRedisModule) => nodeRedisClient(exportsOf(module, "createClient"), address, settings),
    },
  ];
}

/** Redis or Valkey. */
export const REDIS: Scheme = {
  names: ["redis", "rediss"],
  example: "redis://USER:PASSWORD@HOST:PORT/DATABASE",
  parameters: ["prefix", "timeout", "watch"],
  parts: { host: true, user: true, port: true },
  async open(address) {
    const { RedisStore } = await import("../redis.ts");
    const { timeoutMs: requestTimeout } = address;
    const options = defined({ prefix: address.text("prefix"), watch: address.flag("watch"), requestTimeout });
    const settings = { db: databaseOf(address), limitMs: requestTimeout ?? DEFAULT_LIMIT_MS };
    const { client, close, prepare } = await createClient(packagesFor(address, settings), {
      create: () => bunClient(address, settings),
    });
    try {
      const store = new RedisStore({ client, ...options });
      return { store, close, limitMs: settings.limitMs, ...defined({ prepare }) };
    } catch (error) {
      await close();
      throw error;
    }
  },
};
