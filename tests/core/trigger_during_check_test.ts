import { assertEquals } from "@std/assert";
import { NeatPeriodicTaskScheduler } from "../../mod.ts";
import { SILENT } from "../helpers/log.ts";
import { NOON_MS, ours } from "../helpers/records.ts";
import { ScriptedStore } from "../helpers/scripted_store.ts";
import { VirtualTime } from "../helpers/virtual_time.ts";

const HOUR = 3_600_000;
/** How long each store call takes, in milliseconds. */
const CALL_MS = 10;

Deno.test("trigger() during a check of a run that is not due runs the task right after the check", async () => {
  for (let ms = 0; ms <= CALL_MS; ms++) {
    const virtual = new VirtualTime(new Date(NOON_MS).toISOString());
    const store = new ScriptedStore();
    await store.put("triggered", ours({}));
    store.script = async () => void await virtual.delay(CALL_MS);
    const startsMs: number[] = [];
    const scheduler = new NeatPeriodicTaskScheduler({
      name: "triggered",
      interval: HOUR,
      timeout: 10_000,
      store,
      clock: virtual.clock(),
      log: SILENT,
      task: () => void startsMs.push(virtual.nowMs - NOON_MS),
    });
    await virtual.advance(HOUR / 10);
    scheduler.start();
    await virtual.advance(ms);
    const answer = scheduler.trigger();
    await virtual.advance(5 * CALL_MS);
    // the check, another one for the trigger, and the claim
    assertEquals(startsMs, [HOUR / 10 + 3 * CALL_MS], `after ${ms} ms`);
    assertEquals((await answer).outcome, "finished");
    await Promise.all([scheduler.stop(), virtual.advance(5 * CALL_MS)]);
  }
});
