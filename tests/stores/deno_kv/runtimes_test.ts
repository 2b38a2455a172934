// The store under Node and Bun, with the databases of @deno/kv from npm.

import { storeChecks } from "@neat/periodic-task/testing";
import { assertEquals } from "@std/assert";
import config from "../../../deno.json" with { type: "json" };
import { bundle, installBun, inTempFolder, missingNode, missingNpm, run } from "../../helpers/runtimes.ts";

const DENO_KV = config.imports["@deno/kv"].replace("npm:", "");
const LIMIT_MS = 120_000;

/** The store checks that can run here, and the one of concurrent connections. */
const CHECKS = storeChecks({ open: () => Promise.reject() }).filter(({ skipped }) => !skipped).length + 1;

/** Why the test can't run; `undefined` if it can. */
async function missingRuntime(): Promise<string | undefined> {
  if (Deno.env.get("NEAT_TEST_STORES") !== "1") return "NEAT_TEST_STORES is not 1, and it installs packages from npm";
  return await missingNode() ?? await missingNpm();
}

const missing = await missingRuntime();

Deno.test({
  name: `@deno/kv passes the store checks under Node and Bun${missing ? ` (skipped: ${missing})` : ""}`,
  ignore: missing !== undefined,
  fn: (t) =>
    inTempFolder(async (folder) => {
      const limit = new AbortController();
      const timer = setTimeout(() => limit.abort(), LIMIT_MS);
      const { signal } = limit;
      try {
        await bundle(import.meta.resolve("./runtime_program.ts"), `${folder}/bundle.mjs`, "--external=@deno/kv");
        const bun = await installBun(folder, [DENO_KV], { signal });
        for (const [runtime, command] of [["Node", "node"], ["Bun", bun]] as const) {
          await t.step(runtime, async () => {
            const text = await run(command, ["bundle.mjs", `${runtime}.sqlite3`], { cwd: folder, signal });
            assertEquals([text.match(/^ok: /gm)?.length, text.endsWith("done\n")], [CHECKS, true], text);
          });
        }
      } finally {
        clearTimeout(timer);
      }
    }),
});
