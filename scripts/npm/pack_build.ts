import { cp, readFile, rename, rm, writeFile } from "node:fs/promises";
import config from "../../deno.json" with { type: "json" };
import { ROOT } from "../deno_command.ts";
import { runOrThrow } from "./command.ts";
import { inlineComputedKeys } from "./computed_keys.ts";
import { filesBelow } from "./module_files.ts";

/** Builds ES modules and their declarations into `<folder>/esm` with `deno pack`, which needs nothing from JSR. */
export async function buildWithPack(folder: string): Promise<void> {
  const source = `${folder}/source`;
  for (const name of ["deno.json", ...config.publish.include]) {
    await cp(new URL(name, ROOT), `${source}/${name}`, { recursive: true });
  }
  // the copy is outside of Git, so uncommitted changes are no error; --quiet, as types of internal modules are inferred
  await runOrThrow(Deno.execPath(), ["pack", "--quiet", "--no-source-maps", "--output=../packed.tgz"], { cwd: source });
  await runOrThrow("tar", ["-xzf", "packed.tgz"], { cwd: folder });
  await rename(`${folder}/package`, `${folder}/esm`);
  for (const path of (await filesBelow(`${folder}/esm`)).filter((path) => path.endsWith(".js"))) {
    const file = `${folder}/esm/${path}`;
    await writeFile(file, inlineComputedKeys(await readFile(file, "utf8")));
  }
  for (const name of ["source", "packed.tgz"]) await rm(`${folder}/${name}`, { recursive: true });
}
