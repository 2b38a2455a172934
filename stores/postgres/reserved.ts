/**
 * Statements of drivers that reserve a connection and cancel statements.
 *
 * @module
 */
import { type Row, type Statement, unlessAborted } from "./driver.ts";

/** A statement of the driver. It is sent when somebody waits for it. */
export interface SqlQuery extends PromiseLike<unknown> {
  /** Makes rows arrays. */
  values(): PromiseLike<unknown>;
  /** Removes the statement from the queue, or asks the server to cancel it. */
  cancel(): unknown;
}

/** A reserved connection. */
export interface ReservedSql {
  /** Makes a statement of a text. */
  unsafe(text: string, values?: string[]): SqlQuery;
  /** Gives the connection back. */
  release(): unknown;
}

/** A client that reserves connections. */
export interface ReservingSql {
  /** Makes a statement of a text. */
  unsafe(text: string, values?: string[]): SqlQuery;
  /** Reserves a connection. */
  reserve(): PromiseLike<ReservedSql>;
}

/**
 * Sends one statement on a reserved connection.
 *
 * When the signal aborts, the server is asked to cancel the statement. The connection is given back when that has ended: otherwise the
 * request could hit the next statement on the connection, which is somebody else's.
 */
export async function queryReserved(
  sql: ReservingSql,
  { text, values }: Statement,
  signal: AbortSignal,
): Promise<readonly Row[]> {
  const reserving = sql.reserve();
  let connection: ReservedSql;
  try {
    connection = await unlessAborted(reserving, signal);
  } catch (error) {
    reserving.then((late) => late.release(), () => {});
    throw error;
  }
  const query = connection.unsafe(text, [...values]);
  const answered = Promise.resolve(query.values());
  try {
    const rows = await unlessAborted(answered, signal);
    connection.release();
    return rows as Row[];
  } catch (error) {
    void cancelAndRelease(connection, query, answered, signal);
    throw error;
  }
}

async function cancelAndRelease(
  connection: ReservedSql,
  query: SqlQuery,
  answered: Promise<unknown>,
  signal: AbortSignal,
): Promise<void> {
  try {
    if (signal.aborted) await Promise.allSettled([query.cancel(), answered]);
  } finally {
    connection.release();
  }
}
