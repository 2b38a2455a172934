// The store under Node and Bun, with the drivers from npm, against MariaDB.

import { storeChecks } from "@neat/periodic-task/testing";
import { assertEquals } from "@std/assert";
import config from "../../../deno.json" with { type: "json" };
import { forRequests, type ProxyAction, TcpProxy } from "../../../internal/servers/tcp_proxy.ts";
import { bundle, installBun, inTempFolder, run } from "../../helpers/runtimes.ts";
import { serverTest, STATEMENT } from "./servers.ts";

const { mysql2, mariadb } = config.imports;
const LIMIT_MS = 120_000;

/** The store checks with each of the two drivers. */
const CHECKS = 2 * storeChecks({ open: () => Promise.reject() }).length;

function proxyTo(port: number, action: ProxyAction): TcpProxy {
  const proxy = new TcpProxy(port);
  proxy.rule = forRequests((data) => STATEMENT.test(data) ? action : "pass");
  return proxy;
}

serverTest(
  "mysql2 and mariadb pass the store checks under Node and Bun",
  (server, t) =>
    inTempFolder(async (folder) => {
      const signal = AbortSignal.timeout(LIMIT_MS);
      await using hung = proxyTo(server.port, "hold");
      await using failing = proxyTo(server.port, "cut");
      const externals = ["mysql2", "mysql2/promise", "mariadb"].map((name) => `--external=${name}`);
      await bundle(import.meta.resolve("./runtime_program.ts"), `${folder}/bundle.mjs`, ...externals);
      const packages = [mysql2, mariadb].map((specifier) => specifier.replace("npm:", ""));
      const bun = await installBun(folder, packages, { signal });
      for (const [runtime, command] of [["Node", "node"], ["Bun", bun]] as const) {
        await t.step(runtime, async () => {
          const args = ["bundle.mjs", ...[server.port, hung.port, failing.port].map(String)];
          const text = await run(command, args, { cwd: folder, signal });
          assertEquals([text.match(/^ok: /gm)?.length, text.endsWith("done\n")], [CHECKS, true], text);
        });
      }
    }),
);
