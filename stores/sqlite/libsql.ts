/**
 * Connections of `@libsql/client`.
 *
 * @module
 */
import { cannot } from "../../src/errors.ts";
import type { LibsqlClient, SqliteConnection } from "./database.ts";

/** Makes a connection of a client of `@libsql/client`. */
export function libsqlConnection(client: LibsqlClient): SqliteConnection {
  return {
    isLocal: client.protocol === "file",
    async read(sql, parameters) {
      const { rows } = await client.execute({ sql, args: [...parameters] });
      if (Array.isArray(rows)) return rows;
      throw new TypeError(cannot("use the libSQL client", "a result must have an array of rows", rows));
    },
    async write(sql, parameters) {
      const { rowsAffected } = await client.execute({ sql, args: [...parameters] });
      if (typeof rowsAffected === "number") return rowsAffected;
      throw new TypeError(cannot("use the libSQL client", "a result must have the number rowsAffected", rowsAffected));
    },
  };
}
