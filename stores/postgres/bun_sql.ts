/**
 * The driver of Bun: `Bun.sql`, or a `new Bun.SQL()`.
 *
 * @module
 */
import { unlessAborted } from "../calls/unless_aborted.ts";
import type { PostgresDriver, Row, Statement } from "./driver.ts";
import { listenOnce } from "./subscription.ts";

/** A statement of Bun. It is sent when somebody waits for it. */
export interface BunSqlQuery extends PromiseLike<unknown> {
  /** Makes rows arrays. */
  values(): PromiseLike<unknown>;
  /** Asks the server to cancel the statement, on a connection of its own. */
  cancel(): unknown;
}

/** A reserved connection of Bun. */
export interface BunSqlConnection {
  /** Makes a statement of a text. */
  unsafe(text: string, values?: string[]): BunSqlQuery;
  /** Gives the connection back. */
  release(): unknown;
}

/** `Bun.sql`, or a `new Bun.SQL()`. */
export interface BunSql {
  /** Makes a statement of a text. */
  unsafe(text: string, values?: string[]): BunSqlQuery;
  /** Reserves a connection. */
  reserve(): PromiseLike<BunSqlConnection>;
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

/**
 * Sends one statement on a reserved connection.
 *
 * When the signal aborts, the server is asked to cancel the statement. The connection is given back when that has ended: otherwise the
 * request could hit the next statement on the connection, which is somebody else's.
 */
async function queryReserved(
  sql: BunSql,
  { text, values }: Statement,
  signal: AbortSignal,
): Promise<readonly Row[]> {
  const reserving = sql.reserve();
  let connection: BunSqlConnection;
  try {
    connection = await unlessAborted(reserving, signal);
  } catch (error) {
    reserving.then(giveBack, () => {});
    throw error;
  }
  const query = connection.unsafe(text, [...values]);
  const answered = Promise.resolve(query.values());
  try {
    const rows = await unlessAborted(answered, signal);
    giveBack(connection);
    return rows as Row[];
  } catch (error) {
    void cancelAndRelease(connection, query, answered, signal);
    throw error;
  }
}

async function cancelAndRelease(
  connection: BunSqlConnection,
  query: BunSqlQuery,
  answered: Promise<unknown>,
  signal: AbortSignal,
): Promise<void> {
  try {
    if (signal.aborted) await Promise.allSettled([query.cancel(), answered]);
  } finally {
    giveBack(connection);
  }
}

/** Gives a connection back. Bun may reject that if the connection has ended. */
function giveBack(connection: BunSqlConnection): void {
  Promise.resolve().then(() => connection.release()).catch(() => {});
}
