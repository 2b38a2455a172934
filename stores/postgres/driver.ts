/**
 * The interface between the store and the drivers.
 *
 * @module
 */

/** One statement, with the values of `$1`, `$2` and so on. */
export interface Statement {
  readonly text: string;
  /** All values are texts, as each driver converts other types in its own way. */
  readonly values: readonly string[];
}

/** A row: the values of its columns. */
export type Row = readonly unknown[];

/** Receives what happens on a channel. */
export interface ChannelEvents {
  /** Called with the payload of each notification. */
  notified(payload: string | undefined): void;
  /** Called when a driver listens again after its connection broke: notifications may be missing. */
  listensAgain(): void;
  /** Called once when the connection breaks and the driver does not listen again. */
  lost(error: unknown): void;
}

/** Sends the statements of a store through the client of a user. */
export interface PostgresDriver {
  /**
   * Sends one statement in a transaction of its own.
   *
   * @param statement The statement.
   * @param signal Ends the call: nothing is sent any more, and what the call held is given back.
   * @returns The rows.
   * @throws The error of the driver.
   */
  query(statement: Statement, signal: AbortSignal): Promise<readonly Row[]>;

  /**
   * Listens to a channel.
   *
   * @param channel The name of the channel.
   * @param events Receives the notifications.
   * @param signal Ends the start: then nothing listens afterwards.
   * @returns A function that ends it, once the database has confirmed.
   */
  listen(channel: string, events: ChannelEvents, signal: AbortSignal): Promise<() => void>;
}
