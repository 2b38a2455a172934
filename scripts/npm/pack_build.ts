import { cp, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import config from "../../deno.json" with { type: "json" };
import { ROOT } from "../../internal/processes/deno_command.ts";
import { withKnownKeys } from "./known_keys.ts";
import { filesBelow } from "./modules.ts";
import { mustRun } from "./run.ts";

/**
 * Builds ES modules and their declarations into `<folder>/esm` with `deno pack`, which needs nothing from JSR. What it writes into
 * package.json is left aside.
 */
export async function buildWithPack(folder: string): Promise<void> {
  const source = `${folder}/source`;
  for (const name of ["deno.json", "bench/deno.json", ...config.publish.include]) {
    await cp(new URL(name, ROOT), `${source}/${name}`, { recursive: true });
  }
  // outside of Git, where it has no word on uncommitted changes; it names each module without types, although no entry point shows them
  await mustRun(Deno.execPath(), ["pack", "--quiet", "--no-source-maps", "--output=../packed.tgz"], { cwd: source });
  await mustRun("tar", ["-xzf", "packed.tgz"], { cwd: folder });
  await mkdir(`${folder}/esm`);
  for (const name of ["mod.js", "mod.d.ts", "src", "stores"]) {
    await rename(`${folder}/package/${name}`, `${folder}/esm/${name}`);
  }
  for (const path of (await filesBelow(`${folder}/esm`)).filter((path) => path.endsWith(".js"))) {
    const file = `${folder}/esm/${path}`;
    await writeFile(file, withKnownKeys(await readFile(file, "utf8")));
  }
  for (const name of ["source", "packed.tgz", "package"]) await rm(`${folder}/${name}`, { recursive: true });
}
