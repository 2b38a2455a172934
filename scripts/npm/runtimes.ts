import { mkdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { ROOT } from "../deno_command.ts";
import { NPM, npmArgs, runOrThrow } from "./command.ts";

/** The versions of Node that the tests run on, the oldest first. Node 20.18 is the last that cannot `require()` ES modules. */
const NODE_VERSIONS = ["20.18", "22", "24", "26"] as const;

const BUN_VERSION = "1.4.5";

/** A program that runs JavaScript. */
export interface Runtime {
  /** Such as "Node 22" or "Bun". */
  readonly name: string;
  readonly path: string;
  /** The version that the program reports. */
  readonly version: string;
}

/** The npm package with Node for this system. The package `node` installs one of these by a script. */
function nodePackage(): string {
  const os = Deno.build.os === "windows" ? "win" : Deno.build.os;
  const arch = Deno.build.arch === "aarch64" ? "arm64" : "x64";
  return `node-${os}-${arch}`;
}

function nodePath(folder: string, version: string): string {
  return `${folder}/node_modules/node${version}/bin/node${Deno.build.os === "windows" ? ".exe" : ""}`;
}

async function install(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(`${folder}/package.json`, "{}");
  const nodes = NODE_VERSIONS.map((version) => `node${version}@npm:${nodePackage()}@${version}`);
  const packages = [...nodes, `bun@${BUN_VERSION}`];
  await runOrThrow(NPM, ["install", ...npmArgs(folder), "--ignore-scripts", "--no-bin-links", ...packages]);
  // this script moves Bun's program for this system to the path that is the same on every system
  await runOrThrow(nodePath(folder, NODE_VERSIONS[0]), ["node_modules/bun/install.js"], { cwd: folder });
}

/** Returns the runtimes, the oldest Node first. Installs them from npm if they are missing. */
export async function runtimes(): Promise<readonly Runtime[]> {
  const folder = fileURLToPath(new URL(".cache/runtimes", ROOT));
  const programs = [
    ...NODE_VERSIONS.map((version) => ({ name: `Node ${version}`, path: nodePath(folder, version) })),
    { name: "Bun", path: `${folder}/node_modules/bun/bin/bun.exe` },
  ];
  const find = (): Promise<Runtime[]> =>
    Promise.all(programs.map(async (program) => {
      const version = await runOrThrow(program.path, ["--version"]);
      return { ...program, version: version.trim().replace(/^v/, "") };
    }));
  return await find().catch(async () => {
    console.log("Installing Node and Bun from npm, which takes about half a minute.");
    await install(folder);
    return await find();
  });
}
