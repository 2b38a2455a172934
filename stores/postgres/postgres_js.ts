/**
 * The driver `postgres`, also known as Postgres.js.
 *
 * @module
 */
import type { ChannelEvents, PostgresDriver } from "./driver.ts";
import { queryReserved, type ReservingSql } from "./reserved.ts";
import { listenOnce } from "./subscription.ts";

/** What `postgres()` of Postgres.js returns. */
export interface PostgresJs extends ReservingSql {
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
  const { unsafe, reserve, listen, subscribe } = (client ?? {}) as Partial<PostgresJs>;
  return typeof client === "function" && [unsafe, reserve, listen, subscribe].every((one) => typeof one === "function");
}

/** Reserves a connection for each statement. */
export function postgresJsDriver(sql: PostgresJs): PostgresDriver {
  return {
    query: (statement, signal) => queryReserved(sql, statement, signal),
    listen: (channel, events, signal) => listenOnce(events, signal, (handlers) => start(sql, channel, handlers)),
  };
}

async function start(
  sql: PostgresJs,
  channel: string,
  { notified, listening }: { notified: ChannelEvents["notified"]; listening: () => void },
): Promise<() => PromiseLike<unknown>> {
  const { unlisten } = await sql.listen(channel, notified, listening);
  return unlisten;
}
