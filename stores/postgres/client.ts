/**
 * The clients that the store takes.
 *
 * @module
 */
import { cannot } from "../../src/errors.ts";
import { hasMethods } from "../../src/option_checks.ts";
import { type BunSql, bunSqlDriver, isBunSql } from "./bun_sql.ts";
import type { PostgresDriver } from "./driver.ts";
import { type PgClient, pgClientDriver, type PgPool, pgPoolDriver } from "./pg.ts";
import { isPgLite, type PgLite, pgLiteDriver } from "./pglite.ts";
import { isPostgresJs, type PostgresJs, postgresJsDriver } from "./postgres_js.ts";

/** A client of one of the drivers. */
export type PostgresClient = PgPool | PgClient | PostgresJs | BunSql | PgLite;

/** Recognises the driver of a client. */
export function driverOf(client: PostgresClient, watches: boolean, action: string): PostgresDriver {
  if (isPostgresJs(client)) return postgresJsDriver(client);
  if (isBunSql(client)) {
    mustWatch(typeof client.listen === "function" || !watches, "the client must have a method listen()", action);
    return bunSqlDriver(client);
  }
  if (isPgLite(client)) return pgLiteDriver(client);
  if (isPgPool(client)) {
    // the connection that listens would be the only one
    mustWatch(client.options?.max !== 1 || !watches, "the pool must have more than 1 connection", action);
    return pgPoolDriver(client);
  }
  if (isPgClient(client)) return pgClientDriver(client);
  const state = '"client" must be a Pool or a Client of pg, a client of postgres, Bun.sql or a PGlite';
  // not its value, which may be a URL with a password
  throw new TypeError(
    `Cannot ${action} as ${state}: current value is of type ${client === null ? "null" : typeof client}`,
  );
}

function isPgPool(client: unknown): client is PgPool {
  return hasMethods(client, ["connect", "query"]) && typeof (client as Partial<PgPool>).totalCount === "number";
}

function isPgClient(client: unknown): client is PgClient {
  return hasMethods(client, ["query", "on", "removeListener"]);
}

function mustWatch(canWatch: boolean, requirement: string, action: string): void {
  if (!canWatch) throw new TypeError(cannot(action, `${requirement}, as "watch" is true`, true));
}
