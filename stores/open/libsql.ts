/**
 * `libsql:`, a server of libSQL such as Turso's.
 *
 * @module
 */
import { cannot } from "../../src/errors.ts";
import type { LibsqlClient } from "../sqlite/database.ts";
import type { StoreAddress } from "./address.ts";
import { createClient, type DriverPackage, exportsOf } from "./drivers.ts";
import { defined, OPEN, type Scheme } from "./scheme.ts";

type OwnClient = LibsqlClient & { close(): void };

interface LibsqlModule {
  readonly createClient: (options: object) => OwnClient;
}

function packagesFor(address: StoreAddress): readonly DriverPackage<OwnClient>[] {
  const { host, port } = address;
  const usesTls = address.flag("tls") ?? true;
  const url = `${usesTls ? "https" : "http"}://${host.includes(":") ? `[${host}]` : host}${port ? `:${port}` : ""}`;
  return [{
    name: "@libsql/client",
    range: "^0.18.0",
    create: (module: LibsqlModule) =>
      exportsOf(module, "createClient").createClient({
        url,
        ...defined({ authToken: address.text("authToken") }),
      }),
  }];
}

/** A server of libSQL. */
export const LIBSQL: Scheme = {
  names: ["libsql"],
  example: "libsql://HOST?authToken=TOKEN",
  parameters: ["authToken", "table", "timeout", "tls"],
  parts: { host: true, port: true },
  async open(address) {
    const { SqliteStore } = await import("../sqlite.ts");
    if (address.host === "") {
      throw new RangeError(cannot(OPEN, `its URL must name the server, as ${LIBSQL.example} does`, address.host));
    }
    const options = defined({ table: address.text("table"), requestTimeout: address.timeoutMs });
    const database = await createClient(packagesFor(address));
    const close = (): void => database.close();
    try {
      return { store: new SqliteStore({ database, ...options }), close };
    } catch (error) {
      close();
      throw error;
    }
  },
};
