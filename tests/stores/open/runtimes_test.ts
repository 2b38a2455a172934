// Stores that are opened by URLs under Deno, Node and Bun, with each driver, and with those of the runtimes.

import { storeChecks } from "@neat/periodic-task/testing";
import { assertEquals } from "@std/assert";
import config from "../../../deno.json" with { type: "json" };
import { bundle, installBun, inTempFolder, missingNode, missingNpm, run } from "../../helpers/runtimes.ts";
import type { ProgramInput, StoreCase } from "./cases.ts";
import { DatabaseServers, localCases } from "./servers.ts";

const { imports } = config;
const LIMIT_MS = 400_000;

/** The drivers of a project. A program takes the first one that is installed. */
const FIRST = ["pg", "ioredis", "mysql2", "@deno/kv"] as const;
const SECOND = ["postgres", "redis", "mariadb", "@deno/kv"] as const;

/** What each runtime has. Node has no driver of its own here, as `node:sqlite` needs Node 22.5. */
const RUNS: readonly {
  readonly runtime: "Deno" | "Node" | "Bun";
  readonly packages: readonly (keyof typeof imports)[];
  readonly stores: readonly string[];
}[] = [
  // from npm, without an import map
  { runtime: "Deno", packages: [], stores: ["postgres", "redis", "mysql", "sqlite"] },
  { runtime: "Node", packages: FIRST, stores: ["postgres", "redis", "mysql", "deno-kv"] },
  { runtime: "Node", packages: SECOND, stores: ["postgres", "redis", "mysql"] },
  { runtime: "Bun", packages: [], stores: ["postgres", "redis", "sqlite"] },
];

/** How many checks a store has in runtime_program.ts. */
function countOf({ url, hung }: StoreCase): number {
  const open = (): Promise<never> => Promise.reject();
  return storeChecks({ open: () => Promise.reject(url), ...(hung !== undefined && { openHung: open }) })
    .filter(({ skipped }) => !skipped).length;
}

async function missingTools(): Promise<string | undefined> {
  if (Deno.env.get("NEAT_TEST_STORES") !== "1") return "NEAT_TEST_STORES is not 1, and it installs packages from npm";
  return await missingNode() ?? await missingNpm();
}

/** Makes an import map, so that Deno finds some drivers by their bare names, as in a project. */
async function writeImportMap(folder: string, packages: readonly (keyof typeof imports)[]): Promise<string> {
  const names = packages.filter((name) => name !== "@deno/kv").map((name) => [name, imports[name]]);
  const path = `${folder}/import_map.json`;
  await Deno.writeTextFile(path, JSON.stringify({ imports: Object.fromEntries(names) }));
  return path;
}

/** Waits for a file, and then restarts the servers. */
async function restartWhenAsked(
  servers: DatabaseServers,
  restarted: NonNullable<ProgramInput["restarted"]>,
  ended: AbortSignal,
) {
  const exists = (): Promise<boolean> => Deno.stat(restarted.before).then(() => true, () => false);
  while (!await exists()) {
    if (ended.aborted) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await servers.stop();
  await servers.start();
  await Deno.writeTextFile(restarted.after, "");
}

const missing = await missingTools();

Deno.test({
  name: `each driver passes the store checks under Deno, Node and Bun${missing ? ` (skipped: ${missing})` : ""}`,
  ignore: missing !== undefined,
  // drivers close their sockets some time after their end
  sanitizeOps: false,
  sanitizeResources: false,
  fn: (t) =>
    inTempFolder(async (folder) => {
      await using servers = await DatabaseServers.start();
      if (servers.missing.length > 0) console.log(`skipped: ${servers.missing.join(", ")}`);
      for (const [index, { runtime, packages, stores }] of RUNS.entries()) {
        await t.step(`${runtime}: ${packages.join(", ") || "without packages"}`, async () => {
          const own = `${folder}/${index}`;
          await Deno.mkdir(own);
          const cases = [...await servers.cases(`run_${index}`), ...localCases(own, "tasks")]
            .filter(({ name }) => stores.includes(name));
          const restarted = {
            urls: cases.filter(({ hung }) => hung !== undefined).map(({ url }) => url),
            before: `${own}/before`,
            after: `${own}/after`,
          };
          const input: ProgramInput = { checks: cases, restarted };
          const { command, args } = await programFor(runtime, own, packages);
          const ended = new AbortController();
          const restarts = restartWhenAsked(servers, restarted, ended.signal);
          const options = { cwd: own, signal: AbortSignal.timeout(LIMIT_MS) };
          const text = await run(command, [...args, JSON.stringify(input)], options).finally(() => ended.abort());
          await restarts;
          const expected = cases.reduce((sum, each) => sum + countOf(each), 1);
          assertEquals([text.match(/^ok: /gm)?.length, text.endsWith("done\n")], [expected, true], text);
        });
      }
    }),
});

/** Makes a project with some packages, and returns the command that runs the program in it. */
async function programFor(
  runtime: "Deno" | "Node" | "Bun",
  folder: string,
  packages: readonly (keyof typeof imports)[],
): Promise<{ readonly command: string; readonly args: readonly string[] }> {
  const program = import.meta.resolve("./runtime_program.ts");
  if (runtime === "Deno") {
    const map = await writeImportMap(folder, packages);
    const args = ["run", "-A", "--quiet", "--no-config", "--no-lock", "--no-check", `--import-map=${map}`, program];
    return { command: Deno.execPath(), args };
  }
  await bundle(program, `${folder}/bundle.mjs`);
  const bun = await installBun(folder, packages.map((name) => imports[name].replace("npm:", "")));
  return { command: runtime === "Bun" ? bun : "node", args: ["bundle.mjs"] };
}
