import type { User } from "../processes/child_process.ts";
import { findFolder, freePort, type Missing, ServerProcess } from "./server_process.ts";

/** A PostgreSQL server with its data in a temporary folder. Disposing of it ends the server and removes the data. */
export interface Postgres extends AsyncDisposable {
  readonly port: number;
  readonly version: string;
  /** Creates a database and returns its URL for clients. */
  createDatabase(name: string): Promise<string>;
  /** Reads from its statistics how many statements it has processed in a database. */
  statements(database: string): Promise<Statements>;
}

/** Numbers of statements. */
export interface Statements {
  /** Statements sent by clients. */
  readonly sent: number;
  /** The same with those inside functions. */
  readonly all: number;
}

/** Debian keeps most of the programs here, outside the PATH. */
const DEBIAN = "/usr/lib/postgresql";
const SUPERUSER = "bench";

/** A measurement may have hundreds of replicas with a connection or two each. */
const MAX_CONNECTIONS = 2_000;

/** Finds the folder with all needed programs, of the newest version if there are several. */
async function findPrograms(): Promise<string | undefined> {
  const versions: string[] = [];
  try {
    for await (const { name } of Deno.readDir(DEBIAN)) versions.push(name);
  } catch {
    // not Debian
  }
  const folders = versions.sort((a, b) => Number(b) - Number(a)).map((version) => `${DEBIAN}/${version}/bin`);
  return await findFolder(["initdb", "postgres", "psql"], folders);
}

async function run(command: string, args: readonly string[], user?: User): Promise<string> {
  const as = user ? { ...user, cwd: "/" } : {};
  const { success, stdout, stderr } = await new Deno.Command(command, { args: [...args], ...as, stdin: "null" })
    .output();
  const [output = "", errors = ""] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  if (!success) throw new Error(`Cannot continue as "${command}" failed: current value of its output is ${errors}`);
  return output;
}

/** Returns the user to run PostgreSQL as if the current one is root, as which it refuses to run. */
async function unprivileged(): Promise<User | undefined> {
  if (Deno.build.os === "windows" || Deno.uid() !== 0) return undefined;
  for (const name of ["postgres", "nobody"]) {
    const ids = await Promise.all(["-u", "-g"].map((flag) => run("id", [flag, name]))).catch(() => undefined);
    if (ids) return { uid: Number(ids[0]), gid: Number(ids[1]) };
  }
  throw new Error("Cannot run PostgreSQL as root, and there is neither a user postgres nor nobody: current value is 0");
}

/** Starts PostgreSQL if the machine has it. */
export async function startPostgres(): Promise<Postgres | Missing> {
  const programs = await findPrograms();
  if (!programs) return { reason: "there is no PostgreSQL on the PATH (Debian: apt-get install postgresql)" };
  await using starting = new AsyncDisposableStack();
  const folder = await Deno.makeTempDir({ prefix: "periodic_task_postgres_" });
  starting.defer(() => Deno.remove(folder, { recursive: true }));
  const user = await unprivileged();
  if (user) await Deno.chown(folder, user.uid, user.gid);
  const data = `${folder}/data`;
  const init = ["-D", data, "-U", SUPERUSER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"];
  await run(`${programs}/initdb`, init, user);
  const port = freePort();
  const settings = {
    listen_addresses: "127.0.0.1",
    unix_socket_directories: folder,
    port,
    max_connections: MAX_CONNECTIONS,
    shared_preload_libraries: "pg_stat_statements",
    "pg_stat_statements.track": "all",
  };
  const args = ["-D", data, ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`])];
  const query = (text: string): Promise<string> =>
    run(`${programs}/psql`, ["-XAtq", "-h", "127.0.0.1", "-p", `${port}`, "-U", SUPERUSER, "-c", text, "postgres"]);
  const command = { name: "PostgreSQL", command: `${programs}/postgres`, args, port, stopSignal: "SIGINT" } as const;
  starting.use(await ServerProcess.start({ ...command, ...(user ? { user } : {}), probe: () => query("SELECT 1") }));
  await query("CREATE EXTENSION pg_stat_statements");
  const version = (await query("SHOW server_version")).trim();
  const running = starting.move();
  return {
    port,
    version,
    createDatabase: async (name) => {
      await query(`CREATE DATABASE ${name}`);
      return `postgres://${SUPERUSER}@127.0.0.1:${port}/${name}`;
    },
    statements: async (database) => {
      const counts = `SELECT coalesce(sum(calls) FILTER (WHERE toplevel), 0), coalesce(sum(calls), 0)
        FROM pg_stat_statements JOIN pg_database ON dbid = pg_database.oid WHERE datname = '${database}'`;
      const [sent, all] = (await query(counts)).trim().split("|").map(Number);
      return { sent: sent!, all: all! };
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
