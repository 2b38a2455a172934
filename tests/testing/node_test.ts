/** The kit runs unchanged in Node and Bun: its checks as one bundle, under the test runner that Node brings with it. */
import { assert, assertMatch } from "@std/assert";
import { storeChecks } from "../../src/testing/mod.ts";
import { store } from "./broken_stores.ts";

const SUITE = new URL(import.meta.resolve("./node_suite.ts")).href;
const MIN_NODE = 20;
const LIMIT_MS = 120_000;

async function run(command: string, args: string[]): Promise<{ code: number; text: string }> {
  const env = { NO_COLOR: "1", NODE_OPTIONS: "" };
  const { code, stdout, stderr } = await new Deno.Command(command, { args, env, signal: AbortSignal.timeout(LIMIT_MS) })
    .output();
  return { code, text: [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("") };
}

/** Why Node can't be used here, if it can't. */
async function obstacle(): Promise<string | undefined> {
  const version = await run("node", ["--version"]).catch(() => undefined);
  if (version?.code !== 0) return "there is no node";
  const major = Number(version.text.match(/^v(\d+)\./)?.[1]);
  return major >= MIN_NODE ? undefined : `node is older than ${MIN_NODE}: ${version.text.trim()}`;
}

const missing = await obstacle();
if (missing) console.log(`The test kit is not tested under node:test, as ${missing}.`);

Deno.test({
  name: "MemoryStore passes the store checks under node:test",
  ignore: missing !== undefined,
  fn: async () => {
    const folder = await Deno.makeTempDir({ prefix: "periodic_task_" });
    try {
      const bundle = await run(Deno.execPath(), ["bundle", "--quiet", `--output=${folder}/suite.mjs`, SUITE]);
      assert(bundle.code === 0, bundle.text);
      const { code, text } = await run("node", ["--test-reporter=spec", `${folder}/suite.mjs`]);
      assert(code === 0, text);
      const checks = storeChecks({ open: store() });
      const skipped = checks.filter(({ skipped }) => skipped).length;
      assertMatch(text, new RegExp(`^ℹ pass ${checks.length - skipped + 2}$`, "m"));
      assertMatch(text, new RegExp(`^ℹ skipped ${skipped}$`, "m"));
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
