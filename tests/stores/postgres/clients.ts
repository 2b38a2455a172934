/**
 * Opens clients of each driver, under any runtime.
 *
 * @module
 */
import type { PostgresClient } from "../../../stores/postgres.ts";

/** A client, and how to close it. */
export interface OpenedClient {
  readonly client: PostgresClient;
  /** Closes it, even if its server hangs. */
  readonly close: () => Promise<unknown>;
}

/** Options of a client. */
export interface ClientOptions {
  /** The most connections. */
  readonly max?: number;
}

type Open = (url: string, options: ClientOptions) => Promise<OpenedClient>;

const ignore = (): void => {};

async function openPool(url: string, { max = 4 }: ClientOptions): Promise<OpenedClient> {
  const { default: { Pool } } = await import("pg");
  const pool = new Pool({ connectionString: url, max, connectionTimeoutMillis: 1_000 });
  pool.on("error", ignore);
  return { client: pool, close: () => pool.end() };
}

async function openSingle(url: string): Promise<OpenedClient> {
  const { default: { Client } } = await import("pg");
  const client = new Client({ connectionString: url });
  client.on("error", ignore);
  await client.connect();
  return { client, close: () => client.end() };
}

async function openPostgresJs(url: string, { max = 4 }: ClientOptions): Promise<OpenedClient> {
  const { default: postgres } = await import("postgres");
  const sql = postgres(url, { max, onnotice: ignore, fetch_types: false, backoff: () => 0.5 });
  return { client: sql, close: () => sql.end({ timeout: 0 }) };
}

/** The part of Bun that is used. */
interface Bun {
  readonly SQL: new (url: string, options: object) => PostgresClient & { close(options: object): Promise<void> };
}

function openBunSql(url: string, { max = 4 }: ClientOptions): Promise<OpenedClient> {
  const { Bun } = globalThis as unknown as { readonly Bun: Bun };
  const sql = new Bun.SQL(url, { max });
  return Promise.resolve({ client: sql, close: () => sql.close({ timeout: 0 }) });
}

/** The drivers of any runtime, by their names. */
export const DRIVERS: Readonly<Record<string, Open>> = {
  "pg Pool": openPool,
  "pg Client": openSingle,
  "postgres": openPostgresJs,
};

/** The drivers of this runtime. */
export function driversHere(): Readonly<Record<string, Open>> {
  return "Bun" in globalThis ? { ...DRIVERS, "Bun.sql": openBunSql } : DRIVERS;
}
