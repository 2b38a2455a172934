// Hints of a store that watches the record: they cause checks, and nothing depends on them.

import { assert, assertEquals, assertGreaterOrEqual, assertLess, assertLessOrEqual } from "@std/assert";
import { type IntervalTaskOptions, MemoryStore, NeatPeriodicTaskScheduler } from "../../mod.ts";
import { HintedChecks } from "../../src/core/hinted_checks.ts";
import { Watcher } from "../../src/core/watcher.ts";
import { abortListeners } from "../helpers/abort_listeners.ts";
import { HintedStore } from "../helpers/hinted_store.ts";
import { KeptLog, SILENT } from "../helpers/log.ts";
import { ScriptedStore } from "../helpers/scripted_store.ts";
import { VirtualTime } from "../helpers/virtual_time.ts";

const MINUTE = 60_000;
const HOUR = 3_600_000;

interface Fixture {
  readonly virtual: VirtualTime;
  readonly store: HintedStore;
  readonly log: KeptLog;
  readonly runs: number[];
  readonly scheduler: NeatPeriodicTaskScheduler;
}

function fixture(options: Partial<IntervalTaskOptions> = {}): Fixture {
  const virtual = new VirtualTime();
  const store = new HintedStore();
  const log = new KeptLog();
  const runs: number[] = [];
  const scheduler = new NeatPeriodicTaskScheduler({
    name: "watched",
    interval: HOUR,
    timeout: 60_000,
    store,
    clock: virtual.clock(),
    log,
    task: () => void runs.push(virtual.nowMs),
    ...options,
  });
  return { virtual, store, log, runs, scheduler };
}

/** Changes the record as somebody else does. */
async function edit({ store }: Fixture, fields: Record<string, unknown>): Promise<void> {
  const entry = await store.inner.inner.read("watched");
  assert(entry);
  const record = JSON.parse(new TextDecoder().decode(entry.value));
  const bytes = new TextEncoder().encode(JSON.stringify({ ...record, ...fields }));
  assert(await store.inner.inner.write("watched", bytes, entry.version));
}

Deno.test("a scheduler serves a request within a second of a hint", async () => {
  const given = fixture();
  const { virtual, store, runs, scheduler } = given;
  scheduler.start();
  await virtual.advance(10_000);
  await edit(given, { requested: new Date(virtual.nowMs).toISOString() });
  store.hint();
  const requestedMs = virtual.nowMs;
  await virtual.advance(1_000);
  assertEquals(runs.length, 2);
  assertLessOrEqual(runs[1]! - requestedMs, 1_000);
  await scheduler.stop();
});

Deno.test("a scheduler stays paused after a hint of a pause, and runs what is due after a hint of its end", async () => {
  const given = fixture();
  const { virtual, store, runs, scheduler } = given;
  scheduler.start();
  await virtual.advance(10_000);
  await edit(given, { paused: new Date(virtual.nowMs).toISOString() });
  store.hint();
  await virtual.advance(1_000);
  assertEquals(scheduler.explain().reason, "paused");
  await virtual.advance(2 * HOUR);
  assertEquals(runs.length, 1);
  await edit(given, { paused: undefined });
  store.hint();
  await virtual.advance(1_000);
  assertEquals(runs.length, 2);
  await scheduler.stop();
});

Deno.test("a hint is no reason for a run that is not due", async () => {
  const { virtual, store, runs, scheduler } = fixture();
  scheduler.start();
  await virtual.advance(10_000);
  for (let hint = 0; hint < 20; hint++) {
    store.hint();
    await virtual.advance(2_000);
  }
  assertEquals(runs.length, 1);
  await scheduler.stop();
});

Deno.test("hints cause no read of a replica that has just written the record itself", async () => {
  const { virtual, store, scheduler } = fixture();
  scheduler.start();
  await virtual.settle();
  const reads = store.inner.count("read");
  store.hint();
  await virtual.advance(30_000);
  assertEquals(store.inner.count("read"), reads);
  await scheduler.stop();
});

Deno.test("a request right after a run is served within a second of its hint", async () => {
  const given = fixture();
  const { virtual, store, runs, scheduler } = given;
  scheduler.start();
  await virtual.settle();
  store.hint();
  await virtual.advance(20);
  await edit(given, { requested: new Date(virtual.nowMs).toISOString() });
  // the pause after the first hint
  await virtual.advance(40);
  store.hint();
  await virtual.advance(1_000);
  assertEquals(runs.length, 2);
  await scheduler.stop();
});

