/**
 * A server of NATS with JetStream on loopback.
 *
 * @module
 */
import { buildWithGo } from "./go_binary.ts";
import { findFolder, freePort, type Missing, type ServerCommand, ServerProcess } from "./server_process.ts";

/** The version that is built where no server is installed. */
const VERSION = "v2.15.3";

/** A running server. Disposing of it ends the server and removes the data. */
export interface Nats extends AsyncDisposable {
  readonly port: number;
  /** The address with a scheme, without user and password. */
  readonly url: string;
  readonly version: string;
  /** Ends the server at once, as a crash does. Resolves when it has ended. */
  crash(): Promise<void>;
  /** Starts the server again with its data at its port, after a crash. */
  start(): Promise<void>;
  /** Stops the process, so that it accepts connections and never answers. */
  freeze(): void;
  /** Continues the process. */
  thaw(): void;
}

/** How a server is started. */
export interface NatsOptions {
  /** The only user. Everybody may connect if absent. */
  readonly user?: { readonly name: string; readonly password: string };
}

/** Finds the server in NEAT_NATS_SERVER or on the PATH, or builds it with Go. Returns its path or why there is none. */
export async function prepareNats(): Promise<{ path: string } | Missing> {
  const given = Deno.env.get("NEAT_NATS_SERVER");
  if (given) return { path: given };
  const folder = await findFolder(["nats-server"]);
  if (folder) return { path: `${folder}/nats-server` };
  return await buildWithGo({ name: "nats-server", version: VERSION, module: "github.com/nats-io/nats-server/v2" });
}

/** Starts a server. */
export async function startNats(binary: string, { user }: NatsOptions = {}): Promise<Nats> {
  const folder = await Deno.makeTempDir({ prefix: "periodic_task_nats_" });
  const port = freePort();
  const config = {
    host: "127.0.0.1",
    port,
    jetstream: { store_dir: folder },
    ...(user && { authorization: { user: user.name, password: user.password } }),
  };
  // its format accepts JSON
  await Deno.writeTextFile(`${folder}/server.conf`, JSON.stringify(config, undefined, 1));
  const command: ServerCommand = {
    name: "NATS",
    command: binary,
    args: ["-c", `${folder}/server.conf`],
    port,
    stopSignal: "SIGKILL",
  };
  let server = await ServerProcess.start(command);
  return {
    port,
    url: `nats://127.0.0.1:${port}`,
    version: await versionOf(port),
    crash: () => server.crash(),
    start: async () => {
      server = await ServerProcess.start(command);
    },
    freeze: () => server.signal("SIGSTOP"),
    thaw: () => server.signal("SIGCONT"),
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** The version in the first line that the server sends. */
async function versionOf(port: number): Promise<string> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const chunk = new Uint8Array(4_096);
  const length = await connection.read(chunk) ?? 0;
  return /"version":"([^"]+)"/.exec(new TextDecoder().decode(chunk.subarray(0, length)))?.[1] ?? "unknown";
}
