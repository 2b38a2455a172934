/**
 * `sqlite:`, a file or a database in memory.
 *
 * @module
 */
import { cannot } from "../../src/errors.ts";
import type { SqliteDatabase } from "../sqlite/database.ts";
import type { StoreAddress } from "./address.ts";
import { createClient, type DriverPackage, exportsOf, runtimeName } from "./drivers.ts";
import { defined, OPEN, type Scheme } from "./scheme.ts";

type OwnDatabase = SqliteDatabase & { close(): void };
type Open = (path: string) => OwnDatabase;
type DatabaseClass = new (path: string) => OwnDatabase;

/** A database that is opened by its first statement: a file that is missing or locked must not fail the start of a program. */
class LazyDatabase implements SqliteDatabase {
  readonly #open: Open;
  readonly #path: string;
  #database: OwnDatabase | undefined;

  constructor(open: Open, path: string) {
    this.#open = open;
    this.#path = path;
  }

  prepare(sql: string): ReturnType<SqliteDatabase["prepare"]> {
    this.#database ??= this.#open(this.#path);
    return this.#database.prepare(sql);
  }

  get isTransaction(): boolean {
    return this.#database?.isTransaction ?? false;
  }

  get inTransaction(): boolean {
    return this.#database?.inTransaction ?? false;
  }

  close(): void {
    this.#database?.close();
  }
}

/** A driver of the runtime or of a package, whose name is known to the class of its databases. */
function driver<Name extends string>(name: string, exported: Name): DriverPackage<Open> {
  return {
    name,
    create: (module: Readonly<Record<Name, DatabaseClass>>) => {
      const Database = exportsOf(module, exported)[exported];
      return (path) => new Database(path);
    },
  };
}

function drivers(): readonly DriverPackage<Open>[] {
  if (runtimeName() === "Bun") return [driver("bun:sqlite", "Database")];
  const node = driver("node:sqlite", "DatabaseSync");
  return runtimeName() === "Deno" ? [node] : [node, driver("better-sqlite3", "default")];
}

/** The path of the file. */
function pathOf({ path }: StoreAddress): string {
  if (path === "") throw new RangeError(cannot(OPEN, "its URL must name a file, as sqlite:./tasks.db does", path));
  // the URL of a file on Windows
  return path.replace(/^\/+(?=[A-Za-z]:[/\\])/, "");
}

/** A file of SQLite. */
export const SQLITE: Scheme = {
  names: ["sqlite"],
  example: "sqlite:./tasks.db",
  parameters: ["table", "timeout"],
  parts: {},
  async open(address) {
    const { SqliteStore } = await import("../sqlite.ts");
    const path = pathOf(address);
    const options = defined({ table: address.text("table"), requestTimeout: address.timeoutMs });
    const database = new LazyDatabase(await createClient(drivers()), path);
    return { store: new SqliteStore({ database, ...options }), close: () => database.close() };
  },
};
