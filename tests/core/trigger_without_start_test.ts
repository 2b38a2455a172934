// What a trigger must not set going, and that it is always answered.

import { assertEquals } from "@std/assert";
import { type IntervalTaskOptions, NeatPeriodicTaskScheduler } from "../../mod.ts";
import { SILENT } from "../helpers/log.ts";
import { ScriptedStore } from "../helpers/scripted_store.ts";
import { VirtualTime } from "../helpers/virtual_time.ts";

const ALONE: [name: string, options: Partial<IntervalTaskOptions>, lengthMs: number, obeys: boolean][] = [
  ["times out and would be repeated at once", {}, 1_000_000, true],
  ["takes longer than the interval", { interval: 1_000 }, 1_500, true],
  ["is left behind and returns later", { retryDelay: 7_000, maxAbandoned: 0 }, 15_000, false],
];

for (const [name, options, lengthMs, obeys] of ALONE) {
  Deno.test(`a trigger without start makes one run, though it ${name}`, async () => {
    const virtual = new VirtualTime();
    let runs = 0;
    const scheduler = new NeatPeriodicTaskScheduler({
      name: "alone",
      interval: 60_000,
      timeout: 5_000,
      clock: virtual.clock(),
      log: SILENT,
      task: ({ signal }) => {
        runs++;
        return virtual.delay(lengthMs, obeys ? signal : undefined);
      },
      ...options,
    });
    scheduler.trigger();
    await virtual.advance(50_000);
    assertEquals([scheduler.state, runs, virtual.timers], ["new", 1, 0]);
  });
}

Deno.test("a trigger is answered by a stop that comes between two attempts", async () => {
  const virtual = new VirtualTime();
  const store = new ScriptedStore();
  await store.put("late", {
    format: "neat-periodic-task-status",
    version: 1,
    state: "finished",
    started: new Date(virtual.nowMs - 1_000).toISOString(),
    owner: "another",
  });
  // another replica is always quicker
  const write = store.inner.write.bind(store.inner);
  store.inner.write = async () => {
    const entry = await store.inner.read("late");
    await write("late", entry!.value, entry!.version);
    return null;
  };
  const scheduler = new NeatPeriodicTaskScheduler({
    name: "late",
    interval: 60_000,
    timeout: 5_000,
    store,
    clock: virtual.clock(),
    log: SILENT,
    task: () => {},
  });
  const answer = scheduler.trigger();
  await virtual.advance(500);
  assertEquals(scheduler.explain().until !== undefined, true);
  await scheduler.stop();
  assertEquals((await answer).outcome, "stopped");
});
