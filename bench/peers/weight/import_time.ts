import { ROOT } from "../../../internal/processes/deno_command.ts";
import { median } from "../../percentile.ts";
import { installedPeers } from "../packages.ts";
import { runProcess } from "../../../internal/processes/run_process.ts";
import { rotated } from "../rotated.ts";
import { OURS, type WeighedPackage } from "./installed_packages.ts";

/** A runtime for scripts. */
export type Runtime = "Node" | "Bun" | "Deno";

/** The name of the script that imports nothing. */
export const BARE = "nothing";

const TIMEOUT_MS = 30_000;

/** Milliseconds from the start of a process to its exit, by what it imports. */
export type ImportTimes = ReadonlyMap<string, number>;

interface Script {
  readonly name: string;
  readonly folder: string;
  readonly path: string;
}

async function commandOf(runtime: Runtime): Promise<readonly [command: string, args: readonly string[]]> {
  const { node, bun } = await installedPeers();
  if (runtime === "Node") return [node, []];
  if (runtime === "Bun") return [bun, ["run"]];
  // without the configuration of this project in the folder above
  return [Deno.execPath(), ["run", "--allow-all", "--quiet", "--no-config", "--node-modules-dir=manual"]];
}

/** Returns what users of a runtime import. With Deno this package comes from JSR as source. */
function specifiersOf({ name, specifiers }: WeighedPackage, runtime: Runtime): readonly string[] {
  return name === OURS && runtime === "Deno" ? [new URL("mod.ts", ROOT).href] : specifiers;
}

async function writeScripts(runtime: Runtime, packages: readonly WeighedPackage[]): Promise<Script[]> {
  const bare: WeighedPackage = { name: BARE, folder: packages.at(-1)?.folder ?? ".", specifiers: [] };
  return await Promise.all([bare, ...packages].map(async (weighed) => {
    const { name, folder } = weighed;
    const path = `${folder}/import_${name.replace(/\W+/g, "_")}_${runtime}.mjs`;
    const lines = specifiersOf(weighed, runtime).map((specifier) => `import "${specifier}";\n`);
    await Deno.writeTextFile(path, lines.join("") || "export {};\n");
    return { name, folder, path };
  }));
}

/** Measures the median time of each. They take turns, so that a slow moment of the machine affects all. */
export async function importTimes(
  runtime: Runtime,
  packages: readonly WeighedPackage[],
  times: number,
): Promise<ImportTimes> {
  const [command, args] = await commandOf(runtime);
  const scripts = await writeScripts(runtime, packages);
  const found = new Map<string, number[]>(scripts.map(({ name }) => [name, []]));
  // the first round fills caches
  for (let time = -1; time < times; time++) {
    for (const { name, folder, path } of rotated(scripts, time + 1)) {
      const startedMs = performance.now();
      await runProcess(command, [...args, path], { timeoutMs: TIMEOUT_MS, cwd: folder });
      if (time >= 0) found.get(name)?.push(performance.now() - startedMs);
    }
  }
  return new Map([...found].map(([name, all]) => [name, median(all)]));
}
