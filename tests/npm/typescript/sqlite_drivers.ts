/** The store takes clients of `@libsql/client` and databases of `better-sqlite3`. */
import { createClient } from "@libsql/client";
import { SqliteStore } from "@neat/periodic-task/stores/sqlite";
import Database from "better-sqlite3";

/** Stores in memory. */
export const stores: readonly SqliteStore[] = [
  new SqliteStore({ database: createClient({ url: "file::memory:" }) }),
  new SqliteStore({ database: new Database(":memory:") }),
];
