// What docs/migration promises about the moment of the move.

import { MemoryStore, NeatPeriodicTaskScheduler } from "@neat/periodic-task";
import { pauseTask, resumeTask } from "@neat/periodic-task/control";
import { cron } from "@neat/periodic-task/cron";
import { assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";

const MINUTE_MS = 60_000;

/** The minutes at which a task runs that is due at each tenth, deployed paused, and resumed after some minutes. */
async function minutesOfRuns(pausedMinutes: number, options: { startDeadline?: number } = {}): Promise<number[]> {
  using time = new FakeTime(5 * MINUTE_MS);
  const store = new MemoryStore();
  await pauseTask(store, "backup", { create: true });
  const minutes: number[] = [];
  await using scheduler = new NeatPeriodicTaskScheduler({
    name: "backup",
    schedule: cron("*/10 * * * *"),
    maxCycle: MINUTE_MS,
    minCycle: MINUTE_MS / 2,
    timeout: MINUTE_MS,
    store,
    ...options,
    log: { info: () => {}, warn: () => {}, error: () => {} },
    task: () => void minutes.push(Math.floor(Date.now() / MINUTE_MS)),
  });
  scheduler.start();
  await time.tickAsync(pausedMinutes * MINUTE_MS);
  await resumeTask(store, "backup");
  for (let minute = pausedMinutes; minute < 25; minute++) await time.tickAsync(MINUTE_MS);
  return minutes;
}

Deno.test("a task that was deployed paused and is resumed before its due time runs at it", async () => {
  assertEquals(await minutesOfRuns(3), [10, 20]);
});

Deno.test("a task that was deployed paused makes up for a due time that has passed when it is resumed", async () => {
  assertEquals(await minutesOfRuns(8), [14, 20]);
});

Deno.test("a task that was deployed paused skips a due time that has passed, if its start deadline is over", async () => {
  assertEquals(await minutesOfRuns(8, { startDeadline: MINUTE_MS }), [20]);
});
