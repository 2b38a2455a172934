/**
 * `postgres:` and `postgresql:`.
 *
 * @module
 */
import type { BunSql } from "../postgres/bun_sql.ts";
import type { PostgresClient } from "../postgres/client.ts";
import type { PgPool } from "../postgres/pg.ts";
import type { PostgresJs } from "../postgres/postgres_js.ts";
import type { StoreAddress } from "./address.ts";
import { createClient, type DriverPackage, exportsOf } from "./drivers.ts";
import { DEFAULT_LIMIT_MS, defined, MAX_CONNECTIONS, type Scheme } from "./scheme.ts";
import { creatingOnce } from "./tables.ts";

interface OwnClient {
  readonly client: PostgresClient;
  readonly close: () => Promise<unknown>;
}

interface PgModule {
  readonly Pool: new (options: object) => PgPool & {
    on(event: "error", listener: () => void): unknown;
    end(): Promise<void>;
  };
}

interface PostgresJsModule {
  readonly default: (options: object) => PostgresJs & { end(options: { timeout: number }): Promise<void> };
}

interface BunModule {
  readonly SQL?: new (options: object) => BunSql & { close(options: { timeout: number }): Promise<void> };
}

const SSL_MODES = ["disable", "require", "verify-full"] as const;

/** How TLS is used: not at all, without a check of the certificate as libpq does, or with one. */
function tlsOf(address: StoreAddress): false | { readonly rejectUnauthorized: boolean } | undefined {
  const mode = address.choice("sslmode", SSL_MODES);
  if (mode === undefined) return undefined;
  return mode === "disable" ? false : { rejectUnauthorized: mode === "verify-full" };
}

function ignore(): void {}

function packagesFor(address: StoreAddress, limitMs: number): readonly DriverPackage<OwnClient>[] {
  const { host, port, password, name: database } = address;
  const applicationName = address.text("application_name");
  const common = { host: host || undefined, port, password, database, ssl: tlsOf(address), max: MAX_CONNECTIONS };
  return [
    {
      name: "pg",
      range: "^8.11.0",
      create(module: PgModule) {
        const { Pool } = exportsOf(module, "Pool");
        const client = new Pool({
          ...defined({ ...common, user: address.user, application_name: applicationName }),
          connectionTimeoutMillis: limitMs,
        });
        // a broken connection that nothing uses ends the process otherwise
        client.on("error", ignore);
        return { client, close: () => client.end() };
      },
    },
    {
      name: "postgres",
      range: "^3.4.0",
      create({ default: postgres }: PostgresJsModule) {
        const client = postgres({
          ...defined({ ...common, username: address.user }),
          ...(applicationName !== undefined && { connection: { application_name: applicationName } }),
          connect_timeout: Math.ceil(limitMs / 1_000),
          onnotice: ignore,
        });
        return { client, close: () => client.end({ timeout: 1 }) };
      },
    },
  ];
}

function bunClient(address: StoreAddress, limitMs: number): OwnClient | undefined {
  const { SQL } = (globalThis as { readonly Bun?: BunModule }).Bun ?? {};
  if (!SQL) return undefined;
  const applicationName = address.text("application_name");
  const client = new SQL({
    adapter: "postgres",
    ...defined({
      hostname: address.host || undefined,
      port: address.port,
      username: address.user,
      password: address.password,
      database: address.name,
      tls: tlsOf(address),
    }),
    ...(applicationName !== undefined && { connection: { application_name: applicationName } }),
    max: MAX_CONNECTIONS,
    connectionTimeout: Math.ceil(limitMs / 1_000),
  });
  return { client, close: () => client.close({ timeout: 1 }) };
}

/** A table of PostgreSQL. */
export const POSTGRES: Scheme = {
  names: ["postgres", "postgresql"],
  example: "postgres://USER:PASSWORD@HOST/DATABASE",
  parameters: ["schema", "table", "timeout", "watch", "createTable", "sslmode", "application_name"],
  parts: { host: true, user: true, port: true },
  async open(address) {
    const { PostgresStore } = await import("../postgres.ts");
    const { timeoutMs: requestTimeout } = address;
    const options = defined({
      schema: address.text("schema"),
      table: address.text("table"),
      watch: address.flag("watch"),
      requestTimeout,
    });
    const createsTable = address.flag("createTable") ?? true;
    const limitMs = requestTimeout ?? DEFAULT_LIMIT_MS;
    const { client, close } = await createClient(packagesFor(address, limitMs), {
      create: () => bunClient(address, limitMs),
    });
    try {
      const store = new PostgresStore({ client, ...options });
      const prepare = createsTable ? creatingOnce((own) => store.createTable(own), limitMs) : undefined;
      return { store, close, limitMs, ...defined({ prepare }) };
    } catch (error) {
      await close();
      throw error;
    }
  },
};
