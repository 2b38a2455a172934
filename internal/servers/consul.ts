/**
 * A server of Consul on loopback: builds it with Go and starts it.
 *
 * @module
 */
import { buildModuleWithGo } from "./go_binary.ts";
import { freePort, type Missing, type ServerCommand, ServerProcess } from "./server_process.ts";

/**
 * The last version that Go's module proxy has with all of its modules and that builds without their sources. Like all versions before
 * 1.17 it is under the Mozilla Public License.
 */
const VERSION = "v1.14.0";

/** A running server. Disposing of it ends the server and removes the data. */
export interface Consul extends AsyncDisposable {
  readonly port: number;
  /** The address without a slash at its end. */
  readonly url: string;
  readonly version: string;
  /** The token that may do everything, if the server has ACLs. */
  readonly rootToken: string;
  /** Ends the server at once, as a crash does. Resolves when it has ended. */
  crash(): Promise<void>;
  /** Starts the server again with its data at its port, after a crash. */
  start(): Promise<void>;
  /** Stops the process, so that it accepts connections and never answers. */
  freeze(): void;
  /** Continues the process. */
  thaw(): void;
  /** Sends a request with JSON and the token that may do everything, and returns the JSON of its answer. */
  ask(method: "GET" | "PUT" | "DELETE", path: string, json?: unknown): Promise<unknown>;
}

/** How a server is started. */
export interface ConsulOptions {
  /** Whether it has ACLs, without a token for anything. */
  readonly hasAcl?: boolean;
}

const ROOT_TOKEN = "00000000-0000-4000-8000-000000000001";

/** Builds Consul with Go unless it is there, and returns its path or why there is none. */
export async function buildConsul(): Promise<{ path: string } | Missing> {
  if (Deno.build.os === "windows") return { reason: "it is not built on Windows" };
  return await buildModuleWithGo({ name: "consul", version: VERSION, module: "github.com/hashicorp/consul" });
}

/** Starts a server. */
export async function startConsul(binary: string, { hasAcl = false }: ConsulOptions = {}): Promise<Consul> {
  await using starting = new AsyncDisposableStack();
  const folder = await Deno.makeTempDir({ prefix: "periodic_task_consul_" });
  starting.defer(() => Deno.remove(folder, { recursive: true }));
  const port = freePort();
  const url = `http://127.0.0.1:${port}`;
  const config = {
    server: true,
    bootstrap: true,
    bind_addr: "127.0.0.1",
    client_addr: "127.0.0.1",
    data_dir: `${folder}/data`,
    node_name: "test",
    log_level: "warn",
    disable_update_check: true,
    ports: { http: port, dns: -1, grpc: -1, grpc_tls: -1, server: freePort(), serf_lan: freePort(), serf_wan: -1 },
    performance: { raft_multiplier: 1 },
    ...(hasAcl && { acl: { enabled: true, default_policy: "deny", tokens: { initial_management: ROOT_TOKEN } } }),
  };
  await Deno.writeTextFile(`${folder}/config.json`, JSON.stringify(config));
  const ask: Consul["ask"] = async (method, path, json) => {
    const response = await fetch(`${url}/v1/${path}`, {
      method,
      headers: hasAcl ? { "x-consul-token": ROOT_TOKEN } : {},
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`Cannot ask Consul for ${path}: current value of the answer is ${text}`);
    return text === "" ? undefined : JSON.parse(text);
  };
  const command: ServerCommand = {
    name: "Consul",
    command: binary,
    args: ["agent", `-config-file=${folder}/config.json`],
    port,
    stopSignal: "SIGKILL",
    startTimeoutMs: 40_000,
    // there must be a leader that accepts writes
    probe: () => ask("PUT", "kv/probe", "ready"),
  };
  let server = await ServerProcess.start(command);
  starting.defer(() => server[Symbol.asyncDispose]());
  const running = starting.move();
  return {
    port,
    url,
    version: VERSION,
    rootToken: ROOT_TOKEN,
    ask,
    crash: () => server.crash(),
    start: async () => {
      server = await ServerProcess.start(command);
    },
    freeze: () => server.signal("SIGSTOP"),
    thaw: () => server.signal("SIGCONT"),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** Creates a token that may read and write keys with a prefix. Returns it with its id, by which it can be deleted. */
export async function createToken(
  consul: Pick<Consul, "ask">,
  prefix: string,
): Promise<{ readonly token: string; readonly accessor: string }> {
  const name = `tasks-${crypto.randomUUID()}`;
  const rules = `key_prefix "${prefix}" { policy = "write" }`;
  await consul.ask("PUT", "acl/policy", { Name: name, Rules: rules });
  const made = await consul.ask("PUT", "acl/token", { Policies: [{ Name: name }] }) as {
    readonly SecretID: string;
    readonly AccessorID: string;
  };
  return { token: made.SecretID, accessor: made.AccessorID };
}
