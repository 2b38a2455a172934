import type { User } from "../processes/child_process.ts";
import { findFolder, freePort, type Missing, type ServerCommand, ServerProcess } from "./server_process.ts";

/** A PostgreSQL server with its data in a temporary folder. Disposing of it ends the server and removes the data. */
export interface Postgres extends AsyncDisposable {
  readonly port: number;
  readonly version: string;
  /** The programs, and the user to run them as. */
  readonly programs: PostgresPrograms;
  /** Creates a database and returns its URL for clients. */
  createDatabase(name: string): Promise<string>;
  /** Runs a statement as the superuser and returns its output, a line for each row with `|` between the columns. */
  query(text: string, database?: string): Promise<string>;
  /** Reads from its statistics how many statements it has processed in a database. */
  statements(database: string): Promise<Statements>;
  /** Ends the server without waiting for its clients. */
  stop(): Promise<void>;
  /** Starts the server again. */
  start(): Promise<void>;
  /** Stops all of its processes, so that it accepts connections and never answers. Only on Linux. */
  freeze(): Promise<void>;
  /** Continues all of its processes. */
  thaw(): Promise<void>;
  /** Starts a standby server that follows this one. */
  startStandby(): Promise<Standby>;
}

/** A standby server. Disposing of it ends it and removes its data. */
export interface Standby extends AsyncDisposable {
  readonly port: number;
  /** Waits until it has replayed all that its primary server has committed so far. */
  caughtUp(): Promise<void>;
  /** Makes it a primary server. */
  promote(): Promise<void>;
}

/** Where the programs are, and the user to run them as. */
export interface PostgresPrograms {
  readonly folder: string;
  readonly user: User | undefined;
}

/** How a server is started. */
export interface PostgresOptions {
  /** Whether it counts statements, which needs an extension. */
  readonly countsStatements?: boolean;
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

/** The name of the superuser, who needs no password. */
export const SUPERUSER = "bench";

const POLL_MS = 20;

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

/** Creates a temporary folder that belongs to the user. */
async function makeFolder(user: User | undefined): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "periodic_task_postgres_" });
  if (user) await Deno.chown(folder, user.uid, user.gid);
  return folder;
}

/** How to start a server on the data of a folder. */
function commandOf(
  { folder: programs, user }: PostgresPrograms,
  folder: string,
  port: number,
  { countsStatements = true }: PostgresOptions,
): ServerCommand {
  const settings = {
    listen_addresses: "127.0.0.1",
    unix_socket_directories: folder,
    port,
    max_connections: MAX_CONNECTIONS,
    ...countsStatements && { shared_preload_libraries: "pg_stat_statements", "pg_stat_statements.track": "all" },
  };
  return {
    name: "PostgreSQL",
    command: `${programs}/postgres`,
    args: ["-D", `${folder}/data`, ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`])],
    port,
    stopSignal: "SIGINT",
    ...user && { user },
    probe: () => queryOn(programs, port, "SELECT 1"),
  };
}

function queryOn(programs: string, port: number, text: string, database = "postgres"): Promise<string> {
  return run(`${programs}/psql`, [
    ...["-XAtq", "-h", "127.0.0.1", "-p", `${port}`, "-U", SUPERUSER],
    ...["-v", "ON_ERROR_STOP=1", "-c", text, database],
  ]);
}

/** Sends a signal to a process and to its children. */
async function signalTree(pid: number, signal: Deno.Signal): Promise<void> {
  const children = (await Deno.readTextFile(`/proc/${pid}/task/${pid}/children`)).trim().split(" ").filter(Boolean);
  for (const one of [pid, ...children.map(Number)]) {
    try {
      Deno.kill(one, signal);
    } catch {
      // it has ended
    }
  }
}

async function startStandby(primary: Pick<Postgres, "port" | "programs">): Promise<Standby> {
  const { port: primaryPort, programs } = primary;
  await using starting = new AsyncDisposableStack();
  const folder = await makeFolder(programs.user);
  starting.defer(() => Deno.remove(folder, { recursive: true }));
  const source = ["-h", "127.0.0.1", "-p", `${primaryPort}`, "-U", SUPERUSER, "-R", "-X", "stream", "-c", "fast"];
  await run(`${programs.folder}/pg_basebackup`, [...source, "--no-sync", "-D", `${folder}/data`], programs.user);
  const port = freePort();
  starting.use(await ServerProcess.start(commandOf(programs, folder, port, { countsStatements: false })));
  const running = starting.move();
  return {
    port,
    caughtUp: async () => {
      const committed = (await queryOn(programs.folder, primaryPort, "SELECT pg_current_wal_lsn()")).trim();
      const replayed = `SELECT pg_last_wal_replay_lsn() >= '${committed}'`;
      while ((await queryOn(programs.folder, port, replayed)).trim() !== "t") {
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      }
    },
    promote: async () => void await queryOn(programs.folder, port, "SELECT pg_promote()"),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

const MISSING: Missing = { reason: "there is no PostgreSQL on the PATH (Debian: apt-get install postgresql)" };

/** Says why PostgreSQL can't be started; `undefined` if the machine has it. */
export async function missingPostgres(): Promise<Missing | undefined> {
  return await findPrograms() === undefined ? MISSING : undefined;
}

/** Starts PostgreSQL if the machine has it. */
export async function startPostgres(options: PostgresOptions = {}): Promise<Postgres | Missing> {
  const { countsStatements = true } = options;
  const folder = await findPrograms();
  if (!folder) return MISSING;
  await using starting = new AsyncDisposableStack();
  const programs = { folder, user: await unprivileged() };
  const data = await makeFolder(programs.user);
  starting.defer(() => Deno.remove(data, { recursive: true }));
  const init = ["-D", `${data}/data`, "-U", SUPERUSER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"];
  await run(`${folder}/initdb`, init, programs.user);
  const port = freePort();
  const command = commandOf(programs, data, port, options);
  let server: ServerProcess | undefined = await ServerProcess.start(command);
  const query = (text: string, database?: string): Promise<string> => queryOn(folder, port, text, database);
  const stop = async (): Promise<void> => {
    await server?.[Symbol.asyncDispose]();
    server = undefined;
  };
  starting.defer(stop);
  if (countsStatements) await query("CREATE EXTENSION pg_stat_statements");
  const version = (await query("SHOW server_version")).trim();
  const running = starting.move();
  return {
    port,
    version,
    programs,
    query,
    createDatabase: async (name) => {
      await query(`CREATE DATABASE ${name}`);
      return `postgres://${SUPERUSER}@127.0.0.1:${port}/${name}`;
    },
    statements: async (database) => {
      // a deferred foreign key is checked at the commit, by statements of the server that seem to be those of a client
      const isSent = `toplevel AND query NOT LIKE 'SELECT % FROM ONLY % FOR KEY SHARE OF x'`;
      const counts = `SELECT coalesce(sum(calls) FILTER (WHERE ${isSent}), 0), coalesce(sum(calls), 0)
        FROM pg_stat_statements JOIN pg_database ON dbid = pg_database.oid WHERE datname = '${database}'`;
      const [sent = 0, all = 0] = (await query(counts)).trim().split("|").map(Number);
      return { sent, all };
    },
    stop,
    start: async () => {
      server ??= await ServerProcess.start(command);
    },
    freeze: async () => server && await signalTree(server.pid, "SIGSTOP"),
    thaw: async () => server && await signalTree(server.pid, "SIGCONT"),
    startStandby: () => startStandby({ port, programs }),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
