/**
 * Sends statements through a pool or a connection of the user.
 *
 * @module
 */
import { unlessAborted } from "../calls/unless_aborted.ts";
import {
  isPool,
  type MysqlConnection,
  type MysqlPool,
  type MysqlPoolConnection,
  type PromiseClient,
} from "./client.ts";
import { isRejection } from "./errors.ts";
import type { Statement } from "./statements.ts";

/** Reads an answer of a driver. Throws if the session that gave it must not be used again. */
export type ReadAnswer<T> = (answer: unknown, connection: MysqlConnection) => T;

/** Sends one statement, and reads its answer. */
export type Send = <T>(statement: Statement, readAnswer: ReadAnswer<T>, signal: AbortSignal) => Promise<T>;

/** Returns the function that sends the statements of a store. */
export function sender(client: PromiseClient): Send {
  if (isPool(client)) return (statement, readAnswer, signal) => sendByPool(client, statement, readAnswer, signal);
  let last: Promise<unknown> = Promise.resolve();
  return (statement, readAnswer, signal) => {
    // in turn, so that a call that has ended while it waited is never sent
    const turn = last.then(async () => {
      signal.throwIfAborted();
      return readAnswer(await query(client, statement), client);
    });
    last = turn.catch(() => {});
    return turn;
  };
}

async function sendByPool<T>(
  pool: MysqlPool,
  statement: Statement,
  readAnswer: ReadAnswer<T>,
  signal: AbortSignal,
): Promise<T> {
  const connection = await take(pool, signal);
  let isUsable = false;
  try {
    const answer = await unlessAborted(query(connection, statement), signal).catch((error) => {
      isUsable = !signal.aborted && isRejection(error);
      throw error;
    });
    const result = readAnswer(answer, connection);
    isUsable = true;
    return result;
  } finally {
    if (isUsable) release(connection);
    else destroy(connection);
  }
}

/** Takes a connection. One that arrives after the end of the call goes back to the pool. */
async function take(pool: MysqlPool, signal: AbortSignal): Promise<MysqlPoolConnection> {
  const connecting = Promise.resolve(pool.getConnection());
  try {
    const connection = await unlessAborted(connecting, signal);
    signal.throwIfAborted();
    return connection;
  } catch (error) {
    connecting.then(release, () => {});
    throw error;
  }
}

function query(connection: MysqlConnection, { sql, values }: Statement): Promise<unknown> {
  // a new object each time: mysql2 writes into it
  const options = { sql, rowsAsArray: true, nestTables: false, typeCast: textOfField } as const;
  return Promise.resolve(connection.query({ ...options }, [...values]));
}

function textOfField(field: { string(): string | null }): string | null {
  return field.string();
}

/** A connection of `mariadb` gives itself back asynchronously. */
function release(connection: MysqlPoolConnection): void {
  Promise.resolve(connection.release()).catch(() => {});
}

/** Closes a connection. The server rolls back what it has not committed. */
function destroy(connection: MysqlPoolConnection): void {
  Promise.resolve(connection.destroy()).catch(() => {});
  // mysql2 waits until a server that may be hung closes the connection, too
  const { connection: core } = connection as { readonly connection?: { readonly stream?: { destroy?(): unknown } } };
  core?.stream?.destroy?.();
}
