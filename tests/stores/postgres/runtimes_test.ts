// The store under Node and Bun, with the drivers from npm and `Bun.sql`.

import { storeChecks } from "@neat/periodic-task/testing";
import { assertEquals } from "@std/assert";
import config from "../../../deno.json" with { type: "json" };
import { forRequests, TcpProxy } from "../../../internal/servers/tcp_proxy.ts";
import { bundle, installBun, inTempFolder, missingNode, missingNpm, run } from "../../helpers/runtimes.ts";
import { serverTest, urlWith } from "./server.ts";

const PACKAGES = (["pg", "postgres"] as const).map((name) => config.imports[name].replace("npm:", ""));
const LIMIT_MS = 180_000;

/** The store checks of a driver with a pool that can run here, and the other checks of runtime_program.ts. */
const CHECKS =
  storeChecks({ open: () => Promise.reject(), openHung: () => Promise.reject() }).filter(({ skipped }) => !skipped)
    .length +
  3;
/** Without the checks of pools, or of reserved connections. */
const CHECKS_OF_DRIVERS = { "pg Pool": CHECKS, "pg Client": CHECKS - 4, "postgres": CHECKS - 1, "Bun.sql": CHECKS };

serverTest("each driver passes the store checks under Node and Bun", async (t, server) => {
  const missing = await missingNode() ?? await missingNpm();
  if (missing) return console.log(`skipped: ${missing}`);
  await inTempFolder(async (folder) => {
    const signal = AbortSignal.timeout(LIMIT_MS);
    await using hung = new TcpProxy(server.port);
    hung.rule = forRequests(() => "hold");
    const external = ["pg", "postgres"].map((name) => `--external=${name}`);
    await bundle(import.meta.resolve("./runtime_program.ts"), `${folder}/bundle.mjs`, ...external);
    const bun = await installBun(folder, PACKAGES, { signal });
    for (const [runtime, command, drivers] of [["node", "node", 3], ["bun", bun, 4]] as const) {
      await t.step(runtime, async () => {
        const url = await server.createDatabase(runtime);
        const args = ["bundle.mjs", url, urlWith(url, { port: hung.port })];
        const text = await run(command, args, { cwd: folder, signal });
        const expected = Object.values(CHECKS_OF_DRIVERS).slice(0, drivers).reduce((sum, count) => sum + count, 0);
        assertEquals([text.match(/^ok: /gm)?.length, text.endsWith("done\n")], [expected, true], text);
      });
    }
  });
});
