/**
 * A member of etcd on loopback.
 *
 * @module
 */
import { findFolder, freePort, type Missing, type ServerCommand, ServerProcess } from "./server_process.ts";

/** A running member. Disposing of it ends the server and removes the data. */
export interface Etcd extends AsyncDisposable {
  readonly port: number;
  /** The address without a slash at its end. */
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

/** How a member is started. */
export interface EtcdOptions {
  /** Further flags, by their names. */
  readonly flags?: Readonly<Record<string, string>>;
}

/** Finds the program of the server. */
export async function findEtcd(): Promise<string | undefined> {
  const folder = await findFolder(["etcd"]);
  return folder && `${folder}/etcd`;
}

/** Sends a request to the gateway, and returns the JSON of its answer. */
export async function askEtcd(
  url: string,
  path: string,
  json: unknown,
  token?: string,
): Promise<Record<string, unknown>> {
  const response = await fetch(`${url}/v3/${path}`, {
    method: "POST",
    headers: token === undefined ? {} : { authorization: token },
    body: JSON.stringify(json),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`Cannot ask etcd for ${path}: current value of the answer is ${text}`);
  return JSON.parse(text);
}

/** Starts a member if the machine has etcd. */
export async function startEtcd({ flags = {} }: EtcdOptions = {}): Promise<Etcd | Missing> {
  const program = await findEtcd();
  if (!program) return { reason: "there is no etcd on the PATH (Debian: apt-get install etcd-server)" };
  const folder = await Deno.makeTempDir({ prefix: "periodic_task_etcd_" });
  const port = freePort();
  const peers = `http://127.0.0.1:${freePort()}`;
  const url = `http://127.0.0.1:${port}`;
  const all = {
    "data-dir": folder,
    "listen-client-urls": url,
    "advertise-client-urls": url,
    "listen-peer-urls": peers,
    "initial-advertise-peer-urls": peers,
    "initial-cluster": `default=${peers}`,
    ...flags,
  };
  const command: ServerCommand = {
    name: "etcd",
    command: program,
    args: Object.entries(all).flatMap(([name, value]) => [`--${name}`, value]),
    port,
    stopSignal: "SIGKILL",
    // rejects until there is a leader, also with authentication
    probe: async () => {
      const { health } = await (await fetch(`${url}/health`)).json();
      if (health !== "true") throw new Error("not healthy");
    },
  };
  let server = await ServerProcess.start(command);
  const version = await (await fetch(`${url}/version`)).json();
  return {
    port,
    url,
    version: version.etcdserver,
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

/** Switches authentication on, with a user who may read and write keys with a prefix in ASCII. */
export async function enableAuth(
  { url }: Pick<Etcd, "url">,
  { user, password, prefix }: { readonly user: string; readonly password: string; readonly prefix: string },
): Promise<void> {
  const end = prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);
  const perm = { permType: "READWRITE", key: btoa(prefix), range_end: btoa(end) };
  for (
    const [path, json] of [
      ["auth/user/add", { name: "root", password: "root's" }],
      ["auth/role/add", { name: "root" }],
      ["auth/user/grant", { user: "root", role: "root" }],
      ["auth/user/add", { name: user, password }],
      ["auth/role/add", { name: "tasks" }],
      ["auth/user/grant", { user, role: "tasks" }],
      ["auth/role/grant", { name: "tasks", perm }],
      ["auth/enable", {}],
    ] as const
  ) await askEtcd(url, path, json);
}
