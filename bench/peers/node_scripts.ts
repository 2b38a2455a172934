/**
 * Runs scripts of the benchmark in Node, with this package and the peers as npm installs them.
 *
 * @module
 */
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { denoOrThrow } from "../../internal/processes/deno_command.ts";
import { runProcess } from "../../internal/processes/run_process.ts";
import { installedPackage } from "./package.ts";

/** Options of {@linkcode measureInNode}. */
export interface NodeOptions {
  readonly timeoutMs: number;
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

const bundles = new Map<string, Promise<string>>();

/** Bundles a script as JavaScript into the folder from which it finds all packages, and returns its path. */
export function bundledScript(script: URL): Promise<string> {
  const found = bundles.get(script.href) ?? bundle(script);
  bundles.set(script.href, found);
  return found;
}

async function bundle(script: URL): Promise<string> {
  const { folder } = await installedPackage();
  const source = fileURLToPath(script);
  const target = `${folder}/${basename(source, ".ts")}.mjs`;
  const unfinished = `${target}.${crypto.randomUUID().slice(0, 8)}`;
  await denoOrThrow(["bundle", "--quiet", "--packages=external", `--output=${unfinished}`, source]);
  // renamed, as another process may be running the old one
  await Deno.rename(unfinished, target);
  return target;
}

/** Runs a script in a Node process of its own and parses its output. */
export async function measureInNode<Figures>(
  script: URL,
  args: readonly string[],
  { timeoutMs, flags = [], env = {} }: NodeOptions,
): Promise<Figures> {
  const [{ node, folder }, path] = await Promise.all([installedPackage(), bundledScript(script)]);
  return JSON.parse(await runProcess(node, [...flags, path, ...args], { timeoutMs, cwd: folder, env })) as Figures;
}
