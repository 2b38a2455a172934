// deno task build:npm [--builder dnt|pack] [--without-tests]
//
// Builds the npm package into `npm/`: with dnt, which comes from JSR, or where JSR can't be reached with `deno pack`, and then from ES
// modules alone.

import { cp, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { ROOT } from "../internal/processes/deno_command.ts";
import { availableBuilder, build, type Builder } from "./npm/build.ts";
import { printContents } from "./npm/contents.ts";
import type { Format } from "./npm/manifest.ts";

/** Where the package is built. */
export const PACKAGE: string = fileURLToPath(new URL("npm", ROOT));

/** Builds the package anew. Answers with the formats that it has. */
async function buildPackage(builder: Builder, args: readonly string[]): Promise<readonly Format[]> {
  const folder = await Deno.makeTempDir({ prefix: "periodic_task_npm_" });
  try {
    const formats = await build(folder, builder, args);
    await printContents(folder);
    await rm(PACKAGE, { recursive: true, force: true });
    await cp(folder, PACKAGE, { recursive: true });
    return formats;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function main(): Promise<void> {
  const at = Deno.args.indexOf("--builder");
  const given = at < 0 ? undefined : Deno.args[at + 1];
  if (at >= 0 && given !== "dnt" && given !== "pack") {
    throw new RangeError(`Cannot build as --builder is dnt or pack: current value is ${given}`);
  }
  const builder = given as Builder | undefined ?? await availableBuilder();
  const formats = await buildPackage(builder, Deno.args.filter((arg) => arg === "--without-tests"));
  console.log(
    `npm/ holds the package, built with ${builder === "dnt" ? "dnt" : "deno pack"}: ${formats.join(" and ")}`,
  );
}

if (import.meta.main) await main();
