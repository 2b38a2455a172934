/**
 * Clients of the package ioredis.
 *
 * @module
 */
import type { RedisDriver, SendCommand, Subscriber, SubscriberEvents } from "./driver.ts";

/** A connection of ioredis for subscriptions. */
export interface IoredisSubscriber {
  /** Opens the connection. */
  connect(): Promise<unknown>;
  /** Subscribes to a channel. */
  subscribe(channel: string): Promise<unknown>;
  /** Ends a subscription. */
  unsubscribe(channel: string): Promise<unknown>;
  /** Closes the connection at once. */
  disconnect(): void;
  /** Adds a listener. */
  on(event: string, listener: (...args: string[]) => void): unknown;
}

/** A `Redis` of ioredis, also one that finds its master through Sentinel. */
export interface IoredisClient {
  /** The options of the client. */
  readonly options?: { readonly keyPrefix?: unknown };
  /** Sends a command. */
  call(command: string, ...args: string[]): Promise<unknown>;
  /** Opens a further connection with other options. Only the watch of a record needs it. */
  duplicate?(override: object): IoredisSubscriber;
}

/** A `Cluster` of ioredis. */
export interface IoredisCluster {
  /** Always true. */
  readonly isCluster: boolean;
  /** The options of the client. */
  readonly options?: { readonly keyPrefix?: unknown };
  /** Sends a command to the master of its keys. */
  call(command: string, ...args: string[]): Promise<unknown>;
  /** The clients of the nodes. */
  nodes(role: "master" | "all"): IoredisClient[];
}

/** The store opens a lost connection for subscriptions anew by itself, and so notices that it has missed messages. */
const SUBSCRIBER_OPTIONS = { lazyConnect: true, retryStrategy: () => null, autoResubscribe: false };

/** The driver of a client or a cluster. */
export function ioredisDriver(client: IoredisClient | IoredisCluster): RedisDriver {
  const { keyPrefix } = client.options ?? {};
  return {
    keyPrefix: keyPrefix ? String(keyPrefix) : "",
    isCluster: isCluster(client),
    send: (args) => send(client, args),
    masters: async () => isCluster(client) ? await mastersOf(client) : [(args) => send(client, args)],
    subscriber: isCluster(client) || client.duplicate ? (events) => openSubscriber(client, events) : undefined,
  };
}

function isCluster(client: IoredisClient | IoredisCluster): client is IoredisCluster {
  return (client as Partial<IoredisCluster>).isCluster === true;
}

function send(client: IoredisClient | IoredisCluster, [command = "", ...args]: readonly string[]): Promise<unknown> {
  return client.call(command, ...args);
}

async function mastersOf(cluster: IoredisCluster): Promise<SendCommand[]> {
  // until the first answer the cluster knows only the nodes that it was told
  await cluster.call("PING");
  return cluster.nodes("master").map((node) => (args) => send(node, args));
}

/** Messages reach all nodes of a cluster, so that a subscription may be at any of them. */
function anyNode(client: IoredisClient | IoredisCluster): IoredisClient | undefined {
  if (!isCluster(client)) return client;
  const nodes = client.nodes("all");
  return nodes[Math.floor(Math.random() * nodes.length)];
}

function openSubscriber(client: IoredisClient | IoredisCluster, events: SubscriberEvents): Subscriber {
  const connection = anyNode(client)?.duplicate?.(SUBSCRIBER_OPTIONS);
  if (!connection) throw new Error("Cannot subscribe as the cluster has no node yet: current value is undefined");
  connection.on("message", (channel = "") => events.onMessage(channel));
  // without a listener ioredis prints errors; the end follows
  let lastError: unknown;
  connection.on("error", (error: unknown) => lastError = error);
  connection.on("end", () => events.onLost(lastError ?? new Error("Connection is closed.")));
  const opened = connection.connect();
  opened.catch(events.onLost);
  return {
    opened,
    subscribe: (channel) => connection.subscribe(channel),
    unsubscribe: (channel) => connection.unsubscribe(channel),
    close: () => connection.disconnect(),
  };
}
