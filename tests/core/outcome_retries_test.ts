import { assert, assertEquals } from "@std/assert";
import { NeatPeriodicTaskScheduler } from "../../mod.ts";
import { KeptLog } from "../helpers/log.ts";
import { ScriptedStore } from "../helpers/scripted_store.ts";
import { VirtualTime } from "../helpers/virtual_time.ts";

/** Runs a task for some time, over a store that refuses all writes from a time on, both in milliseconds. */
async function failingOutcome(
  { runMs, failsFromMs, heartbeatInterval }: { runMs: number; failsFromMs: number; heartbeatInterval?: number },
): Promise<{ writesMs: number[]; log: KeptLog }> {
  const virtual = new VirtualTime();
  const store = new ScriptedStore();
  const log = new KeptLog();
  let startMs = NaN;
  const writesMs: number[] = [];
  store.script = (call) => {
    const sinceMs = virtual.nowMs - startMs;
    if (call === "write" && sinceMs > 0) writesMs.push(sinceMs);
    return sinceMs >= failsFromMs ? { fails: new Error("refused") } : undefined;
  };
  await using scheduler = new NeatPeriodicTaskScheduler({
    name: "outcome",
    interval: { hours: 1 },
    timeout: 60_000,
    minCycle: 5_000,
    ...heartbeatInterval && { heartbeatInterval },
    store,
    clock: virtual.clock(),
    log,
    task: () => {
      startMs = virtual.nowMs;
      return virtual.delay(runMs);
    },
  });
  const result = scheduler.trigger();
  await virtual.advance(150_000);
  assertEquals((await result).outcome, "finished");
  return { writesMs, log };
}

Deno.test("an outcome is written again until the lease is over, counted from the claim", async () => {
  const { writesMs, log } = await failingOutcome({ runMs: 40_000, failsFromMs: 1_000 });
  const lastMs = writesMs.at(-1) ?? NaN;
  assertEquals(writesMs[0], 40_000);
  assert(lastMs > 50_000 && lastMs < 60_000, `last write after ${lastMs} ms`);
  assertEquals(log.count("the outcome was not recorded"), 1);
});

Deno.test("an outcome is written again until the lease is over, counted from the last confirmed heartbeat", async () => {
  // the heartbeat after 20 s is confirmed, and the one after 40 s is sent but not confirmed
  const { writesMs } = await failingOutcome({ runMs: 50_000, failsFromMs: 30_000, heartbeatInterval: 20_000 });
  const lastMs = writesMs.at(-1) ?? NaN;
  assert(lastMs > 70_000 && lastMs < 80_000, `last write after ${lastMs} ms`);
});
