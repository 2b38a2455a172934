import { ROOT } from "../../../internal/processes/deno_command.ts";
import { median } from "../../percentile.ts";
import { installedPeers } from "../packages.ts";
import { runProcess } from "../../../internal/processes/run_process.ts";
import { rotated } from "../rotated.ts";
import { OURS, type WeighedPackage } from "./installed_packages.ts";

/** A runtime for scripts. */
export type Runtime = "Node" | "Bun" | "Deno";

const TIMEOUT_MS = 30_000;
const WARM_UPS = 2;

/** Milliseconds from the call of `import()` to its answer, in a process of its own, by package. */
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

/**
 * Returns a script that prints how long its imports take. The start of a process takes many times as long and varies more, so it
 * is left out. Deno would load a module with a literal name before the script starts.
 */
function scriptText(specifiers: readonly string[]): string {
  return `const specifiers = ${JSON.stringify(specifiers)};
const startedMs = performance.now();
for (const specifier of specifiers) await import(specifier);
console.log(performance.now() - startedMs);
`;
}

async function writeScripts(runtime: Runtime, packages: readonly WeighedPackage[]): Promise<Script[]> {
  return await Promise.all(packages.map(async (weighed) => {
    const { name, folder } = weighed;
    const path = `${folder}/import_${name.replace(/\W+/g, "_")}_${runtime}.mjs`;
    await Deno.writeTextFile(path, scriptText(specifiersOf(weighed, runtime)));
    return { name, folder, path };
  }));
}

/** Reads what a script has printed. A package may print lines of its own before. */
function printedMs(output: string, name: string): number {
  const ms = Number(output.trimEnd().split("\n").at(-1) || NaN);
  if (Number.isFinite(ms)) return ms;
  throw new Error(`Cannot measure the import of ${name} as it prints no time: current value is "${output}"`);
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
  // the first rounds fill the caches of files and, with Deno, of compiled code
  for (let time = -WARM_UPS; time < times; time++) {
    for (const { name, folder, path } of rotated(scripts, time + WARM_UPS)) {
      const output = await runProcess(command, [...args, path], { timeoutMs: TIMEOUT_MS, cwd: folder });
      if (time >= 0) found.get(name)?.push(printedMs(output, name));
    }
  }
  return new Map([...found].map(([name, all]) => [name, median(all)]));
}
