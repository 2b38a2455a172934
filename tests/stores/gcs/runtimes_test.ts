// The store under Node and Bun, with their own `fetch`, against the fake on a port.

import { assertEquals } from "@std/assert";
import { FakeGcs } from "../../../internal/servers/fake_gcs.ts";
import { FaultServer } from "../../../internal/servers/fault_server.ts";
import type { Fault } from "../../../internal/servers/fault_service.ts";
import { bundle, installBun, inTempFolder, missingNode, run } from "../../helpers/runtimes.ts";

const LIMIT_MS = 60_000;
/** The store checks and the others of runtime_program.ts. */
const CHECKS = 49;
const isThorough = Deno.env.get("NEAT_TEST_STORES") === "1";

const FAULTS: ReadonlyMap<string, Fault> = new Map<string, Fault>([
  ["lost", { ends: "lost", takesEffect: true }],
  ["truncated", { ends: "truncated" }],
  ["stalled", { ends: "stalled" }],
  ["never", { ends: "never", takesEffect: true }],
  ["unavailable", { reply: { status: 503 }, takesEffect: true }],
  ["redirect", { reply: { status: 307, headers: { location: "http://127.0.0.1:9/" } } }],
]);

/** A service where the name of a bucket says how its first request fails, or, after "always-", how all of them do. */
function faultyService(): FakeGcs {
  const service = new FakeGcs();
  const usedBuckets = new Set<string>();
  service.script = ({ target }) => {
    const bucket = /\/b\/([^/]+)\//.exec(target)?.[1] ?? "";
    const isFirst = !usedBuckets.has(bucket);
    usedBuckets.add(bucket);
    if (isFirst && bucket !== "bucket") {
      service.buckets.set(bucket, new Map());
      if (!bucket.endsWith("-write")) service.put("p/task", "{}", {}, bucket);
    }
    const fault = FAULTS.get(bucket.replace(/^always-|-read$|-write$/g, ""));
    return isFirst || bucket.startsWith("always-") ? fault : undefined;
  };
  return service;
}

/** Runs the checks of runtime_program.ts under a runtime. */
async function check(folder: string, runtime: string): Promise<void> {
  await bundle(import.meta.resolve("./runtime_program.ts"), `${folder}/bundle.mjs`);
  await using server = new FaultServer(faultyService());
  const closedServer = new FaultServer(new FakeGcs());
  await closedServer[Symbol.asyncDispose]();
  const options = { cwd: folder, signal: AbortSignal.timeout(LIMIT_MS) };
  const text = await run(runtime, ["bundle.mjs", server.url, closedServer.url], options);
  assertEquals([text.match(/^ok: /gm)?.length, text.endsWith("done\n")], [CHECKS, true], text);
}

const missing = await missingNode();

Deno.test({
  name: `GcsStore passes the store checks under Node${missing ? ` (skipped: ${missing})` : ""}`,
  ignore: missing !== undefined,
  fn: () => inTempFolder((folder) => check(folder, "node")),
});

Deno.test({
  name: `GcsStore passes the store checks under Bun${
    isThorough ? "" : " (skipped: `deno task test:stores` installs it)"
  }`,
  ignore: !isThorough || missing !== undefined,
  fn: () =>
    inTempFolder(async (folder) => {
      const bun = await installBun(folder, [], { signal: AbortSignal.timeout(LIMIT_MS) });
      await check(folder, bun);
    }),
});
