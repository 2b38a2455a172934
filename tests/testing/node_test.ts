// The test kit under Node, with its test runner.

import { assertMatch } from "@std/assert";
import { storeChecks } from "../../src/testing/mod.ts";
import { bundle, inTempFolder, missingNode, run } from "../helpers/runtimes.ts";
import { store } from "./broken_stores.ts";

const LIMIT_MS = 120_000;
/** The tests of node_suite.ts beside the store checks. */
const OTHER_TESTS = 2;

const missing = await missingNode();
if (missing) console.log(`The test kit is not tested under node:test, as ${missing}.`);

Deno.test({
  name: "MemoryStore passes the store checks under node:test",
  ignore: missing !== undefined,
  fn: () =>
    inTempFolder(async (folder) => {
      await bundle(import.meta.resolve("./node_suite.ts"), `${folder}/suite.mjs`);
      const options = { signal: AbortSignal.timeout(LIMIT_MS) };
      const text = await run("node", ["--test-reporter=spec", `${folder}/suite.mjs`], options);
      const checks = storeChecks({ open: store() });
      const skipped = checks.filter(({ skipped }) => skipped).length;
      assertMatch(text, new RegExp(`^ℹ pass ${checks.length - skipped + OTHER_TESTS}$`, "m"));
      assertMatch(text, new RegExp(`^ℹ skipped ${skipped}$`, "m"));
    }),
});
