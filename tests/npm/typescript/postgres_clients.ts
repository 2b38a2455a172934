/** The store takes the clients of pg, postgres and PGlite. */
import { PGlite } from "@electric-sql/pglite";
import { PostgresStore } from "@neat/periodic-task/stores/postgres";
import { Client, Pool } from "pg";
import postgres from "postgres";

/** A store for each client. */
export async function open(url: string): Promise<PostgresStore[]> {
  const client = new Client(url);
  await client.connect();
  return [
    new PostgresStore({ client }),
    new PostgresStore({ client: new Pool({ connectionString: url }) }),
    new PostgresStore({ client: await new Pool().connect() }),
    new PostgresStore({ client: postgres(url) }),
    new PostgresStore({ client: new PGlite() }),
  ];
}
