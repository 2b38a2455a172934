import { mkdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { ROOT } from "../../internal/processes/deno_command.ts";
import { mustRun, NPM, npmIn } from "./run.ts";

/** The versions of Node that the package is tested on, the oldest first. */
export const NODE_VERSIONS = [20, 22, 24, 26] as const;

const BUN = "1.4.5";

/** A program that runs JavaScript. */
export interface Runtime {
  /** Such as "Node 20" and "Bun". */
  readonly name: string;
  readonly path: string;
  /** As it tells it itself. */
  readonly version: string;
}

/** The npm package that holds a Node for this machine: npm's `node` is a script that installs one of them. */
function nodePackage(): string {
  const systems: Readonly<Record<string, string>> = { windows: "win" };
  const arch = Deno.build.arch === "aarch64" ? "arm64" : "x64";
  return `node-${systems[Deno.build.os] ?? Deno.build.os}-${arch}`;
}

async function install(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(`${folder}/package.json`, "{}");
  const nodes = NODE_VERSIONS.map((version) => `node${version}@npm:${nodePackage()}@${version}`);
  await mustRun(NPM, ["install", ...npmIn(folder), "--ignore-scripts", "--no-bin-links", ...nodes, `bun@${BUN}`]);
  // the one script that is needed: it puts Bun's program for this machine in its place, which has this name everywhere
  const [node = ""] = NODE_VERSIONS.map((version) => nodePath(folder, version));
  await mustRun(node, ["node_modules/bun/install.js"], { cwd: folder });
}

function nodePath(folder: string, version: number): string {
  return `${folder}/node_modules/node${version}/bin/node${Deno.build.os === "windows" ? ".exe" : ""}`;
}

/** All runtimes, which are installed from npm if they aren't there yet. */
export async function runtimes(): Promise<readonly Runtime[]> {
  const folder = fileURLToPath(new URL(".cache/runtimes", ROOT));
  const programs = [
    ...NODE_VERSIONS.map((version) => ({ name: `Node ${version}`, path: nodePath(folder, version) })),
    { name: "Bun", path: `${folder}/node_modules/bun/bin/bun.exe` },
  ];
  const versions = () => Promise.all(programs.map(({ path }) => mustRun(path, ["--version"])));
  const found = await versions().catch(async () => {
    console.log("Installing Node and Bun from npm, which takes a minute or two.");
    await install(folder);
    return await versions();
  });
  return programs.map((program, index) => ({ ...program, version: found[index]!.trim().replace(/^v/, "") }));
}
