// The store under Node and Bun, with their own `fetch`, against the fake on a port.

import { assertEquals } from "@std/assert";
import { FakeS3 } from "../../../internal/servers/fake_s3.ts";
import { FaultServer } from "../../../internal/servers/fault_server.ts";
import type { Fault } from "../../../internal/servers/fault_service.ts";
import { bundle, installBun, inTempFolder, missingNode, run } from "../../helpers/runtimes.ts";

const LIMIT_MS = 120_000;
/** The store checks and the others of runtime_program.ts. */
const CHECKS = 48;
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
function faultyService(): FakeS3 {
  const service = new FakeS3();
  const usedBuckets = new Set<string>();
  service.script = ({ target }) => {
    const bucket = /^\/([^/?]+)/.exec(target)?.[1] ?? "";
    const isFirst = !usedBuckets.has(bucket);
    usedBuckets.add(bucket);
    if (isFirst && bucket !== "bucket") {
      service.buckets.set(bucket, new Map());
      if (!bucket.endsWith("-write")) service.put("p/task", "{}", {}, bucket);
    }
    const found = FAULTS.get(bucket.replace(/^always-|-read$|-write$/g, ""));
    // the answer to a write has no body, so that it would not be cut off
    const isCutOff = bucket.endsWith("-write") && (found?.ends === "truncated" || found?.ends === "stalled");
    const fault = isCutOff ? { ...found, takesEffect: true, reply: { status: 200, body: "cut off" } } : found;
    return isFirst || bucket.startsWith("always-") ? fault : undefined;
  };
  return service;
}

/** Runs the checks of runtime_program.ts under a runtime. */
async function check(folder: string, runtime: string): Promise<void> {
  await bundle(import.meta.resolve("./runtime_program.ts"), `${folder}/bundle.mjs`);
  await using server = new FaultServer(faultyService());
  const closedServer = new FaultServer(new FakeS3());
  await closedServer[Symbol.asyncDispose]();
  const options = { cwd: folder, signal: AbortSignal.timeout(LIMIT_MS) };
  const text = await run(runtime, ["bundle.mjs", server.url, closedServer.url], options);
  assertEquals([text.match(/^ok: /gm)?.length, text.endsWith("done\n")], [CHECKS, true], text);
}

const missing = await missingNode();

Deno.test({
  name: `S3Store passes the store checks under Node${missing ? ` (skipped: ${missing})` : ""}`,
  ignore: missing !== undefined,
  fn: () => inTempFolder((folder) => check(folder, "node")),
});

Deno.test({
  name: `S3Store passes the store checks under Bun${
    isThorough ? "" : " (skipped: `deno task test:stores` installs it)"
  }`,
  ignore: !isThorough || missing !== undefined,
  fn: () =>
    inTempFolder(async (folder) => {
      const bun = await installBun(folder, [], { signal: AbortSignal.timeout(LIMIT_MS) });
      await check(folder, bun);
    }),
});
