/**
 * The command line as real processes of Deno on one file of SQLite.
 */
import { checkCommandLine } from "../cli/process_checks.ts";

const CLI = new URL("../../src/cli.ts", import.meta.url).href;

const isWanted = Deno.env.get("NEAT_TEST_STORES") === "1" && Deno.build.os !== "windows";
const reason = isWanted ? "" : " (skipped: `deno task test:stores` runs it, but not on Windows)";

Deno.test({
  name: `the command line runs programs as real processes in Deno${reason}`,
  ignore: !isWanted,
  fn: async (t) => {
    await checkCommandLine(t, { command: Deno.execPath(), args: ["run", "--quiet", "--no-config", "-A", CLI] });
  },
});
