// The checks that any store must pass, under Node and Bun with the databases of @deno/kv, all three as npm installs them.

import { assert, assertEquals } from "@std/assert";
import { storeChecks } from "@neat/periodic-task/testing";
import config from "../../../deno.json" with { type: "json" };

const DENO_KV = config.imports["@deno/kv"].replace("npm:", "");
const BUN = "bun@1.4.5";
const LIMIT_MS = 120_000;
const NPM = Deno.build.os === "windows" ? "npm.cmd" : "npm";

/** Those that can be run here, and the one that tells whether counting together works. */
const CHECKS = storeChecks({ open: () => Promise.reject() }).filter(({ skipped }) => !skipped).length + 1;

/** Runs a command, which must succeed, and answers with what it printed. */
async function run(command: string, args: string[], options: Deno.CommandOptions = {}): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(command, { args, ...options }).output();
  const text = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("");
  assert(
    success,
    `${command} ${args.join(" ")}${options.signal?.aborted ? ` took over ${LIMIT_MS} ms` : ""}:\n${text}`,
  );
  return text;
}

/** Why nothing can be run here, if so. */
async function obstacle(): Promise<string | undefined> {
  if (Deno.env.get("NEAT_TEST_STORES") !== "1") return "NEAT_TEST_STORES is not 1, and it installs packages from npm";
  for (const command of ["node", NPM]) {
    const version = await run(command, ["--version"]).catch(() => undefined);
    if (!version) return `there is no ${command}`;
    const major = Number(version.match(/^v?(\d+)/)?.[1]);
    if (command === "node" && major < 20) return `node is older than 20: ${version.trim()}`;
  }
  return undefined;
}

const missing = await obstacle();

Deno.test({
  name: `@deno/kv passes the store checks under Node and Bun${missing ? ` (skipped: ${missing})` : ""}`,
  ignore: missing !== undefined,
  fn: async (t) => {
    const folder = await Deno.makeTempDir({ prefix: "periodic_task_" });
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), LIMIT_MS);
    const { signal } = limit;
    const inFolder = { cwd: folder, signal, env: { NO_COLOR: "1", NODE_OPTIONS: "" } };
    try {
      const script = import.meta.resolve("./runtime_program.ts");
      const bundle = ["bundle", "--quiet", "--external=@deno/kv", `--output=${folder}/bundle.mjs`, script];
      // in the folder of the project, for its configuration
      await run(Deno.execPath(), bundle, { signal });
      await Deno.writeTextFile(`${folder}/package.json`, "{}");
      // npx hands the project's prefix on to what it starts
      const options = [`--prefix=${folder}`, "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund"];
      await run(NPM, ["install", ...options, DENO_KV, BUN], inFolder);
      // the one script that is needed: it puts Bun's program for this machine in its place, which has this name everywhere
      await run("node", ["node_modules/bun/install.js"], inFolder);
      for (const [runtime, command] of [["Node", "node"], ["Bun", `${folder}/node_modules/bun/bin/bun.exe`]] as const) {
        await t.step(runtime, async () => {
          const text = await run(command, ["bundle.mjs", `${runtime}.sqlite3`], inFolder);
          assertEquals([text.match(/^ok: /gm)?.length, text.endsWith("done\n")], [CHECKS, true], text);
        });
      }
    } finally {
      clearTimeout(timer);
      await Deno.remove(folder, { recursive: true });
    }
  },
});