Deno.test("a hint during a run causes no check, and one during a check causes another check", async () => {
  const { virtual, store, scheduler } = fixture({ task: () => virtual.delay(20_000) });
  scheduler.start();
  await virtual.advance(10_000);
  store.hint();
  await virtual.advance(60_000);
  const reads = store.inner.count("read");
  assertEquals(reads, 2, "the first record and its store time");
  store.inner.script = async (call) => {
    if (call === "read") await virtual.delay(5_000);
    return undefined;
  };
  await virtual.advance(HOUR / 2 - 68_000);
  assertEquals(store.inner.count("read"), reads + 1, "the check halfway");
  store.hint();
  await virtual.advance(20_000);
  assertEquals(store.inner.count("read"), reads + 2);
  await scheduler.stop();
});

Deno.test("a flood of hints causes at most one check a second, and fewer as they turn out wrong", async () => {
  const { virtual, store, scheduler } = fixture();
  store.mode = "floods";
  scheduler.start();
  await virtual.advance(60_000);
  const reads = store.inner.count("read");
  assertGreaterOrEqual(reads, 4);
  assertLess(reads, 10);
  await scheduler.stop();
});

Deno.test("a watch that fails is started again at growing distances, and warned of once", async () => {
  const { virtual, store, log, runs, scheduler } = fixture();
  store.mode = "fails";
  scheduler.start();
  await virtual.advance(HOUR / 2);
  assertGreaterOrEqual(store.started, 10);
  assertLess(store.started, 120);
  assertEquals(log.lines.filter((line) => line.includes("cannot watch")).length, 1);
  store.mode = "waits";
  await virtual.advance(2 * HOUR);
  assertEquals(store.open, 1);
  assertEquals(runs.length, 3);
  await scheduler.stop();
});

Deno.test("a watch that ends is started again", async () => {
  const { virtual, store, scheduler } = fixture();
  store.mode = "ends";
  scheduler.start();
  await virtual.advance(10_000);
  store.mode = "waits";
  await virtual.advance(60_000);
  assertEquals(store.open, 1);
  await scheduler.stop();
});

Deno.test("stop() ends the watch, and leaves no timer", async () => {
  const { virtual, store, scheduler } = fixture();
  scheduler.start();
  await virtual.advance(1_000);
  assertEquals(store.open, 1);
  await scheduler.stop();
  assertEquals([store.open, virtual.timers], [0, 0]);
});

Deno.test("stop() waits for at most a second for a watch that ignores its signal", async () => {
  const { virtual, store, scheduler } = fixture();
  store.mode = "ignores its signal";
  scheduler.start();
  await virtual.advance(1_000);
  const stopped = scheduler.stop();
  await virtual.advance(1_100);
  assertEquals(await stopped, { clean: false, abandoned: 0 });
  assertEquals(virtual.timers, 0);
  store.hint();
});

Deno.test("stop() waits for a watch and for the last write at the same time", async () => {
  const { virtual, store, scheduler } = fixture();
  store.mode = "ignores its signal";
  scheduler.start();
  await virtual.advance(1_000);
  store.inner.script = () => ({ hangs: true });
  const stopped = scheduler.stop();
  await virtual.advance(1_100);
  assertEquals(await stopped, { clean: false, abandoned: 0 });
  store.hint();
});

Deno.test("hints do not shorten the wait after a failed store call", async () => {
  const { virtual, store, scheduler } = fixture();
  store.inner.script = () => ({ fails: new Error("away") });
  store.mode = "floods";
  scheduler.start();
  await virtual.advance(600_000);
  assertLess(store.inner.calls.length, 60);
  await scheduler.stop();
});

Deno.test("a scheduler with keepAlive: false does not watch", async () => {
  const { virtual, store, scheduler } = fixture({ keepAlive: false });
  scheduler.start();
  await virtual.advance(1_000);
  assertEquals(store.started, 0);
  await scheduler.stop();
});

Deno.test("HintedChecks spreads checks over half a second, a second apart, doubling while hints are wrong, and waits for runs", () => {
  const checks = new HintedChecks(8_000);
  assertEquals([checks.nextMs(0, 0, 0), checks.nextMs(0, 1, 0), checks.nextMs(0, 0, 2_000)], [100, 500, 3_100]);
  const gaps = [false, false, false, false, true, false].map((hasChanged, index) => {
    const nowMs = 100_000 * (index + 1);
    checks.checked(nowMs, hasChanged);
    return checks.nextMs(nowMs, 0, 0) - nowMs;
  });
  assertEquals(gaps, [2_000, 4_000, 8_000, 8_000, 1_000, 2_000]);
});

