/**
 * The driver `pg`, with a pool or with a client.
 *
 * @module
 */
import { unlessAborted } from "../calls/unless_aborted.ts";
import type { ChannelEvents, PostgresDriver, Row, Statement } from "./driver.ts";
import { quoted } from "../sql/identifiers.ts";
import { isFatal, sqlState } from "./errors.ts";
import { Turns } from "./turns.ts";

/** A statement of `pg`. It has no name, so that no connection keeps it prepared. */
export interface PgQuery {
  /** The statement. */
  text: string;
  /** The values of `$1`, `$2` and so on. */
  values: string[];
  /** Rows are arrays. */
  rowMode: "array";
}

/** A notification of `pg`. */
export interface PgNotification {
  /** The channel. */
  readonly channel: string;
  /** The payload. */
  readonly payload?: string | undefined;
}

/** A connection of `pg`: a `Client`. */
export interface PgClient {
  /** Sends a statement. */
  query(query: PgQuery): Promise<{ readonly rows: unknown[] }>;
  /** Adds a listener for the failure of the connection. */
  on(event: "error", listener: (error: Error) => void): unknown;
  /** Adds a listener for the end of the connection. */
  on(event: "end", listener: () => void): unknown;
  /** Adds a listener for notifications. */
  on(event: "notification", listener: (message: PgNotification) => void): unknown;
  /** Removes a listener for the failure of the connection. */
  removeListener(event: "error", listener: (error: Error) => void): unknown;
  /** Removes a listener for the end of the connection. */
  removeListener(event: "end", listener: () => void): unknown;
  /** Removes a listener for notifications. */
  removeListener(event: "notification", listener: (message: PgNotification) => void): unknown;
}

/** A connection of a pool of `pg`. */
export interface PgPoolClient extends PgClient {
  /** Gives the connection back, or closes it. */
  release(destroy?: boolean): void;
}

/** A pool of `pg`: a `Pool`. */
export interface PgPool {
  /** Takes a connection. */
  connect(): Promise<PgPoolClient>;
  /** How many connections there are. */
  readonly totalCount: number;
  /** The options of the pool. */
  readonly options?: { readonly max?: number | undefined };
}

const ignoreError = (): void => {};

/** Uses a connection of a pool for each statement. A connection whose statement is not answered is closed. */
export function pgPoolDriver(pool: PgPool): PostgresDriver {
  return {
    query: async (statement, signal) => {
      const client = await takeClient(pool, signal);
      let isUsable = false;
      try {
        const rows = await unlessAborted(send(client, statement), signal);
        isUsable = true;
        return rows;
      } catch (error) {
        // after an error without a code, such as a limit of the driver, the answer may still come
        isUsable = !signal.aborted && sqlState(error) !== undefined && !isFatal(error);
        throw error;
      } finally {
        giveBack(client, isUsable);
      }
    },
    listen: async (channel, events, signal) => {
      const client = await takeClient(pool, signal);
      try {
        const stop = await unlessAborted(startListening(client, channel, events), signal);
        return () => {
          stop();
          // closed, as it would keep listening
          client.release(true);
        };
      } catch (error) {
        client.release(true);
        throw error;
      }
    },
  };
}

/** Uses one connection for all statements. It belongs to the user, so that a hung one can't be closed. */
export function pgClientDriver(client: PgClient): PostgresDriver {
  const turns = new Turns();
  const sendInTurn = (statement: Statement, signal: AbortSignal): Promise<readonly Row[]> =>
    turns.take(signal, () => send(client, statement));
  return {
    query: sendInTurn,
    listen: async (channel, events, signal) => {
      const stop = watchClient(client, channel, events);
      try {
        await unlessAborted(sendInTurn({ text: `LISTEN ${quoted(channel)}`, values: [] }, signal), signal);
      } catch (error) {
        stop();
        throw error;
      }
      return () => {
        stop();
        sendInTurn({ text: `UNLISTEN ${quoted(channel)}`, values: [] }, new AbortController().signal).catch(() => {});
      };
    },
  };
}

/** Takes a connection. One that arrives after the end of the call goes back to the pool. */
async function takeClient(pool: PgPool, signal: AbortSignal): Promise<PgPoolClient> {
  const connecting = pool.connect();
  try {
    const client = await unlessAborted(connecting, signal);
    // a connection that breaks emits an error, which ends the process if nobody listens
    client.on("error", ignoreError);
    return client;
  } catch (error) {
    connecting.then((late) => late.release(), () => {});
    throw error;
  }
}

function giveBack(client: PgPoolClient, isUsable: boolean): void {
  // a connection that is being closed may still emit an error
  if (isUsable) client.removeListener("error", ignoreError);
  client.release(!isUsable);
}

async function send(client: PgClient, { text, values }: Statement): Promise<readonly Row[]> {
  return (await client.query({ text, values: [...values], rowMode: "array" })).rows as Row[];
}

async function startListening(client: PgClient, channel: string, events: ChannelEvents): Promise<() => void> {
  const stop = watchClient(client, channel, events);
  try {
    await send(client, { text: `LISTEN ${quoted(channel)}`, values: [] });
    return stop;
  } catch (error) {
    stop();
    throw error;
  }
}

/** Passes on the notifications of a connection, and its end. Returns a function that removes the listeners. */
function watchClient(client: PgClient, channel: string, events: ChannelEvents): () => void {
  const pass = (message: PgNotification): void => {
    if (message.channel === channel) events.notified(message.payload);
  };
  const end = (error: unknown = new Error("the connection has ended")): void => {
    stop();
    events.lost(error);
  };
  const endWithoutError = (): void => end();
  const stop = (): void => {
    client.removeListener("notification", pass);
    client.removeListener("error", end);
    client.removeListener("end", endWithoutError);
  };
  client.on("notification", pass);
  client.on("error", end);
  client.on("end", endWithoutError);
  return stop;
}
