// The store under Node and Bun, with ioredis and redis from npm, and with the client of Bun.

import { storeChecks } from "@neat/periodic-task/testing";
import { assertEquals } from "@std/assert";
import config from "../../../deno.json" with { type: "json" };
import { findRedis, startRedis } from "../../../internal/servers/redis.ts";
import { bundle, installBun, inTempFolder, missingNode, missingNpm, run } from "../../helpers/runtimes.ts";
import { startHungServer } from "../../../internal/servers/hung_server.ts";

const PACKAGES = [config.imports.ioredis, config.imports.redis].map((specifier) => specifier.replace("npm:", ""));
/** It takes one minute, and longer on a busy machine. */
const LIMIT_MS = 400_000;
const OPEN = (): Promise<never> => Promise.reject();

/** How many checks each driver has. */
const CHECKS = storeChecks({ open: OPEN, openHung: OPEN, openFailing: OPEN }).length;

/** Why the test can't run; `undefined` if it can. */
async function missingRuntime(): Promise<string | undefined> {
  if (Deno.env.get("NEAT_TEST_STORES") !== "1") return "NEAT_TEST_STORES is not 1, and it installs packages from npm";
  if (!await findRedis()) return "there is no redis-server";
  return await missingNode() ?? await missingNpm();
}

const missing = await missingRuntime();

Deno.test({
  name: `RedisStore passes the store checks under Node and Bun${missing ? ` (skipped: ${missing})` : ""}`,
  ignore: missing !== undefined,
  fn: (t) =>
    inTempFolder(async (folder) => {
      const limit = new AbortController();
      const timer = setTimeout(() => limit.abort(), LIMIT_MS);
      const { signal } = limit;
      const server = await startRedis();
      if ("reason" in server) throw new Error(server.reason);
      try {
        using hung = startHungServer();
        const externals = ["--external=ioredis", "--external=redis"];
        await bundle(import.meta.resolve("./runtime_program.ts"), `${folder}/bundle.mjs`, ...externals);
        const bun = await installBun(folder, PACKAGES, { signal });
        for (const [runtime, command, drivers] of [["Node", "node", 2], ["Bun", bun, 3]] as const) {
          await t.step(runtime, async () => {
            const ports = [server.port, hung.port].map(String);
            const text = await run(command, ["bundle.mjs", ...ports], { cwd: folder, signal });
            assertEquals([text.match(/^ok: /gm)?.length, text.endsWith("done\n")], [CHECKS * drivers, true], text);
          });
        }
      } finally {
        clearTimeout(timer);
        await server[Symbol.asyncDispose]();
      }
    }),
});
