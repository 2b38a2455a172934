import { findFolder, freePort, type Missing, type ServerCommand, ServerProcess } from "./server_process.ts";

/** A MariaDB server with its data in a temporary folder. Disposing of it ends the server and removes the data. */
export interface Mariadb extends AsyncDisposable {
  readonly port: number;
  readonly version: string;
  /** Runs statements as root and returns their output, a line for each row with tabs between the columns. */
  query(text: string): Promise<string>;
  /** Creates a database and returns its URL for clients. */
  createDatabase(name: string): Promise<string>;
  /** Ends the server: without waiting for its clients, or as in a crash. */
  stop(signal?: "SIGTERM" | "SIGKILL"): Promise<void>;
  /** Starts the server again. */
  start(): Promise<void>;
  /** Stops the process, so that it accepts connections and never answers. */
  freeze(): void;
  /** Continues the process. */
  thaw(): void;
}

const MAX_CONNECTIONS = 500;

/** Debian keeps the server outside the PATH of most users. */
const DEBIAN = ["/usr/sbin", "/usr/bin"];

/** The programs that a server needs. */
export interface MariadbPrograms {
  readonly server: string;
  readonly install: string;
  readonly client: string;
}

/** Finds the programs of MariaDB. */
export async function findMariadb(): Promise<MariadbPrograms | undefined> {
  const find = async (name: string): Promise<string | undefined> => {
    const folder = await findFolder([name], DEBIAN);
    return folder && `${folder}/${name}`;
  };
  const [server, install, client] = [
    await find("mariadbd"),
    await find("mariadb-install-db"),
    await find("mariadb"),
  ];
  return server && install && client ? { server, install, client } : undefined;
}

async function run(command: string, args: readonly string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(command, { args: [...args], stdin: "null" }).output();
  const [output = "", errors = ""] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  if (!success) throw new Error(`Cannot continue as "${command}" failed: current value of its output is ${errors}`);
  return output;
}

/** How to start a server on the data of a folder. */
function commandOf(server: string, folder: string, port: number, asRoot: readonly string[]): ServerCommand {
  const settings = {
    datadir: `${folder}/data`,
    socket: `${folder}/socket`,
    "pid-file": `${folder}/pid`,
    "bind-address": "127.0.0.1",
    port,
    "max-connections": MAX_CONNECTIONS,
    "skip-name-resolve": "ON",
    // what is committed survives the end of the process, if not of the machine
    "innodb-flush-log-at-trx-commit": 2,
    "innodb-buffer-pool-size": "16M",
    "innodb-log-file-size": "8M",
  };
  const args = ["--no-defaults", ...asRoot, ...Object.entries(settings).map(([name, value]) => `--${name}=${value}`)];
  return { name: "MariaDB", command: server, args, port, stopSignal: "SIGTERM" };
}

/** Starts MariaDB if the machine has it. */
export async function startMariadb(): Promise<Mariadb | Missing> {
  const programs = await findMariadb();
  if (!programs) return { reason: "there is no MariaDB on this machine (Debian: apt-get install mariadb-server)" };
  await using starting = new AsyncDisposableStack();
  const folder = await Deno.makeTempDir({ prefix: "periodic_task_mariadb_" });
  starting.defer(() => Deno.remove(folder, { recursive: true }));
  const asRoot = Deno.build.os !== "windows" && Deno.uid() === 0 ? ["--user=root"] : [];
  const auth = ["--auth-root-authentication-method=normal", "--skip-test-db"];
  await run(programs.install, ["--no-defaults", `--datadir=${folder}/data`, ...auth, ...asRoot]);
  const port = freePort();
  const query = (text: string): Promise<string> => {
    const address = ["--no-defaults", "--protocol=tcp", "-h127.0.0.1", `-P${port}`, "-uroot"];
    return run(programs.client, [...address, "-N", "-B", "-e", text]);
  };
  const command = { ...commandOf(programs.server, folder, port, asRoot), probe: () => query("SELECT 1") };
  let server: ServerProcess | undefined = await ServerProcess.start(command);
  const signal = (name: Deno.Signal): void => server?.signal(name);
  const stop = async (stopSignal: "SIGTERM" | "SIGKILL" = "SIGTERM"): Promise<void> => {
    if (stopSignal === "SIGKILL") signal("SIGKILL");
    // a stopped process would not end
    else signal("SIGCONT");
    await server?.[Symbol.asyncDispose]();
    server = undefined;
  };
  starting.defer(() => stop());
  const version = (await query("SELECT VERSION()")).trim();
  const running = starting.move();
  return {
    port,
    version,
    query,
    createDatabase: async (name) => {
      await query(`CREATE DATABASE ${name}`);
      return `mysql://root@127.0.0.1:${port}/${name}`;
    },
    stop,
    start: async () => {
      server ??= await ServerProcess.start(command);
    },
    freeze: () => signal("SIGSTOP"),
    thaw: () => signal("SIGCONT"),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
