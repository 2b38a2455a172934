// deno task demo [--store deno-kv|sqlite] [--stay]
//
// Runs examples/replicas.ts in a process of its own, which finds hono for its dashboard where JSR cannot be reached too.

import { fileURLToPath } from "node:url";
import { ROOT } from "../internal/processes/deno_command.ts";
import { importArgs } from "./jsr.ts";

async function main(args: readonly string[]): Promise<number> {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "--unstable-kv", "-A", ...await importArgs(), "examples/replicas.ts", ...args],
    cwd: fileURLToPath(ROOT),
    stdin: "null",
  });
  const child = command.spawn();
  // Windows has no SIGTERM
  const signals: Deno.Signal[] = Deno.build.os === "windows" ? ["SIGINT"] : ["SIGINT", "SIGTERM"];
  // the demo ends its replicas first
  for (const signal of signals) Deno.addSignalListener(signal, () => child.kill(signal));
  return (await child.status).code;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
