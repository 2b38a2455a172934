// What wrapRun gets from calling the task.

import { assertEquals } from "@std/assert";
import { NeatPeriodicTaskScheduler } from "../../mod.ts";
import { SILENT } from "../helpers/log.ts";
import { VirtualTime } from "../helpers/virtual_time.ts";

Deno.test("wrapRun is answered when the task has ended, with its error if it threw", async () => {
  for (const error of [undefined, new Error("no luck")]) {
    const virtual = new VirtualTime();
    const steps: unknown[] = [];
    await using scheduler = new NeatPeriodicTaskScheduler({
      name: "wrapped",
      interval: 60_000,
      timeout: 10_000,
      clock: virtual.clock(),
      log: SILENT,
      wrapRun: async (_run, task) => {
        steps.push("before");
        await task().then(() => steps.push("after"), (reason) => steps.push(reason));
      },
      task: async () => {
        await virtual.delay(1_000);
        steps.push("task");
        if (error) throw error;
      },
    });
    scheduler.start();
    await virtual.advance(2_000);
    assertEquals(steps, ["before", "task", error ?? "after"]);
  }
});
