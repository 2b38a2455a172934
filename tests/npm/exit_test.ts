import { assert, assertEquals, assertMatch } from "@std/assert";
import { FakeGcs } from "../helpers/fake_gcs.ts";
import { FaultServer } from "../helpers/fault_server.ts";
import { Consumer } from "./consumer.ts";
import { packageTest } from "./environment.ts";
import { bundleSuite, forEachConcurrently, forEachProgram, type Program } from "./programs.ts";

/** Longer than a program takes, and shorter than the hour of a timer that was not cleared. */
const LIMIT_MS = 30_000;
/** How many cases run at the same time on each runtime. */
const CONCURRENCY = 2;

async function assertExits(consumer: Consumer, { runtime, file }: Program, name: string, url: string): Promise<void> {
  const { code, text } = await consumer.run(runtime.path, [`./${file}`, name, url], { limitMs: LIMIT_MS });
  assertEquals(code, 0, `"${name}" failed:\n${text}`);
  assertMatch(text, /^exit with 0 timers$/m, `"${name}" left a timer:\n${text}`);
}

packageTest("a program exits by itself once its schedulers have stopped, on each runtime", async (t) => {
  await using server = new FaultServer(new FakeGcs());
  await using consumer = await Consumer.create();
  const bundle = (loading: Program["loading"]): Promise<string> => bundleSuite(consumer, "exit_program", loading);
  await forEachProgram(t, bundle, async (program) => {
    const list = await consumer.runOrThrow(program.runtime.path, [`./${program.file}`, "list"]);
    const names: string[] = JSON.parse(list);
    assert(names.length > 10, list);
    let hasFailed = false;
    await forEachConcurrently(names, CONCURRENCY, async (name) => {
      // after a failure the rest is skipped, as each case might take until the limit
      if (hasFailed) return;
      await assertExits(consumer, program, name, server.url).catch((error) => {
        hasFailed = true;
        throw error;
      });
    });
  });
});
