// The store as Node and Bun run it, with their own `fetch`, against our fake on a port.

import { assert, assertEquals } from "@std/assert";
import { FakeGcs } from "../../helpers/fake_gcs.ts";
import type { Fault } from "../../helpers/fault_service.ts";
import { FaultServer } from "../../helpers/fault_server.ts";

const BUN = "bun@1.4.5";
const LIMIT_MS = 60_000;
const NPM = Deno.build.os === "windows" ? "npm.cmd" : "npm";
const isThorough = Deno.env.get("NEAT_TEST_STORES") === "1";

const FAULTS: Readonly<Record<string, Fault>> = {
  lost: { ends: "lost", takesEffect: true },
  truncated: { ends: "truncated" },
  stalled: { ends: "stalled" },
  never: { ends: "never", takesEffect: true },
  unavailable: { reply: { status: 503 }, takesEffect: true },
  redirect: { reply: { status: 307, headers: { location: "http://127.0.0.1:9/" } } },
};

/** A service whose buckets are called by what happens to requests for them: to the first one, or "always". */
function faultyService(): FakeGcs {
  const service = new FakeGcs();
  const met = new Set<string>();
  service.script = ({ target }) => {
    const bucket = /\/b\/([^/]+)\//.exec(target)?.[1] ?? "";
    const isFirst = !met.has(bucket);
    met.add(bucket);
    if (isFirst && bucket !== "bucket") {
      service.buckets.set(bucket, new Map());
      if (!bucket.endsWith("-write")) service.put("p/task", "{}", {}, bucket);
    }
    return isFirst || bucket.startsWith("always-") ? FAULTS[bucket.replace(/^always-|-read$|-write$/g, "")] : undefined;
  };
  return service;
}

async function run(command: string, args: string[], cwd?: string): Promise<string> {
  const signal = AbortSignal.timeout(LIMIT_MS);
  const env = { NO_COLOR: "1", NODE_OPTIONS: "" };
  const options = { args, signal, env, ...(cwd === undefined ? {} : { cwd }) };
  const { success, stdout, stderr } = await new Deno.Command(command, options).output();
  const text = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("");
  assert(success, `${command} ${args.join(" ")}${signal.aborted ? ` took over ${LIMIT_MS} ms` : ""}:\n${text}`);
  return text;
}

/** Runs the checks of gcs_runtime.ts by a command. */
async function check(folder: string, command: string): Promise<void> {
  await run(Deno.execPath(), [
    "bundle",
    "--quiet",
    `--output=${folder}/bundle.mjs`,
    import.meta.resolve("./runtime_program.ts"),
  ]);
  await using server = new FaultServer(faultyService());
  const unused = new FaultServer(new FakeGcs());
  await unused[Symbol.asyncDispose]();
  const text = await run(command, ["bundle.mjs", server.url, unused.url], folder);
  assertEquals([text.match(/^ok: /gm)?.length, text.endsWith("done\n")], [37, true], text);
}

async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "periodic_task_" });
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const nodeVersion = await run("node", ["--version"]).catch(() => "");
const hasNode = Number(/^v(\d+)/.exec(nodeVersion)?.[1] ?? 0) >= 20;

Deno.test({
  name: `GcsStore passes the store checks under Node${hasNode ? "" : " (skipped: there is no Node of at least 20)"}`,
  ignore: !hasNode,
  fn: () => inFolder((folder) => check(folder, "node")),
});

Deno.test({
  name: `GcsStore passes the store checks under Bun${
    isThorough ? "" : " (skipped: `deno task test:stores` installs it)"
  }`,
  ignore: !isThorough || !hasNode,
  fn: () =>
    inFolder(async (folder) => {
      await Deno.writeTextFile(`${folder}/package.json`, "{}");
      // npx hands the project's prefix on to what it starts
      const options = [`--prefix=${folder}`, "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund"];
      await run(NPM, ["install", ...options, BUN], folder);
      // the one script that is needed: it puts Bun's program for this machine in its place, which has this name everywhere
      await run("node", ["node_modules/bun/install.js"], folder);
      await check(folder, `${folder}/node_modules/bun/bin/bun.exe`);
    }),
});
