// The store under Node and Bun.

import config from "../../../deno.json" with { type: "json" };
import { checkRuntimes, missingRuntimes } from "../helpers/runtime_checks.ts";
import { serverTest } from "./server.ts";

const missing = await missingRuntimes();

serverTest("NatsStore passes the store checks under Node and Bun", async (t, server) => {
  await checkRuntimes(t, {
    program: import.meta.resolve("./runtime_program.ts"),
    packages: [config.imports["@nats-io/kv"], config.imports["@nats-io/transport-node"]].map((name) =>
      name.replace("npm:", "")
    ),
    args: [`127.0.0.1:${server.port}`],
  });
}, { missing });
