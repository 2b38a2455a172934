/** The program that npm installs, on each runtime, as real processes on one file of SQLite. */
import { assertEquals } from "@std/assert";
import { checkCommandLine } from "../cli/process_checks.ts";
import { Consumer } from "./consumer.ts";
import { isNode, nodePath, packageTest, runtimes } from "./environment.ts";

const isWindows = Deno.build.os === "windows";

packageTest("the installed program runs programs, hands signals on, and is replaced when it is killed", async (t) => {
  await using consumer = await Consumer.create();
  const program = `${consumer.folder}/node_modules/.bin/neat-periodic-task`;
  const version = await consumer.runOrThrow(nodePath("oldest"), [program, "--version"]);
  assertEquals(version.split(" ")[0], "neat-periodic-task");
  // older versions of Node have no SQLite
  const able = runtimes().filter((runtime) => !isNode(runtime) || Number(runtime.version.split(".")[0]) >= 24);
  for (const { name, path } of able) {
    await t.step(name, async (t) => await checkCommandLine(t, { command: path, args: [program] }));
  }
}, isWindows ? "Windows has no signals" : undefined);
