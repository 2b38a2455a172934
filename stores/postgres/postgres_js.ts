/**
 * The driver `postgres`, also known as Postgres.js.
 *
 * @module
 */
import { unlessAborted } from "../calls/unless_aborted.ts";
import type { PostgresDriver, Row } from "./driver.ts";
import { PostgresJsSubscription } from "./postgres_js_subscription.ts";
import { listenOnce } from "./subscription.ts";

/** A statement of Postgres.js. It is sent when somebody waits for it. */
export interface PostgresJsQuery extends PromiseLike<unknown> {
  /** Makes rows arrays. */
  values(): PromiseLike<unknown>;
  /** Removes the statement from the queue, or asks the server to cancel it. */
  cancel(): unknown;
  /** Set when the statement has been sent. */
  readonly state?: unknown;
}

/** What `postgres()` of Postgres.js returns. */
export interface PostgresJs {
  /** Makes a statement of a text. It is not kept prepared. */
  unsafe(text: string, values?: string[]): PostgresJsQuery;
  /** Listens to a channel, on a connection of its own. */
  listen(channel: string, notified: (payload: string) => void, listening?: () => void): PromiseLike<PostgresJsListen>;
  /** Follows changes. The store does not use it, but only this driver has it. */
  subscribe: unknown;
}

/** A channel that Postgres.js listens to. */
export interface PostgresJsListen {
  /** Ends it. */
  unlisten(): Promise<unknown>;
}

/** Whether a client is one of Postgres.js. */
export function isPostgresJs(client: unknown): client is PostgresJs {
  const { unsafe, listen, subscribe } = (client ?? {}) as Partial<PostgresJs>;
  return typeof client === "function" && [unsafe, listen, subscribe].every((one) => typeof one === "function");
}

/**
 * Sends each statement on any connection.
 *
 * A statement that waits for a connection leaves the queue when the signal aborts. One that was sent is not cancelled: the request of
 * Postgres.js 3 may hit the next statement on the connection, which is somebody else's, and is an unhandled rejection if the server can't
 * be reached. Its `reserve()` would keep the others away, but waits forever with the option `fetch_types: false`.
 */
export function postgresJsDriver(sql: PostgresJs): PostgresDriver {
  const subscriptions = new Map<string, PostgresJsSubscription>();
  return {
    query: async ({ text, values }, signal) => {
      const query = sql.unsafe(text, [...values]);
      try {
        return await unlessAborted(query.values(), signal) as Row[];
      } catch (error) {
        const isQueued = signal.aborted && (query.state ?? null) === null;
        if (isQueued) query.cancel();
        throw error;
      }
    },
    listen: (channel, events, signal) => {
      const subscription = subscriptions.get(channel) ?? new PostgresJsSubscription(sql, channel);
      subscriptions.set(channel, subscription);
      return listenOnce(events, signal, (handlers) => subscription.start(handlers));
    },
  };
}
