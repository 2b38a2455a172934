import { ROOT } from "../../../deno_command.ts";
import { median } from "../../percentile.ts";
import { installedPeers } from "../packages.ts";
import { runToEnd } from "../process.ts";
import { rotated } from "../workshop.ts";
import { OURS, type Subject } from "./subjects.ts";

/** What runs a script. */
export type Runtime = "Node" | "Bun" | "Deno";

/** The name of the script that imports nothing. */
export const BARE = "nothing";

const LIMIT_MS = 30_000;

/** Milliseconds from the start of a process to its end, by what it imports. */
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
  // without the configuration of this project, which is in a folder above
  return [Deno.execPath(), ["run", "--allow-all", "--quiet", "--no-config", "--node-modules-dir=manual"]];
}

/** What a user of a runtime imports: with Deno this package comes from JSR, which serves its source. */
function specifiersOf({ name, specifiers }: Subject, runtime: Runtime): readonly string[] {
  return name === OURS && runtime === "Deno" ? [new URL("mod.ts", ROOT).href] : specifiers;
}

async function writeScripts(runtime: Runtime, subjects: readonly Subject[]): Promise<Script[]> {
  const bare: Subject = { name: BARE, folder: subjects[1]!.folder, specifiers: [] };
  return await Promise.all([bare, ...subjects].map(async (subject) => {
    const { name, folder } = subject;
    const path = `${folder}/import_${name.replace(/\W+/g, "_")}_${runtime}.mjs`;
    const lines = specifiersOf(subject, runtime).map((specifier) => `import "${specifier}";\n`);
    await Deno.writeTextFile(path, lines.join("") || "export {};\n");
    return { name, folder, path };
  }));
}

/** The median time of each, with all in turn, so that a slow moment of the machine meets all. */
export async function importTimes(runtime: Runtime, subjects: readonly Subject[], times: number): Promise<ImportTimes> {
  const [command, args] = await commandOf(runtime);
  const scripts = await writeScripts(runtime, subjects);
  const found = new Map<string, number[]>(scripts.map(({ name }) => [name, []]));
  // the first time fills caches
  for (let time = -1; time < times; time++) {
    for (const { name, folder, path } of rotated(scripts, time + 1)) {
      const startedMs = performance.now();
      await runToEnd(command, [...args, path], { limitMs: LIMIT_MS, cwd: folder });
      if (time >= 0) found.get(name)?.push(performance.now() - startedMs);
    }
  }
  return new Map([...found].map(([name, all]) => [name, median(all)]));
}
