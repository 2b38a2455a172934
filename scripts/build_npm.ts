// deno task build:npm [--builder dnt|typescript] [--without-tests]
//
// Builds the npm package into `npm/`: with dnt, which comes from JSR, or with TypeScript where JSR cannot be reached.

import { cp, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { ROOT } from "./deno_command.ts";
import { availableBuilder, build, type Builder, BUILDERS } from "./npm/build.ts";
import { printContents } from "./npm/contents.ts";

/** The folder that holds the built package. */
export const PACKAGE_FOLDER: string = fileURLToPath(new URL("npm", ROOT));

/** Replaces the package in `npm/` with a new one, once it is built. */
export async function buildPackage(builder: Builder, args: readonly string[] = []): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "periodic_task_npm_" });
  try {
    await build(folder, builder, args);
    await printContents(folder);
    await rm(PACKAGE_FOLDER, { recursive: true, force: true });
    await cp(folder, PACKAGE_FOLDER, { recursive: true });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Returns the builder that the arguments name, or the one that can be used. */
async function chooseBuilder(args: readonly string[]): Promise<Builder> {
  const index = args.indexOf("--builder");
  if (index < 0) return await availableBuilder();
  const builder = BUILDERS.find((name) => name === args[index + 1]);
  if (!builder) {
    throw new RangeError(`Cannot build as --builder is dnt or typescript: current value is ${args[index + 1]}`);
  }
  return builder;
}

async function main(): Promise<void> {
  const builder = await chooseBuilder(Deno.args);
  await buildPackage(builder, Deno.args.filter((arg) => arg === "--without-tests"));
  console.log(`Built the package into npm/ with ${builder}`);
}

if (import.meta.main) await main();
