// Clocks that jump while a run is held: on a store with a clock no two bodies may overlap.

import { assertEquals } from "@std/assert";
import { NeatPeriodicTaskScheduler } from "../../mod.ts";
import { SILENT } from "../helpers/log.ts";
import { ScriptedStore } from "../helpers/scripted_store.ts";
import { VirtualTime } from "../helpers/virtual_time.ts";

interface Pair {
  readonly virtual: VirtualTime;
  readonly store: ScriptedStore;
  /** How far the first replica's wall clock has jumped. */
  jumpMs: number;
  readonly first: NeatPeriodicTaskScheduler;
  readonly second: NeatPeriodicTaskScheduler;
  overlaps: number;
}

/** Two replicas of a task of 100 s on a store with a clock; the wall clock of the first can jump. */
function pair(heartbeatInterval: number | undefined, timeout: number): Pair {
  const virtual = new VirtualTime();
  const store = new ScriptedStore();
  store.storeTime = () => virtual.nowMs;
  let running = 0;
  const scheduler = (jumped: () => number): NeatPeriodicTaskScheduler =>
    new NeatPeriodicTaskScheduler({
      name: "jumping",
      interval: 600_000,
      timeout,
      heartbeatInterval,
      store,
      clock: { ...virtual.clock(), nowMs: () => virtual.nowMs + jumped() },
      log: SILENT,
      task: async ({ signal }) => {
        if (++running > 1) result.overlaps++;
        await virtual.delay(100_000, signal).finally(() => running--);
      },
    });
  const result: Pair = {
    virtual,
    store,
    jumpMs: 0,
    first: scheduler(() => result.jumpMs),
    second: scheduler(() => 0),
    overlaps: 0,
  };
  return result;
}

async function end({ virtual, first, second, overlaps }: Pair): Promise<void> {
  assertEquals(overlaps, 0);
  await Promise.all([first.stop({ abort: true }), second.stop({ abort: true }), virtual.advance(30_000)]);
}

Deno.test("a wall clock set back in a run does not make its heartbeats old", async () => {
  const setting = pair(5_000, 120_000);
  setting.first.start();
  await setting.virtual.advance(2_000);
  setting.second.start();
  await setting.virtual.advance(40_000);
  setting.jumpMs = -30_000;
  await setting.virtual.advance(50_000);
  await end(setting);
});

Deno.test("a wall clock set back while the claim is on its way does not make its lease longer", async () => {
  const setting = pair(undefined, 30_000);
  const { virtual, store } = setting;
  const write = store.inner.write.bind(store.inner);
  let writes = 0;
  store.inner.write = async (...args) => {
    const version = await write(...args);
    // the first makes the record, the second is the claim
    if (++writes === 2) await virtual.delay(9_000);
    return version;
  };
  setting.first.start();
  await virtual.advance(2_000);
  setting.second.start();
  setting.jumpMs = -2_000;
  await virtual.advance(3_000);
  setting.jumpMs = -7_000;
  await virtual.advance(50_000);
  await end(setting);
});

Deno.test("a wall clock set ahead in a run does not make its heartbeats give up the lease", async () => {
  const setting = pair(3_000, 120_000);
  const { virtual, store } = setting;
  setting.first.start();
  await virtual.advance(10_000);
  setting.jumpMs = 3_600_000;
  const write = store.inner.write.bind(store.inner);
  let isSlow = true;
  store.inner.write = async (...args) => {
    const version = await write(...args);
    if (isSlow) {
      isSlow = false;
      await virtual.delay(5_000);
    }
    return version;
  };
  await virtual.advance(2_500);
  setting.second.start();
  await virtual.advance(20_000);
  await end(setting);
});
