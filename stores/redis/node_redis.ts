/**
 * Clients of the package redis, which is also called node-redis.
 *
 * @module
 */
import type { RedisDriver, SendCommand, Subscriber, SubscriberEvents } from "./driver.ts";

/** A connection of node-redis for subscriptions. */
export interface NodeRedisSubscriber {
  /** Opens the connection. */
  connect(): Promise<unknown>;
  /** Subscribes to a channel. */
  subscribe(channel: string, listener: (message: string, channel: string) => void): Promise<unknown>;
  /** Ends a subscription. */
  unsubscribe(channel: string): Promise<unknown>;
  /** Closes the connection at once. Version 4 lacks it. */
  destroy?(): unknown;
  /** Closes the connection at once, in version 4. */
  disconnect?(): unknown;
  /** Adds a listener. */
  on(event: string, listener: (error: Error) => void): unknown;
}

/** A client that `createClient()` of node-redis returns, or a pool of them, which can't watch. */
export interface NodeRedisClient {
  /** The options of the client. */
  readonly options?: unknown;
  /** Sends a command. */
  sendCommand(args: string[], options?: object): Promise<unknown>;
  /** Creates a further client with other options. Only the watch of a record needs it. */
  duplicate?(overrides?: object): NodeRedisSubscriber;
}

/** A node of a cluster. */
export type NodeRedisNode = object;

/** A client that `createCluster()` of node-redis returns. */
export interface NodeRedisCluster {
  /** The masters. */
  readonly masters: readonly NodeRedisNode[];
  /** Sends a command to the master of a key. */
  sendCommand(
    firstKey: string | undefined,
    isReadonly: boolean | undefined,
    args: string[],
    options?: object,
  ): Promise<unknown>;
  /** The client of a node. */
  nodeClient(node: never): NodeRedisClient | Promise<NodeRedisClient>;
}

/** The driver of a client. */
export function nodeRedisClientDriver(client: NodeRedisClient): RedisDriver {
  const send: SendCommand = (args, signal) => client.sendCommand([...args], optionsOf(signal));
  return {
    keyPrefix: "",
    isCluster: false,
    send: (args, _key, signal) => send(args, signal),
    masters: () => Promise.resolve([send]),
    subscriber: client.duplicate && ((events) => openSubscriber(() => client, events)),
  };
}

/** The driver of a cluster. */
export function nodeRedisClusterDriver(cluster: NodeRedisCluster): RedisDriver {
  return {
    keyPrefix: "",
    isCluster: true,
    send: (args, key, signal) => cluster.sendCommand(key, false, [...args], optionsOf(signal)),
    masters: async () => {
      const clients = await Promise.all(cluster.masters.map((node) => cluster.nodeClient(node as never)));
      return clients.map((client): SendCommand => (args, signal) => client.sendCommand([...args], optionsOf(signal)));
    },
    subscriber: (events) => openSubscriber(() => anyClient(cluster), events),
  };
}

/**
 * The options of a call. When the signal aborts, a command that is not sent yet is dropped; version 4 knows the signal by another
 * name, and breaks its queue when it aborts later. The client may have a type mapping that turns strings into buffers.
 */
function optionsOf(signal: AbortSignal): object {
  return { abortSignal: signal, typeMapping: {} };
}

/** Messages reach all nodes of a cluster, so that a subscription may be at any of them. */
async function anyClient(cluster: NodeRedisCluster): Promise<NodeRedisClient> {
  const { masters } = cluster;
  const node = masters[Math.floor(Math.random() * masters.length)];
  if (!node) throw new Error("Cannot subscribe as the cluster has no node yet: current value is undefined");
  return await cluster.nodeClient(node as never);
}

/** The store opens a lost connection for subscriptions anew by itself, and so notices that it has missed messages. */
function subscriberOptions({ options }: NodeRedisClient): object {
  const { socket } = (options ?? {}) as { readonly socket?: object };
  return { socket: { ...socket, reconnectStrategy: false } };
}

function openSubscriber(
  clientOf: () => NodeRedisClient | Promise<NodeRedisClient>,
  events: SubscriberEvents,
): Subscriber {
  let connection: NodeRedisSubscriber | undefined;
  let isClosed = false;
  const open = async (): Promise<void> => {
    const client = await clientOf();
    if (isClosed) return;
    connection = client.duplicate?.(subscriberOptions(client));
    if (!connection) {
      throw new TypeError("Cannot subscribe as the client has no duplicate(): current value is undefined");
    }
    // without a listener Node ends the process
    connection.on("error", events.onLost);
    connection.on("end", () => events.onLost(new Error("Connection is closed.")));
    await connection.connect();
  };
  const opened = open();
  opened.catch(events.onLost);
  return {
    opened,
    subscribe: async (channel) =>
      await connection?.subscribe(channel, (_message, channel) => events.onMessage(channel)),
    unsubscribe: async (channel) => await connection?.unsubscribe(channel),
    close: () => {
      isClosed = true;
      if (connection) closeConnection(connection);
    },
  };
}

function closeConnection(connection: NodeRedisSubscriber): void {
  const close = async (): Promise<void> =>
    void await (connection.destroy ? connection.destroy() : connection.disconnect?.());
  // it may be closed already
  close().catch(() => {});
}
