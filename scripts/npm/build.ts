import { denoOrThrow } from "../deno_command.ts";
import { isOnJsr } from "../jsr.ts";
import { assemblePackage } from "./assemble.ts";
import { NPM, runOrThrow } from "./command.ts";
import { contentsOf } from "./contents.ts";
import { buildWithTypeScript } from "./typescript_build.ts";

/** The tools that compile the source to JavaScript and declarations. */
export const BUILDERS = ["dnt", "typescript"] as const;

/** A tool that compiles the source. */
export type Builder = typeof BUILDERS[number];

/** Returns the builder to use: dnt, or TypeScript if JSR, which has dnt, cannot be reached. */
export async function availableBuilder(): Promise<Builder> {
  if (await isOnJsr("@deno/dnt")) return "dnt";
  console.log("JSR cannot be reached: TypeScript builds the package instead of dnt.");
  return "typescript";
}

/**
 * Builds the npm package into an empty folder. Either builder makes the same package, but dnt also runs the tests of the core in
 * Node.
 *
 * @param args `--without-tests` keeps dnt from running these tests.
 */
export async function build(folder: string, builder: Builder, args: readonly string[]): Promise<void> {
  if (builder === "dnt") await denoOrThrow(["run", "-A", "scripts/npm/dnt_build.ts", folder, ...args]);
  else await buildWithTypeScript(folder);
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
