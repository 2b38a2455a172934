/**
 * What the store needs of a client.
 *
 * @module
 */

/** Sends a command to one server. Strings in the answer are decoded as UTF-8. */
export type SendCommand = (args: readonly string[], signal: AbortSignal) => Promise<unknown>;

/** What happens at a connection for subscriptions. */
export interface SubscriberEvents {
  /** A message came on a channel. */
  readonly onMessage: (channel: string) => void;
  /** The connection is lost or could not be opened. It is not opened again. */
  readonly onLost: (error: unknown) => void;
}

/** A connection for subscriptions, which the store has opened and closes. */
export interface Subscriber {
  /** Resolves when the connection is open. */
  readonly opened: Promise<unknown>;
  /** Resolves once messages of the channel are passed on. */
  subscribe(channel: string): Promise<unknown>;
  unsubscribe(channel: string): Promise<unknown>;
  /** Closes the connection, even one that is not open yet. */
  close(): void;
}

/** The common face of all clients. */
export interface RedisDriver {
  /** The text that the client itself puts before each key. */
  readonly keyPrefix: string;
  /** Whether keys are on several servers. */
  readonly isCluster: boolean;
  /** Sends a command to the master of a key. */
  readonly send: (args: readonly string[], key: string, signal: AbortSignal) => Promise<unknown>;
  /** The masters: one, or those of a cluster. */
  readonly masters: (signal: AbortSignal) => Promise<readonly SendCommand[]>;
  /** Opens a further connection for subscriptions; `undefined` if the client can't. */
  readonly subscriber: ((events: SubscriberEvents) => Subscriber) | undefined;
}
