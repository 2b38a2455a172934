/**
 * The client that Bun has.
 *
 * @module
 */
import type { RedisDriver, SendCommand, Subscriber, SubscriberEvents } from "./driver.ts";

/** A `RedisClient` of Bun, such as `Bun.redis`. */
export interface BunRedisClient {
  /** Called when the connection is closed. */
  onclose?: ((error: Error) => void) | null;
  /** Sends a command. */
  send(command: string, args: string[]): Promise<unknown>;
  /** Opens a further connection. Only the watch of a record needs it. */
  duplicate?(): Promise<BunRedisClient>;
  /** Subscribes to a channel. Only the watch of a record needs it. */
  subscribe?(channel: string, listener: (message: string, channel: string) => void): Promise<unknown>;
  /** Ends a subscription. Only the watch of a record needs it. */
  unsubscribe?(channel: string): Promise<unknown>;
  /** Closes the connection. Only the watch of a record needs it. */
  close?(): void;
}

/** The driver of a client. Bun has none of a cluster. */
export function bunRedisDriver(client: BunRedisClient): RedisDriver {
  const send: SendCommand = ([command = "", ...args]) => client.send(command, args);
  return {
    keyPrefix: "",
    isCluster: false,
    send: (args, _key, signal) => send(args, signal),
    masters: () => Promise.resolve([send]),
    subscriber: client.duplicate && ((events) => openSubscriber(client, events)),
  };
}

function openSubscriber(client: BunRedisClient, events: SubscriberEvents): Subscriber {
  const open = async (): Promise<BunRedisClient> => {
    const connection = await client.duplicate?.();
    if (!connection) {
      throw new TypeError("Cannot subscribe as the client has no duplicate(): current value is undefined");
    }
    connection.onclose = events.onLost;
    return connection;
  };
  const opened = open();
  opened.catch(events.onLost);
  return {
    opened,
    subscribe: async (channel) => {
      const connection = await opened;
      await connection.subscribe?.(channel, (_message, channel) => events.onMessage(channel));
    },
    unsubscribe: async (channel) => await (await opened).unsubscribe?.(channel),
    close: () => void opened.then((connection) => connection.close?.()).catch(() => {}),
  };
}
