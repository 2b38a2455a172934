import type { StatusEntry, StatusStore, StoreCallOptions } from "@neat/periodic-task";
import { load } from "./protocol.ts";

interface Row {
  readonly value: Uint8Array;
  readonly version: string;
  readonly now: number;
}

/** The parts of the package pg that are used. */
interface Pool {
  query(text: string, values?: readonly unknown[]): Promise<{ rows: readonly Row[] }>;
  on(event: "error", listener: () => void): unknown;
}
interface Pg {
  readonly default: { readonly Pool: new (options: Readonly<Record<string, unknown>>) => Pool };
}

/** Shorter than the scheduler's own timeout of store calls. */
const TIMEOUT_MS = 8_000;

const CREATE = "CREATE TABLE IF NOT EXISTS status (name TEXT PRIMARY KEY, value BYTEA, version UUID)";
const READ = `SELECT value, version, extract(epoch FROM clock_timestamp())::float8 * 1000 AS now
  FROM status WHERE name = $1`;
const INSERT = "INSERT INTO status VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING version";
const UPDATE = "UPDATE status SET value = $2, version = $3 WHERE name = $1 AND version = $4 RETURNING version";

/** The custom store of the documentation on PostgreSQL. The database's clock is the store time. */
export class PostgresStore implements StatusStore {
  readonly #pool: Pool;

  private constructor(pool: Pool) {
    this.#pool = pool;
  }

  /** Connects, and creates the table if there is none. */
  static async open(url: string): Promise<PostgresStore> {
    const { default: { Pool } } = await load<Pg>("pg");
    const pool = new Pool({ connectionString: url, connectionTimeoutMillis: TIMEOUT_MS, query_timeout: TIMEOUT_MS });
    // an idle connection may break: the next call opens another
    pool.on("error", () => {});
    // of several processes that create the table at once, some fail
    await pool.query(CREATE).catch(() => pool.query(CREATE));
    return new PostgresStore(pool);
  }

  async read(key: string, { signal }: StoreCallOptions = {}): Promise<StatusEntry | null> {
    const [row] = await this.#ask(signal, READ, [key]);
    return row ? { value: new Uint8Array(row.value), version: row.version, storeTime: row.now } : null;
  }

  async write(
    key: string,
    value: Uint8Array,
    version: string | null,
    { signal }: StoreCallOptions = {},
  ): Promise<string | null> {
    const next = crypto.randomUUID();
    const rows = version === null
      ? await this.#ask(signal, INSERT, [key, value, next])
      : await this.#ask(signal, UPDATE, [key, value, next, version]);
    return rows.length > 0 ? next : null;
  }

  async #ask(signal: AbortSignal | undefined, text: string, values: readonly unknown[]): Promise<readonly Row[]> {
    signal?.throwIfAborted();
    const ended = Promise.withResolvers<never>();
    const end = (): void => ended.reject(signal?.reason);
    signal?.addEventListener("abort", end);
    try {
      return (await Promise.race([this.#pool.query(text, values), ended.promise])).rows;
    } finally {
      signal?.removeEventListener("abort", end);
    }
  }
}
