import { assert } from "@std/assert";
import { Consumer } from "./consumer.ts";
import { packageTest } from "./environment.ts";
import { assertSuitePasses, bundleSuite, forEachProgram } from "./programs.ts";

/** Counts the tests in a folder of suites: each begins a line. */
async function countTests(folder: string): Promise<number> {
  let count = 0;
  for await (const { name } of Deno.readDir(new URL(folder, import.meta.url))) {
    const text = await Deno.readTextFile(new URL(`${folder}/${name}`, import.meta.url));
    count += [...text.matchAll(/^test\(/gm)].length;
  }
  return count;
}

packageTest("the core passes its tests in real time on each runtime", async (t) => {
  const tests = await countTests("core");
  assert(tests > 20, `${tests} tests`);
  await using consumer = await Consumer.create();
  await forEachProgram(
    t,
    (loading) => bundleSuite(consumer, "core_suite", loading),
    (program) => assertSuitePasses(consumer, program, tests),
  );
});
