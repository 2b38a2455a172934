// The store under Node and Bun, with their own SQLite, better-sqlite3 and @libsql/client.

import { storeChecks } from "@neat/periodic-task/testing";
import { assertEquals } from "@std/assert";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import config from "../../../deno.json" with { type: "json" };
import { ROOT } from "../../../internal/processes/deno_command.ts";
import { bundle, installBun, inTempFolder, missingNode, missingNpm, run } from "../../helpers/runtimes.ts";

/** Not in deno.json, as Deno would fetch it, too, and warn of its script. */
const BETTER_SQLITE3 = "better-sqlite3@12.11.1";
const LIBSQL = config.imports["@libsql/client"].replace("npm:", "");
/** Without a prebuilt binary better-sqlite3 is compiled, which takes minutes with optimisation. */
const UNOPTIMISED = { CFLAGS: "-O0", CXXFLAGS: "-O0", JOBS: "max" };
const BUILD_LIMIT_MS = 240_000;
const LIMIT_MS = 600_000;

/** The store checks that can run here, and those of runtime_program.ts. */
const CHECKS = storeChecks({ open: () => Promise.reject() }).filter(({ skipped }) => !skipped).length + 3;

/** The npm package with Node for this system. `node:sqlite` needs 22.5. */
function nodePackage(): string {
  const os = Deno.build.os === "windows" ? "win" : Deno.build.os;
  return `node24@npm:node-${os}-${Deno.build.arch === "aarch64" ? "arm64" : "x64"}@24`;
}

/** Why the test can't run; `undefined` if it can. */
async function missingRuntime(): Promise<string | undefined> {
  if (Deno.env.get("NEAT_TEST_STORES") !== "1") return "NEAT_TEST_STORES is not 1, and it installs packages from npm";
  return await missingNode() ?? await missingNpm();
}

/** Where the binary of better-sqlite3 is kept, for the Node on the PATH. */
async function cachedBinary(): Promise<string> {
  const print = "console.log([process.platform, process.arch, process.versions.modules].join('-'))";
  const target = (await run("node", ["--eval", print])).trim();
  return fileURLToPath(new URL(`.cache/${BETTER_SQLITE3}-${target}.node`, ROOT));
}

/**
 * Fetches or compiles the binary of better-sqlite3 for the Node on the PATH, unless it was kept before.
 *
 * @returns Why it can't be used; `undefined` if it can.
 */
async function missingBetterSqlite3(folder: string): Promise<string | undefined> {
  const cwd = `${folder}/node_modules/better-sqlite3`;
  const [cached, binary] = [await cachedBinary(), `${cwd}/build/Release/better_sqlite3.node`];
  await Deno.mkdir(`${cwd}/build/Release`, { recursive: true });
  if (await Deno.copyFile(cached, binary).then(() => true, () => false)) return undefined;
  const missing = await buildBetterSqlite3(cwd);
  if (missing !== undefined) return missing;
  await Deno.mkdir(dirname(cached), { recursive: true });
  await Deno.copyFile(binary, cached);
  return undefined;
}

/** Fetches or compiles the binary. Returns why it can't be used. */
async function buildBetterSqlite3(cwd: string): Promise<string | undefined> {
  const npm = Deno.build.os === "windows" ? "npm.cmd" : "npm";
  const signal = AbortSignal.timeout(BUILD_LIMIT_MS);
  try {
    await run(npm, ["run", "install"], { cwd, signal, env: UNOPTIMISED });
    return undefined;
  } catch (error) {
    if (signal.aborted) return `its binary was not built within ${BUILD_LIMIT_MS / 1_000} s`;
    const lines = String(error).trimEnd().split("\n");
    return `its binary could neither be downloaded nor built: ${lines.at(-1)}`;
  }
}

const missing = await missingRuntime();

Deno.test({
  name: `SqliteStore passes the store checks under Node and Bun${missing ? ` (skipped: ${missing})` : ""}`,
  ignore: missing !== undefined,
  fn: (t) =>
    inTempFolder(async (folder) => {
      const limit = new AbortController();
      const timer = setTimeout(() => limit.abort(), LIMIT_MS);
      const { signal } = limit;
      try {
        await bundle(import.meta.resolve("./runtime_program.ts"), `${folder}/bundle.mjs`);
        const bun = await installBun(folder, [BETTER_SQLITE3, LIBSQL, nodePackage()], { signal });
        const node24 = `${folder}/node_modules/node24/bin/node${Deno.build.os === "windows" ? ".exe" : ""}`;
        const missingDriver = await missingBetterSqlite3(folder);
        if (missingDriver) console.log(`better-sqlite3 is skipped, as ${missingDriver}`);
        const runs: readonly [runtime: string, command: string, driver: string, skipped?: string | undefined][] = [
          ["Node 24", node24, "node:sqlite"],
          ["Node", "node", "better-sqlite3", missingDriver],
          ["Node", "node", "@libsql/client"],
          ["Bun", bun, "bun:sqlite"],
          ["Bun", bun, "@libsql/client"],
        ];
        for (const [index, [runtime, command, driver, skipped]] of runs.entries()) {
          await t.step({
            name: `${runtime}, ${driver}`,
            ignore: skipped !== undefined,
            fn: async () => {
              const text = await run(command, ["bundle.mjs", driver, `${index}.sqlite3`], { cwd: folder, signal });
              assertEquals([text.match(/^ok: /gm)?.length, text.endsWith("done\n")], [CHECKS, true], text);
            },
          });
        }
      } finally {
        clearTimeout(timer);
      }
    }),
});
