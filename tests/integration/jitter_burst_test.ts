import { assert, assertEquals } from "@std/assert";
import { MemoryStore, NeatPeriodicTaskScheduler, type StatusStore } from "../../mod.ts";
import { SILENT } from "../helpers/log.ts";
import { VirtualTime } from "../helpers/virtual_time.ts";

const HOUR = 3_600_000;
const TASKS = 1_000;

/** Runs hourly tasks for two hours after they have begun. Returns the most calls to the store within a second, and the runs. */
async function busiestSecond(jitter: number): Promise<{ calls: number; runs: number }> {
  const virtual = new VirtualTime();
  const record = new MemoryStore();
  const calls = new Map<number, number>();
  let runs = 0;
  const count = (): void => {
    const second = Math.floor(virtual.nowMs / 1_000);
    calls.set(second, (calls.get(second) ?? 0) + 1);
  };
  const store: StatusStore = {
    read: (...args) => (count(), record.read(...args)),
    write: (...args) => (count(), record.write(...args)),
  };
  const schedulers = Array.from({ length: TASKS }, (_, index) =>
    new NeatPeriodicTaskScheduler({
      name: `task-${index}`,
      interval: HOUR,
      timeout: 60_000,
      ...jitter > 0 ? { jitter } : {},
      store,
      clock: virtual.clock(),
      log: SILENT,
      task: () => void runs++,
    }));
  for (const scheduler of schedulers) scheduler.start();
  await virtual.advance(HOUR);
  calls.clear();
  runs = 0;
  await virtual.advance(2 * HOUR);
  const busiest = Math.max(...calls.values());
  await Promise.all(schedulers.map((scheduler) => scheduler.stop()));
  return { calls: busiest, runs };
}

Deno.test("1,000 hourly tasks with a jitter of an hour make no burst of calls", async () => {
  const { calls, runs } = await busiestSecond(HOUR);
  assertEquals(runs, 2 * TASKS);
  // on average there is less than one call a second
  assert(calls <= 15, `${calls} calls within a second`);
});

Deno.test("1,000 hourly tasks without jitter are due together", async () => {
  const { calls } = await busiestSecond(0);
  assert(calls >= TASKS, `${calls} calls within a second`);
});
