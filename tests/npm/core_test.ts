// What the core does in real time, on each runtime, as the installed package has it.

import { assert } from "@std/assert";
import { Consumer, SKIPPED, TARBALL } from "./consumer.ts";
import { bundled, mustPass, onEach } from "./programs.ts";

const SUITE = "core_suite";

/** How many tests a suite has, all of which stand at the start of a line. */
async function testsOf(suite: string): Promise<number> {
  const text = await Deno.readTextFile(new URL(`${suite}.ts`, import.meta.url));
  return [...text.matchAll(/^test\(/gm)].length;
}

Deno.test({
  name: `the core does in real time what its documentation says, on each runtime${SKIPPED}`,
  ignore: TARBALL === undefined,
  fn: async (t) => {
    const tests = await testsOf(SUITE);
    assert(tests > 20);
    await using consumer = await Consumer.create();
    await onEach(
      t,
      consumer,
      (loading) => bundled(consumer, SUITE, loading),
      (program) => mustPass(consumer, program, tests),
    );
  },
});
