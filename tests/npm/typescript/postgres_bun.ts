/** The store takes the clients of Bun. */
import { PostgresStore } from "@neat/periodic-task/stores/postgres";
import { SQL, sql } from "bun";

/** A store for each client. */
export function open(url: string): PostgresStore[] {
  return [new PostgresStore({ client: sql }), new PostgresStore({ client: new SQL(url), watch: true })];
}
