/**
 * PGlite: PostgreSQL in WebAssembly, inside the process.
 *
 * @module
 */
import { unlessAborted } from "../calls/unless_aborted.ts";
import type { PostgresDriver, Row } from "./driver.ts";
import { quoted } from "../sql/identifiers.ts";
import { Turns } from "./turns.ts";

/** A `PGlite` or a `PGliteWorker`. */
export interface PgLite {
  /** Sends a statement. */
  query(text: string, values?: string[], options?: { rowMode?: "array" }): Promise<{ readonly rows: unknown[] }>;
  /** Sends several statements. The store does not use it, but only this driver has it. */
  exec: unknown;
  /** Listens to a channel. */
  listen(channel: string, notified: (payload: string) => void): Promise<() => Promise<void>>;
}

/** Whether a client is a PGlite. */
export function isPgLite(client: unknown): client is PgLite {
  const { query, exec, listen } = (client ?? {}) as Partial<PgLite>;
  return [query, exec, listen].every((one) => typeof one === "function");
}

/** PGlite has one session. Its calls can't be cancelled: one that was sent before the signal aborts may still write. */
export function pgLiteDriver(db: PgLite): PostgresDriver {
  const turns = new Turns();
  return {
    query: ({ text, values }, signal) =>
      turns.take(signal, async () => (await db.query(text, [...values], { rowMode: "array" })).rows as Row[]),
    listen: async (channel, { notified }, signal) => {
      const starting = turns.take(signal, () => db.listen(quoted(channel), notified));
      const end = (unlisten: () => Promise<void>): void => void unlisten().catch(() => {});
      try {
        const unlisten = await unlessAborted(starting, signal);
        return () => end(unlisten);
      } catch (error) {
        starting.then(end, () => {});
        throw error;
      }
    },
  };
}
