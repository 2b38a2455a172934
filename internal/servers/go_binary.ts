/**
 * Servers that are built with Go.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { ROOT } from "../processes/deno_command.ts";
import type { Missing } from "./server_process.ts";

/** A program that Go installs from its module proxy. */
export interface GoProgram {
  /** The name of the binary, without an extension. */
  readonly name: string;
  readonly version: string;
  /** The package of the program, without its version. */
  readonly module: string;
}

/** Builds a program unless it is there, and returns its path or why there is none. It stays in .cache, so that it is built once. */
export async function buildWithGo({ name, version, module }: GoProgram): Promise<{ path: string } | Missing> {
  const folder = fileURLToPath(new URL(`.cache/${name}-${version}`, ROOT));
  const path = `${folder}/${name}${Deno.build.os === "windows" ? ".exe" : ""}`;
  if (await exists(path)) return { path };
  console.log(`Building ${name} ${version} with Go, which takes a minute or two.`);
  try {
    const { success } = await new Deno.Command("go", {
      args: ["install", `${module}@${version}`],
      env: { GOBIN: folder, GOFLAGS: "-mod=mod" },
      stdin: "null",
    }).spawn().status;
    return success ? { path } : { reason: "Go could not build it" };
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return { reason: "there is no Go on this machine" };
  }
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
