// What a replica makes of slow reads and of clocks that jump or run fast.

import { assert, assertEquals, assertGreaterOrEqual } from "@std/assert";
import { type Clock, NeatPeriodicTaskScheduler } from "../../mod.ts";
import { SILENT } from "../helpers/log.ts";
import { ScriptedStore } from "../helpers/scripted_store.ts";
import { VirtualTime } from "../helpers/virtual_time.ts";

const HOUR = 3_600_000;
const SECOND = 1_000;

Deno.test("a lease counts as seen from when a read was answered, not from when it was sent", async () => {
  const virtual = new VirtualTime();
  const begin = virtual.nowMs;
  const store = new ScriptedStore();
  const writtenAt: number[] = [];
  store.script = async (call) => {
    if (call === "write") writtenAt.push(virtual.nowMs - begin);
    else if (store.count("read") === 1) await virtual.delay(6 * SECOND);
    return undefined;
  };
  const scheduler = new NeatPeriodicTaskScheduler({
    name: "slow",
    interval: HOUR,
    timeout: 10 * SECOND,
    store,
    clock: virtual.clock(),
    log: SILENT,
    task: () => {},
  });
  scheduler.start();
  await virtual.advance(5_900);
  // while the read is on its way, another replica begins
  await store.put("slow", {
    format: "neat-periodic-task-status",
    version: 1,
    state: "running",
    started: new Date(virtual.nowMs).toISOString(),
    owner: "BBBBBBBBBBBBBBBBBBBBBB",
    lease: 10 * SECOND,
  });
  await virtual.advance(60 * SECOND);
  assert(writtenAt.length > 0);
  assertGreaterOrEqual(writtenAt[0]!, 15_900);
  await scheduler.stop();
});

/** When a task of an hour runs on a store with a clock. */
async function runTimes(virtual: VirtualTime, clock: Clock, hours: number): Promise<number[]> {
  const begin = virtual.nowMs;
  const store = new ScriptedStore();
  store.storeTime = () => virtual.nowMs;
  const runs: number[] = [];
  const scheduler = new NeatPeriodicTaskScheduler({
    name: "hourly",
    interval: HOUR,
    timeout: 10 * SECOND,
    store,
    clock,
    log: SILENT,
    task: () => void runs.push(virtual.nowMs - begin),
  });
  scheduler.start();
  await virtual.advance(hours * HOUR);
  await scheduler.stop();
  return runs;
}

Deno.test("a preferred replica whose clock has jumped reads the store's time before it claims", async () => {
  for (const jumpMs of [-2 * HOUR, -HOUR / 2, HOUR / 2, 5 * HOUR]) {
    const virtual = new VirtualTime();
    const begin = virtual.nowMs;
    const clock = {
      ...virtual.clock(),
      nowMs: () => virtual.nowMs + (virtual.nowMs - begin > 60 * SECOND ? jumpMs : 0),
    };
    const [first, second] = await runTimes(virtual, clock, 4);
    assertEquals(first, 0);
    assertGreaterOrEqual(second!, HOUR, `after a jump of ${jumpMs} ms`);
  }
});

Deno.test("a clock that runs fast goes ahead of the store's by no more than between two checks", async () => {
  const virtual = new VirtualTime();
  const begin = virtual.nowMs;
  const clock: Clock = {
    ...virtual.clock(),
    nowMs: () => begin + 1.001 * (virtual.nowMs - begin),
    monotonicMs: () => 1.001 * (virtual.nowMs - begin),
  };
  const runs = await runTimes(virtual, clock, 47.5);
  assertEquals(runs.length, 48);
  // a check comes half an interval before
  for (const [index, ms] of runs.entries()) assertGreaterOrEqual(ms, index * HOUR - 0.001 * HOUR / 2 - SECOND);
});
