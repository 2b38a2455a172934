// The store under Node and Bun.

import { startHungServer } from "../../../internal/servers/hung_server.ts";
import { checkRuntimes, missingRuntimes } from "../helpers/runtime_checks.ts";
import { serverTest } from "./server.ts";

const missing = await missingRuntimes();

serverTest("ConsulStore passes the store checks under Node and Bun", async (t, server) => {
  using hung = startHungServer();
  await checkRuntimes(t, {
    program: import.meta.resolve("./runtime_program.ts"),
    args: [server.url, `http://127.0.0.1:${hung.port}`],
  });
}, { missing });
