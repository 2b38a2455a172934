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
export async function buildWithGo(program: GoProgram): Promise<{ path: string } | Missing> {
  const { module, version } = program;
  return await build(program, async (folder) => {
    const command = new Deno.Command("go", {
      args: ["install", `${module}@${version}`],
      env: { GOBIN: folder, GOFLAGS: "-mod=mod" },
      stdin: "null",
    });
    return (await command.spawn().status).success;
  });
}

/**
 * Builds a program whose module replaces others, which `go install` refuses. In a module that needs it, the replacements do not count.
 */
export async function buildModuleWithGo(program: GoProgram): Promise<{ path: string } | Missing> {
  const { name, module, version } = program;
  return await build(program, async (folder) => {
    await Deno.mkdir(folder, { recursive: true });
    await Deno.writeTextFile(`${folder}/go.mod`, `module ${name}_build\n`);
    for (const args of [["get", `${module}@${version}`], ["build", "-o", name, module]]) {
      const command = new Deno.Command("go", { args, cwd: folder, env: { GOFLAGS: "-mod=mod" }, stdin: "null" });
      if (!(await command.spawn().status).success) return false;
    }
    return true;
  });
}

async function build(
  { name, version }: GoProgram,
  run: (folder: string) => Promise<boolean>,
): Promise<{ path: string } | Missing> {
  const folder = fileURLToPath(new URL(`.cache/${name}-${version}`, ROOT));
  const path = `${folder}/${name}${Deno.build.os === "windows" ? ".exe" : ""}`;
  if (await exists(path)) return { path };
  console.log(`Building ${name} ${version} with Go, which takes some minutes.`);
  try {
    return await run(folder) ? { path } : { reason: "Go could not build it" };
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return { reason: "there is no Go on this machine" };
  }
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
