/**
 * The driver of Bun: `Bun.sql`, or a `new Bun.SQL()`.
 *
 * @module
 */
import type { PostgresDriver } from "./driver.ts";
import { queryReserved, type ReservingSql } from "./reserved.ts";
import { listenOnce } from "./subscription.ts";

/** `Bun.sql`, or a `new Bun.SQL()`. */
export interface BunSql extends ReservingSql {
  /** Listens to a channel, on a connection of its own. Older versions of Bun lack it. */
  listen?(channel: string, notified: (payload: string) => void, listening?: () => void): Promise<BunSqlListen>;
}

/** A channel that Bun listens to. */
export interface BunSqlListen {
  /** Ends it. */
  unlisten(): Promise<void>;
}

/** Whether a client is one of Bun. Ask for Postgres.js before, which has the same methods and more. */
export function isBunSql(client: unknown): client is BunSql {
  const { unsafe, reserve } = (client ?? {}) as Partial<BunSql>;
  return typeof client === "function" && typeof unsafe === "function" && typeof reserve === "function";
}

/** Reserves a connection for each statement. */
export function bunSqlDriver(sql: BunSql): PostgresDriver {
  return {
    query: (statement, signal) => queryReserved(sql, statement, signal),
    listen: (channel, events, signal) =>
      listenOnce(events, signal, async ({ notified, listening }) => {
        if (!sql.listen) throw new Error("this version of Bun can't listen");
        const subscription = await sql.listen(channel, notified, listening);
        return () => subscription.unlisten();
      }),
  };
}
