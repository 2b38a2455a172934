// A program whose scheduler is stopped ends by itself, on each runtime: nothing of the package keeps it alive.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { FakeGcs } from "../../internal/servers/fake_gcs.ts";
import { FaultServer } from "../../internal/servers/fault_server.ts";
import { Consumer, SKIPPED, TARBALL } from "./consumer.ts";
import { bundled, onEach, type Program } from "./programs.ts";

/** Far above what a program takes, and far below the hour of a timer that is left over. */
const LIMIT_MS = 30_000;
/** So many programs run at once. */
const AT_ONCE = 4;

async function mustEnd(consumer: Consumer, { runtime, file }: Program, ending: string, url: string): Promise<void> {
  const { code, text } = await consumer.run(runtime.path, [`./${file}`, ending, url], LIMIT_MS);
  assertEquals(code, 0, `"${ending}" did not end well:\n${text}`);
  assertMatch(text, /^the end, with 0 timers$/m, `"${ending}" left something:\n${text}`);
}

Deno.test({
  name: `a program ends by itself once its schedulers have stopped, on each runtime${SKIPPED}`,
  ignore: TARBALL === undefined,
  fn: async (t) => {
    await using server = new FaultServer(new FakeGcs());
    await using consumer = await Consumer.create();
    await onEach(t, consumer, (loading) => bundled(consumer, "endings", loading), async (program) => {
      const endings: string[] = JSON.parse(await consumer.mustRun(program.runtime.path, [`./${program.file}`, "list"]));
      assert(endings.length > 10);
      const left = [...endings];
      const work = async (): Promise<void> => {
        for (let ending = left.shift(); ending !== undefined; ending = left.shift()) {
          // after the first failure no more are begun: each might take until the limit
          await mustEnd(consumer, program, ending, server.url).catch((error) => {
            left.length = 0;
            throw error;
          });
        }
      };
      const works = Array.from({ length: AT_ONCE }, work);
      await Promise.allSettled(works);
      await Promise.all(works);
    });
  },
});
