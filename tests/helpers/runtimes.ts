/**
 * Runs programs under Node and Bun.
 *
 * @module
 */
import { assert } from "@std/assert";

const NPM = Deno.build.os === "windows" ? "npm.cmd" : "npm";
const BUN = "bun@1.4.5";
const MIN_NODE = 20;

/** Runs a command, which must succeed. Returns its output. */
export async function run(command: string, args: string[], options: Deno.CommandOptions = {}): Promise<string> {
  const env = { NO_COLOR: "1", NODE_OPTIONS: "", ...options.env };
  const { success, stdout, stderr } = await new Deno.Command(command, { ...options, args, env }).output();
  const text = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("");
  const timeout = options.signal?.aborted ? " took too long" : "";
  assert(success, `${command} ${args.join(" ")}${timeout}:\n${text}`);
  return text;
}

/** Bundles a program for Node and Bun. Runs in the folder of the project, for its configuration. */
export async function bundle(program: string, output: string, ...options: string[]): Promise<void> {
  await run(Deno.execPath(), ["bundle", "--quiet", ...options, `--output=${output}`, program]);
}

/** Why Node can't be used; `undefined` if it can. */
export async function missingNode(): Promise<string | undefined> {
  const version = await run("node", ["--version"]).catch(() => undefined);
  if (version === undefined) return "there is no node";
  const major = Number(/^v(\d+)\./.exec(version)?.[1]);
  return major >= MIN_NODE ? undefined : `node is older than ${MIN_NODE}: ${version.trim()}`;
}

/** Why npm can't be used; `undefined` if it can. */
export async function missingNpm(): Promise<string | undefined> {
  const version = await run(NPM, ["--version"]).catch(() => undefined);
  return version === undefined ? `there is no ${NPM}` : undefined;
}

/**
 * Installs Bun and other packages into a folder.
 *
 * @returns The path of Bun.
 */
export async function installBun(
  folder: string,
  packages: readonly string[] = [],
  options: Deno.CommandOptions = {},
): Promise<string> {
  await Deno.writeTextFile(`${folder}/package.json`, "{}");
  // npx passes the prefix of the project to its child processes
  const flags = [`--prefix=${folder}`, "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund"];
  await run(NPM, ["install", ...flags, ...packages, BUN], { cwd: folder, ...options });
  // the only script that is needed: it copies the binary of this machine to its place, under this name on every system
  await run("node", ["node_modules/bun/install.js"], { cwd: folder, ...options });
  return `${folder}/node_modules/bun/bin/bun.exe`;
}

/** Creates a folder, and deletes it afterwards. */
export async function inTempFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "periodic_task_" });
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
