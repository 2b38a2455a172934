/**
 * Connections of `@libsql/client`.
 *
 * @module
 */
import type { LibsqlClient, SqliteConnection } from "./database.ts";

/** Makes a connection of a client of `@libsql/client`. */
export function libsqlConnection(client: LibsqlClient): SqliteConnection {
  return {
    isLocal: client.protocol === "file",
    async query(sql, parameters) {
      const { rows } = await client.execute({ sql, args: [...parameters] });
      return rows;
    },
    run: (sql) => client.execute({ sql, args: [] }),
  };
}