for (const taskMs of [0, 200, 20_000, 600_000]) {
  Deno.test(`hints cost no more reads and writes with runs of ${taskMs} ms`, async () => {
    const virtual = new VirtualTime();
    const memory = new MemoryStore();
    const counted = new ScriptedStore(memory);
    const store = {
      read: counted.read.bind(counted),
      write: counted.write.bind(counted),
      watch: memory.watch.bind(memory),
    };
    let runs = 0;
    const task = async (): Promise<void> => {
      runs++;
      await virtual.delay(taskMs);
    };
    const options = { name: "watched", interval: HOUR, timeout: HOUR / 2, store, clock: virtual.clock(), log: SILENT };
    const replicas = [0, 1, 2].map(() => new NeatPeriodicTaskScheduler({ ...options, task }));
    for (const replica of replicas) {
      replica.start();
      await virtual.advance(MINUTE);
    }
    await virtual.advance(10 * 24 * HOUR);
    assertLessOrEqual(counted.count("read") / 3 / runs, 1.2);
    assertLessOrEqual(counted.count("write") / runs, 2.05);
    await Promise.all([...replicas.map((replica) => replica.stop()), virtual.advance(HOUR)]);
  });
}

Deno.test("a standby learns of the end of a run within a second, however long the last one took", async () => {
  const virtual = new VirtualTime();
  const store = new MemoryStore();
  const options = { name: "watched", interval: HOUR, timeout: HOUR / 2, store, clock: virtual.clock(), log: SILENT };
  const [one, other] = [0, 1].map(() =>
    new NeatPeriodicTaskScheduler({ ...options, task: () => virtual.delay(20 * MINUTE) })
  );
  assert(one && other);
  one.start();
  await virtual.advance(30 * MINUTE);
  other.start();
  // the second run starts after an hour, and ends 20 minutes later
  await virtual.advance(50 * MINUTE - 1);
  assertEquals(one.explain().reason, "running");
  await virtual.advance(1_001);
  const { reason, due } = other.explain();
  assertEquals([reason, due?.toISOString()], ["not-due", "2026-01-31T14:00:00.000Z"]);
  await Promise.all([one.stop(), other.stop()]);
});

Deno.test("a request is served within a second of its hint, also after the wall clock was set back", async () => {
  const virtual = new VirtualTime();
  let aheadMs = HOUR;
  const given = fixture({ clock: { ...virtual.clock(), nowMs: () => virtual.nowMs + aheadMs } });
  const { store, runs, scheduler } = given;
  store.inner.storeTime = () => virtual.nowMs;
  scheduler.start();
  await virtual.advance(10_000);
  store.hint();
  await virtual.advance(5_000);
  aheadMs = 0;
  await edit(given, { requested: new Date(virtual.nowMs).toISOString() });
  store.hint();
  await virtual.advance(1_000);
  assertEquals(runs.length, 2);
  await scheduler.stop();
});

Deno.test("a watch whose next hint fails and that never ends is started again", async () => {
  const virtual = new VirtualTime();
  let started = 0;
  const hints: AsyncIterator<void> = {
    next: () => Promise.reject(new Error("broken")),
    return: () => new Promise(() => {}),
  };
  const watch = (): AsyncIterable<void> => {
    started++;
    return { [Symbol.asyncIterator]: () => hints };
  };
  const watcher = new Watcher({ watch, clock: virtual.clock(), onHint: () => {}, onFailure: () => {} });
  await virtual.advance(60_000);
  assertGreaterOrEqual(started, 2);
  const stopped = watcher.stop();
  await virtual.advance(60_000);
  await stopped;
  assertEquals(virtual.timers, 0);
});

Deno.test("a watch that throws at next() leaves no listener on the signal", async () => {
  const virtual = new VirtualTime();
  const { signal, count } = abortListeners();
  let watches = 0;
  const next = (): never => {
    throw new Error("broken");
  };
  const watch = (given: AbortSignal): AsyncIterable<void> => {
    watches++;
    given.addEventListener = signal.addEventListener;
    given.removeEventListener = signal.removeEventListener;
    return { [Symbol.asyncIterator]: () => ({ next }) };
  };
  const watcher = new Watcher({ watch, clock: virtual.clock(), onHint: () => {}, onFailure: () => {} });
  await virtual.advance(600_000);
  assertGreaterOrEqual(watches, 5);
  assertLessOrEqual(count(), 1, "the wait before the next watch");
  void watcher.stop();
});
