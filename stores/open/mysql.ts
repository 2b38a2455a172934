/**
 * `mysql:` and `mariadb:`.
 *
 * @module
 */
import { cannot } from "../../src/errors.ts";
import type { MysqlPool } from "../mysql/client.ts";
import type { StoreAddress } from "./address.ts";
import { createClient, type DriverPackage, exportsOf } from "./drivers.ts";
import { DEFAULT_LIMIT_MS, defined, MAX_CONNECTIONS, OPEN, type Scheme } from "./scheme.ts";
import { creatingOnce } from "./tables.ts";

type OwnPool = MysqlPool & { end(): Promise<unknown> };

interface DriverModule {
  readonly createPool: (options: object) => OwnPool;
}

const SSL_MODES = ["DISABLED", "REQUIRED", "VERIFY_IDENTITY"] as const;

type SslMode = (typeof SSL_MODES)[number];

/** The option `ssl` of mysql2, which checks the name in a certificate only if it is told to. */
function tlsOf(mode: SslMode | undefined): object | undefined {
  if (mode === undefined || mode === "DISABLED") return undefined;
  return mode === "REQUIRED" ? { rejectUnauthorized: false } : { rejectUnauthorized: true, verifyIdentity: true };
}

function packagesFor(address: StoreAddress, limitMs: number): readonly DriverPackage<OwnPool>[] {
  const { host, port, user, password, name: database } = address;
  const ssl = tlsOf(address.choice("ssl-mode", SSL_MODES));
  const options = {
    ...defined({ host: host || undefined, port, user, password, database, ssl }),
    connectionLimit: MAX_CONNECTIONS,
    connectTimeout: limitMs,
  };
  return [
    {
      name: "mysql2",
      specifier: "mysql2/promise",
      range: "^3.0.0",
      create: (module: DriverModule) => exportsOf(module, "createPool").createPool(options),
    },
    {
      name: "mariadb",
      range: "^3.0.0",
      create: (module: DriverModule) =>
        exportsOf(module, "createPool").createPool({
          ...options,
          // without it, the pool connects at once
          minimumIdle: 0,
          acquireTimeout: limitMs,
          initializationTimeout: limitMs,
        }),
    },
  ];
}

/** A table of MySQL or MariaDB. */
export const MYSQL: Scheme = {
  names: ["mysql", "mariadb"],
  example: "mysql://USER:PASSWORD@HOST/DATABASE",
  parameters: ["table", "timeout", "createTable", "ssl-mode"],
  parts: { host: true, user: true, port: true },
  async open(address) {
    const { MysqlStore } = await import("../mysql.ts");
    if (address.name === undefined) {
      throw new RangeError(cannot(OPEN, `its URL must name the database, as ${MYSQL.example} does`, address.path));
    }
    const { timeoutMs: requestTimeout } = address;
    const options = defined({ table: address.text("table"), requestTimeout });
    const createsTable = address.flag("createTable") ?? true;
    const limitMs = requestTimeout ?? DEFAULT_LIMIT_MS;
    const client = await createClient(packagesFor(address, limitMs));
    // a pool whose connections are broken rejects its end
    const close = (): Promise<unknown> => client.end();
    try {
      const store = new MysqlStore({ client, ...options });
      const prepare = createsTable ? creatingOnce((own) => store.createTable(own), limitMs) : undefined;
      return { store, close, limitMs, ...defined({ prepare }) };
    } catch (error) {
      await close();
      throw error;
    }
  },
};
