/**
 * A client whose answers are scripted, in place of a driver.
 *
 * @module
 */
import type { MysqlPool, MysqlPoolConnection, MysqlQuery } from "@neat/periodic-task/stores/mysql";

/** A statement that was sent. */
export interface SentStatement {
  readonly sql: string;
  readonly values: readonly string[];
  readonly options: MysqlQuery;
}

/** An answer: a value, or a function that returns it, its promise, or throws. */
export type Answer = unknown | (() => unknown);

/** A row about a session that the store may use. */
export const SESSION: readonly string[] = ["0", "0", "1", "0"];

/** The answer of mysql2 with rows. */
export function rows(...found: readonly unknown[][]): unknown {
  return [found, []];
}

/** The answer of mysql2 to a write. */
export function changed(affectedRows: unknown, serverStatus: unknown = 2): unknown {
  return [{ affectedRows, serverStatus }, undefined];
}

/** An error of the server. */
export function serverError(errno: number, message = "rejected", others: object = {}): Error {
  return Object.assign(new Error(message), { errno, sqlState: "HY000", ...others });
}

/** A function that throws. */
export function fails(error: unknown): () => never {
  return () => {
    throw error;
  };
}

/** Never answers. */
export function never(): Promise<never> {
  return new Promise(() => {});
}

/** A pool whose connections answer in turn. Without a script there is no record, and each write changes a row. */
export class ScriptedPool implements MysqlPool {
  readonly sent: SentStatement[] = [];
  readonly answers: Answer[] = [];
  /** How connections are given; at once if absent. */
  connect: (connection: MysqlPoolConnection) => Promise<MysqlPoolConnection> = (connection) =>
    Promise.resolve(connection);
  taken = 0;
  released = 0;
  destroyed = 0;
  streamsDestroyed = 0;

  getConnection(): Promise<MysqlPoolConnection> {
    this.taken++;
    const connection = {
      query: (options: MysqlQuery, values: string[]) => this.#answer(options, values),
      release: () => void this.released++,
      destroy: () => void this.destroyed++,
      connection: { stream: { destroy: () => void this.streamsDestroyed++ } },
    };
    return this.connect(connection);
  }

  query(): never {
    throw new Error("a pool's own query() keeps its connection when a call ends");
  }

  async #answer(options: MysqlQuery, values: string[]): Promise<unknown> {
    this.sent.push({ sql: options.sql, values, options });
    const answer = this.answers.shift();
    if (typeof answer === "function") return await answer();
    if (answer !== undefined) return answer;
    return /^SELECT/.test(options.sql) ? rows([...SESSION, "0", null, null]) : changed(1);
  }
}
