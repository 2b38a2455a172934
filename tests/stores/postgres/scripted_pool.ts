/**
 * A pool of `pg` with scripted answers.
 *
 * @module
 */
import type { PgNotification, PgPool, PgPoolClient, PgQuery } from "@neat/periodic-task/stores/postgres";

/** The rows of an answer, or a function that returns them, throws or never settles. */
export type Answer = unknown[][] | (() => unknown[][] | Promise<unknown[][]>);

type Listener = (...args: never[]) => void;

/** A connection that keeps its listeners and how it was released. */
export class ScriptedClient implements PgPoolClient {
  readonly #pool: ScriptedPool;
  readonly #listeners: { readonly event: string; readonly listener: Listener }[] = [];
  /** `true` if the connection was closed, `false` if it was given back. */
  released: boolean | undefined;

  constructor(pool: ScriptedPool) {
    this.#pool = pool;
  }

  async query(query: PgQuery): Promise<{ rows: unknown[] }> {
    this.#pool.queries.push(query);
    const answer = this.#pool.answers.shift() ?? [];
    return { rows: await (typeof answer === "function" ? answer() : answer) };
  }

  on(event: string, listener: Listener): this {
    this.#listeners.push({ event, listener });
    return this;
  }

  removeListener(event: string, listener: Listener): this {
    const index = this.#listeners.findIndex((one) => one.event === event && one.listener === listener);
    if (index >= 0) this.#listeners.splice(index, 1);
    return this;
  }

  release(destroy = false): void {
    if (this.released !== undefined) throw new Error("released twice");
    this.released = destroy;
  }

  /** How many listeners an event has. */
  listeners(event: string): number {
    return this.#listeners.filter((one) => one.event === event).length;
  }

  emit(event: "error", error: Error): void;
  emit(event: "end"): void;
  emit(event: "notification", message: PgNotification): void;
  emit(event: string, ...args: never[]): void {
    const called = this.#listeners.filter((one) => one.event === event);
    if (event === "error" && called.length === 0) throw new Error("the process would end");
    for (const { listener } of called) listener(...args);
  }
}

/** A pool with scripted answers, each used once. It keeps all statements. */
export class ScriptedPool implements PgPool {
  readonly totalCount = 0;
  readonly options: { max: number } = { max: 10 };
  readonly queries: PgQuery[] = [];
  /** The connections, in the order in which they were taken. */
  readonly clients: ScriptedClient[] = [];
  /** The answers of statements. When they are used up, there are no rows. */
  readonly answers: Answer[] = [];
  /** Called before a connection is handed out. */
  beforeConnect: () => Promise<void> = () => Promise.resolve();

  query = (): never => {
    throw new Error("the store takes connections");
  };

  async connect(): Promise<PgPoolClient> {
    await this.beforeConnect();
    const client = new ScriptedClient(this);
    this.clients.push(client);
    return client;
  }
}

/** An error as the database sends it. */
export class DatabaseError extends Error {
  /** The SQLSTATE. */
  readonly code: string;

  constructor(code: string) {
    super(`error ${code}`);
    this.code = code;
  }
}

/** An answer that throws. */
export function fails(error: unknown): () => never {
  return () => {
    throw error;
  };
}

/** An answer that never comes. */
export function never(): Promise<never> {
  return new Promise(() => {});
}

/** The first columns of reads from a primary server. */
export const PRIMARY = ["false", "off"] as const;
