import { redisCommand } from "./redis_command.ts";
import { findFolder, freePort, type Missing, type ServerCommand, ServerProcess } from "./server_process.ts";

/** A Redis server on loopback. Disposing of it ends the server. */
export interface Redis extends AsyncDisposable {
  readonly port: number;
  readonly version: string;
  /** Reads from its statistics how many commands it has processed, with those inside scripts. */
  commands(): Promise<number>;
  /** Counts the commands that clients send until the count is stopped, without those inside scripts. */
  countSent(): Promise<SentCount>;
  /** Sends a command, and returns its answer if that is a text or a number. */
  command(...args: string[]): Promise<string>;
  /** Ends the server at once, as a crash does. Resolves when it has ended. */
  crash(): Promise<void>;
  /** Starts the server again at its port, after a crash. It keeps what its settings let it keep. */
  start(): Promise<void>;
  /** Stops the process, so that it accepts connections and never answers. */
  freeze(): void;
  /** Continues the process. */
  thaw(): void;
}

/** How a Redis server is started. */
export interface RedisOptions {
  /** A free one if absent. */
  readonly port?: number;
  /** The folder of its data, which is left as it is; a temporary one if absent. */
  readonly folder?: string;
  /** Further settings, by the names of redis.conf. Without any, the server keeps nothing. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** A count in progress. */
export interface SentCount {
  /** Stops the count and returns it. */
  stop(): Promise<number>;
}

/** Finds the program of the server: the one in NEAT_REDIS_SERVER, such as valkey-server, or redis-server on the PATH. */
export async function findRedis(): Promise<string | undefined> {
  const given = Deno.env.get("NEAT_REDIS_SERVER");
  if (given) return given;
  const folder = await findFolder(["redis-server"]);
  return folder && `${folder}/redis-server`;
}

/** Starts Redis if the machine has it. */
export async function startRedis(options: RedisOptions = {}): Promise<Redis | Missing> {
  const program = await findRedis();
  if (!program) return { reason: "there is no redis-server on the PATH (Debian: apt-get install redis-server)" };
  const { port = freePort(), settings = {} } = options;
  const folder = options.folder ?? await Deno.makeTempDir({ prefix: "periodic_task_redis_" });
  // a replica need not wait for others that might come, too
  const ours = { port: `${port}`, bind: "127.0.0.1", dir: folder, "repl-diskless-sync-delay": "0" };
  const all = { ...ours, save: "", appendonly: "no", ...settings };
  const command: ServerCommand = {
    name: "Redis",
    command: program,
    args: Object.entries(all).flatMap(([name, value]) => [`--${name}`, ...argumentsIn(value)]),
    port,
    stopSignal: "SIGTERM",
    probe: () => isLoaded(port),
  };
  let server = await ServerProcess.start(command);
  return {
    port,
    version: /redis_version:(\S+)/.exec(await info(port, "server"))?.[1] ?? "unknown",
    commands: async () => commandsIn(await info(port, "commandstats")),
    countSent: () => countSent(port),
    command: (...args) => redisCommand(port, ...args),
    crash: () => server.crash(),
    start: async () => {
      server = await ServerProcess.start(command);
    },
    freeze: () => server.signal("SIGSTOP"),
    thaw: () => server.signal("SIGCONT"),
    [Symbol.asyncDispose]: async () => {
      // a stopped process would not end
      server.signal("SIGCONT");
      await server[Symbol.asyncDispose]();
      if (options.folder === undefined) await Deno.remove(folder, { recursive: true });
    },
  };
}

/** The arguments of a setting, of which some have several. */
function argumentsIn(value: string): string[] {
  return value === "" ? [""] : value.split(" ");
}

/** Rejects while the server loads its data. One that asks for a password has started, too. */
async function isLoaded(port: number): Promise<void> {
  await redisCommand(port, "PING").catch((error: Error) => {
    if (!error.message.includes("NOAUTH")) throw error;
  });
}

/** Adds up the calls in a server's statistics. The commands that this file sends itself do not count. */
function commandsIn(statistics: string): number {
  const calls = [...statistics.matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm)];
  return calls.filter(([, name]) => name !== "info" && name !== "monitor")
    .reduce((sum, [, , count]) => sum + Number(count), 0);
}

async function info(port: number, section: string): Promise<string> {
  // a server that asks for a password does not tell
  return await redisCommand(port, "INFO", section).catch(() => "");
}

/** MONITOR sends a line for each command, marked `lua` if it came from a script. */
async function countSent(port: number): Promise<SentCount> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await connection.write(new TextEncoder().encode("MONITOR\r\n"));
  let count = 0;
  const counting = (async () => {
    const lines = connection.readable.pipeThrough(new TextDecoderStream("latin1"));
    let rest = "";
    try {
      for await (const text of lines) {
        const all = (rest + text).split("\r\n");
        rest = all.pop() ?? "";
        count += all.filter((line) => /^\+\d+\.\d+ \[\d+ (?!lua)/.test(line) && !/\] "info"/i.test(line)).length;
      }
    } catch {
      // closed by stop()
    }
  })();
  return {
    stop: async () => {
      connection.close();
      await counting;
      return count;
    },
  };
}
