import { denoOrThrow } from "../deno_command.ts";
import { isOnJsr } from "../jsr.ts";
import { assemblePackage } from "./assemble.ts";
import { NPM, runOrThrow } from "./command.ts";
import { contentsOf } from "./contents.ts";
import { buildWithPack } from "./pack_build.ts";

/** The tools that compile the source to JavaScript and declarations: dnt, or `deno pack`. */
export const BUILDERS = ["dnt", "pack"] as const;

/** A tool that compiles the source. */
export type Builder = typeof BUILDERS[number];

/** Returns the builder to use: dnt, or `deno pack` if JSR, which has dnt, cannot be reached. */
export async function availableBuilder(): Promise<Builder> {
  if (await isOnJsr("@deno/dnt")) return "dnt";
  console.log("JSR cannot be reached: `deno pack` builds the package instead of dnt.");
  return "pack";
}

/**
 * Builds the npm package into an empty folder. Either builder makes the same files with the same code. In declarations, `deno pack`
 * omits the names that no entry point exports.
 *
 * @param args `--without-tests` keeps dnt from running the tests of the core in Node.
 */
export async function build(folder: string, builder: Builder, args: readonly string[]): Promise<void> {
  if (builder === "dnt") await denoOrThrow(["run", "-A", "scripts/npm/dnt_build.ts", folder, ...args]);
  else await buildWithPack(folder);
  await assemblePackage(folder);
}

interface PackReport {
  readonly filename: string;
  readonly files: readonly { readonly path: string; readonly size: number }[];
}

/** Packs a built package as `npm publish` does, checks the files in the tarball, and returns its path. */
export async function pack(folder: string, destination: string): Promise<string> {
  const output = await runOrThrow(NPM, ["pack", "--json", `--pack-destination=${destination}`], { cwd: folder });
  const [packed] = JSON.parse(output) as [PackReport];
  contentsOf(packed.files.map(({ path, size }) => ({ path, bytes: size })));
  return `${destination}/${packed.filename}`;
}
