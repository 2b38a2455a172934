// What happens when a task calls its own scheduler.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { NeatPeriodicTaskGroup, NeatPeriodicTaskScheduler, type Run } from "../../mod.ts";
import { KeptLog } from "../helpers/log.ts";
import { VirtualTime } from "../helpers/virtual_time.ts";

const HOUR = 3_600_000;

function setting(task: (run: Run, scheduler: NeatPeriodicTaskScheduler, virtual: VirtualTime) => unknown) {
  const virtual = new VirtualTime();
  const log = new KeptLog();
  const scheduler: NeatPeriodicTaskScheduler = new NeatPeriodicTaskScheduler({
    name: "own",
    interval: HOUR,
    timeout: 60_000,
    clock: virtual.clock(),
    log,
    task: (run) => task(run, scheduler, virtual),
  });
  return { virtual, log, scheduler };
}

Deno.test("run.stopAfter() stops the scheduler after the run, which is recorded", async () => {
  let runs = 0;
  const { virtual, log, scheduler } = setting(async (run, _, virtual) => {
    runs++;
    await virtual.delay(1_000);
    run.stopAfter();
    run.stopAfter();
    await virtual.delay(1_000);
  });
  const answer = scheduler.trigger();
  scheduler.start();
  await virtual.advance(1_500);
  assertEquals(scheduler.state, "stopping");
  await virtual.advance(5 * HOUR);
  assertEquals([runs, scheduler.state, virtual.timers], [1, "stopped", 0]);
  assertEquals([(await answer).outcome, (await scheduler.status()).state], ["finished", "finished"]);
  assertEquals([log.count("FINISHED"), log.count("warn")], [1, 0]);
  assertEquals(await scheduler.stop(), { clean: true, abandoned: 0 });
});

Deno.test("run.stopAfter() works taken off the run, and from wrapRun", async () => {
  const { virtual, scheduler } = setting(({ stopAfter }) => stopAfter());
  scheduler.start();
  await virtual.advance(HOUR);
  assertEquals([scheduler.state, (await scheduler.status()).term], ["stopped", 1]);
});

Deno.test("run.stopAfter() of a run that has ended stops nothing", async () => {
  const runs: Run[] = [];
  const { virtual, scheduler } = setting((run) => void runs.push(run));
  scheduler.start();
  await virtual.advance(1_000);
  runs[0]!.stopAfter();
  assertEquals(scheduler.state, "started");
  await virtual.advance(HOUR);
  assertEquals(runs.length, 2);
  await scheduler.stop();
});

for (const stop of ["scheduler", "group"] as const) {
  Deno.test(`a task that awaits the stop() of its own ${stop} before anything else ends and stops it`, async () => {
    const group = new NeatPeriodicTaskGroup();
    const answers: unknown[] = [];
    const { virtual, log, scheduler } = setting(async (_, scheduler) => {
      answers.push(await (stop === "group" ? group : scheduler).stop());
    });
    group.add(scheduler);
    scheduler.start();
    await virtual.advance(100);
    assertEquals(scheduler.state, "stopped");
    const left = { clean: false, abandoned: 0 };
    assertEquals(answers, [stop === "group" ? new Map([["own", left]]) : left]);
    assertEquals(log.count("FINISHED"), 1);
    assertEquals(log.count("run.stopAfter()"), 1);
    assertEquals(await scheduler.stop(), { clean: true, abandoned: 0 });
  });
}

Deno.test("a task that awaits its own trigger() before anything else gets an error immediately", async () => {
  const { virtual, scheduler } = setting(async (_, scheduler) => {
    await assertRejects(() => scheduler.trigger(), Error, "Cannot trigger the task as its own run calls trigger()");
  });
  const answer = scheduler.trigger();
  await virtual.advance(0);
  assertEquals((await answer).outcome, "finished");
});

for (const method of ["stop", "trigger"] as const) {
  Deno.test(`${method}() that waits for a run in progress is warned of at once, as the task may wait for itself`, async () => {
    const { virtual, log, scheduler } = setting(async (_, scheduler, virtual) => {
      await virtual.delay(1_000);
      await scheduler[method]();
    });
    scheduler.start();
    await virtual.advance(1_000);
    assertEquals(log.count(`${method}() waits for run 1`), 1, log.lines.join("\n"));
    assertEquals(log.count(method === "stop" ? "calls run.stopAfter() instead" : "as the run would time out"), 1);
    await virtual.advance(60_000);
    assertEquals(log.count("timeout exceeded!"), 1);
    await Promise.all([scheduler.stop(), virtual.advance(HOUR)]);
  });
}

Deno.test("trigger() warns of waiting for a run in progress only once", async () => {
  const { virtual, log, scheduler } = setting((_run, _scheduler, virtual) => virtual.delay(1_000));
  scheduler.start();
  for (let hour = 0; hour < 5; hour++) {
    await virtual.advance(500);
    scheduler.trigger();
    await virtual.advance(HOUR - 500);
  }
  assertEquals(log.count("trigger() waits for run"), 1);
  await Promise.all([scheduler.stop(), virtual.advance(2_000)]);
});

Deno.test("awaited triggers of a synchronous task leave the timers of the process their turn", async () => {
  let runs = 0;
  let turns = 0;
  const scheduler = new NeatPeriodicTaskScheduler({
    name: "busy",
    interval: HOUR,
    timeout: 60_000,
    log: new KeptLog(),
    task: () => void runs++,
  });
  const timer = setInterval(() => turns++, 0);
  try {
    while (turns < 3 && runs < 10_000) await scheduler.trigger();
  } finally {
    clearInterval(timer);
  }
  assert(runs < 10_000, `${runs} runs in ${turns} turns`);
  await scheduler.stop();
});

Deno.test("a task that does not await its own trigger() causes no unhandled rejection", async () => {
  const virtual = new VirtualTime();
  const scheduler: NeatPeriodicTaskScheduler = new NeatPeriodicTaskScheduler({
    name: "careless",
    interval: 3_600_000,
    timeout: 60_000,
    clock: virtual.clock(),
    log: new KeptLog(),
    task: () => void scheduler.trigger(),
  });
  scheduler.start();
  await virtual.advance(10_000);
  // an unhandled rejection would fail the test
  assertEquals((await scheduler.status()).state, "finished");
  await scheduler.stop();
});
