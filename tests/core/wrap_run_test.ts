import { assertEquals, assertRejects } from "@std/assert";
import { type NeatPeriodicTaskOptions, NeatPeriodicTaskScheduler } from "../../mod.ts";
import { KeptLog, SILENT } from "../helpers/log.ts";
import { VirtualTime } from "../helpers/virtual_time.ts";

type Wrap = NonNullable<NeatPeriodicTaskOptions["wrapRun"]>;

async function outcomeWith(wrapRun: Wrap, task: () => unknown = () => {}): Promise<{ outcome: string; log: KeptLog }> {
  const log = new KeptLog();
  await using scheduler = new NeatPeriodicTaskScheduler({
    name: "wrapped",
    interval: { hours: 1 },
    timeout: { minutes: 1 },
    log,
    wrapRun,
    task,
  });
  const { outcome } = await scheduler.trigger();
  return { outcome, log };
}

Deno.test("wrapRun is called around the task with its run", async () => {
  const steps: string[] = [];
  const { outcome, log } = await outcomeWith(async (run, task) => {
    steps.push(`before ${run.name}`);
    await task();
    steps.push("after");
  }, () => steps.push("task"));
  assertEquals(steps, ["before wrapped", "task", "after"]);
  assertEquals([outcome, log.count("warn")], ["finished", 0]);
});

Deno.test("the outcome is the task's own, whatever wrapRun makes of it", async () => {
  const fail = (): never => {
    throw new Error("of the task");
  };
  const swallowing = await outcomeWith(async (_, task) => void await task().catch(() => {}), fail);
  assertEquals([swallowing.outcome, swallowing.log.count("warn")], ["failed", 0]);
  const passing = await outcomeWith(async (_, task) => await task(), fail);
  assertEquals([passing.outcome, passing.log.count("warn")], ["failed", 0]);
  const throwing = await outcomeWith(async (_, task) => {
    await task();
    throw new Error("of the wrapper");
  });
  assertEquals([throwing.outcome, throwing.log.count("wrapRun failed")], ["finished", 1]);
  const forgetting = await outcomeWith((_, task) => void task(), () => Promise.reject(new Error("later")));
  assertEquals([forgetting.outcome, forgetting.log.count("warn")], ["failed", 0]);
});

Deno.test("a wrapRun that throws before it calls the task, or never calls it, makes a failed run", async () => {
  let called = 0;
  const count = (): void => void called++;
  const early = await outcomeWith(() => {
    throw new Error("of the wrapper");
  }, count);
  const idle = await outcomeWith(() => {}, count);
  assertEquals([early.outcome, idle.outcome, called], ["failed", "failed", 0]);
});

Deno.test("wrapRun can't run the task twice, or after the run is over", async () => {
  let called = 0;
  let kept: () => Promise<void> = () => Promise.resolve();
  const { outcome } = await outcomeWith(async (_, task) => {
    await Promise.all([task(), task()]);
  }, () => called++);
  assertEquals([outcome, called], ["finished", 1]);
  await outcomeWith((_, task) => void (kept = task), () => called++);
  await assertRejects(() => kept(), Error, "wrapRun called the task after the run was over");
  assertEquals(called, 1);
});

Deno.test("no task begins after an aborting stop, though wrapRun is under way", async () => {
  const virtual = new VirtualTime();
  let begun = 0;
  const scheduler: NeatPeriodicTaskScheduler = new NeatPeriodicTaskScheduler({
    name: "wrapped",
    interval: 60_000,
    timeout: 5_000,
    clock: virtual.clock(),
    log: SILENT,
    wrapRun: (_, task) => {
      scheduler.stop({ abort: true });
      return task();
    },
    task: ({ signal }) => {
      begun++;
      return virtual.delay(60_000, signal);
    },
  });
  scheduler.start();
  await virtual.advance(1_000);
  assertEquals([begun, scheduler.state], [0, "stopped"]);
});
