import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import { type IntervalTaskOptions, NeatPeriodicTaskScheduler } from "../../mod.ts";
import { KeptLog, SILENT } from "../helpers/log.ts";
import { ScriptedStore } from "../helpers/scripted_store.ts";
import { type Skew, VirtualTime } from "../helpers/virtual_time.ts";

const HOUR = 3_600_000;

interface Fleet {
  readonly virtual: VirtualTime;
  readonly store: ScriptedStore;
  readonly replicas: NeatPeriodicTaskScheduler[];
  /** The runs as `[replica, start, term]`. */
  readonly runs: [number, number, number][];
  readonly overlaps: () => number;
  stop(): Promise<void>;
}

/** N replicas of a task on one store whose calls take 20 to 80 ms. */
function fleet(
  n: number,
  options: Partial<IntervalTaskOptions> = {},
  lengthMs = 60_000,
  skews: Skew[] = [],
): Fleet {
  const virtual = new VirtualTime();
  const begin = virtual.nowMs;
  const store = new ScriptedStore();
  store.script = async () => {
    await virtual.delay(20 + 60 * virtual.random());
    return undefined;
  };
  const runs: [number, number, number][] = [];
  let running = 0;
  let overlaps = 0;
  const replicas = Array.from({ length: n }, (_, replica) =>
    new NeatPeriodicTaskScheduler({
      name: "shared",
      interval: HOUR,
      timeout: { minutes: 10 },
      store,
      clock: virtual.clock(skews[replica]),
      log: SILENT,
      task: async (run) => {
        runs.push([replica, virtual.nowMs - begin, run.term]);
        if (++running > 1) overlaps++;
        await virtual.delay(lengthMs, run.signal).finally(() => running--);
      },
      ...options,
    }));
  for (const replica of replicas) replica.start();
  const stop = async (): Promise<void> => {
    await Promise.all([...replicas.map((replica) => replica.stop({ abort: true })), virtual.advance(60_000)]);
    assertEquals(virtual.timers, 0);
  };
  return { virtual, store, replicas, runs, overlaps: () => overlaps, stop };
}

for (const n of [1, 3, 10]) {
  Deno.test(`${n} replicas cost 1.2 reads each and 2.05 writes a run, and make each run once`, async () => {
    const { virtual, store, runs, overlaps, stop } = fleet(n);
    await virtual.advance(HOUR);
    const [reads, writes, before] = [store.count("read"), store.count("write"), runs.length];
    await virtual.advance(240 * HOUR);
    const made = runs.length - before;
    assertEquals([made, overlaps()], [240, 0]);
    assertLessOrEqual((store.count("read") - reads) / made, 1.2 * n + 1);
    assertLessOrEqual((store.count("write") - writes) / made, 2.05);
    assertEquals(runs.map(([, , term]) => term), runs.map((_, index) => index + 1));
    for (const [index, [, ms]] of runs.entries()) assertLessOrEqual(ms - index * HOUR, 1_000);
    await stop();
  });
}

Deno.test("standbys run the task after the fallback delay, if the preferred replica was killed", async () => {
  const { virtual, store, replicas, runs, stop } = fleet(3);
  await virtual.advance(HOUR / 2);
  const { script } = store;
  store.script = () => ({ fails: "cut off" });
  await Promise.all([replicas[runs[0]![0]]!.stop(), virtual.advance(2_000)]);
  store.script = script;
  await virtual.advance(HOUR / 2 + 10 * 60_000);
  assertEquals(runs.length, 2);
  const lateMs = runs[1]![1] - HOUR;
  assert(lateMs >= 30_000 && lateMs <= 4 * 60_000, `${lateMs} ms late`);
  await stop();
});

Deno.test("a new replica runs at the due time, if the preferred one has given up its place", async () => {
  const { virtual, store, replicas, runs, stop } = fleet(1);
  await virtual.advance(HOUR / 2);
  await Promise.all([replicas[0]!.stop(), virtual.advance(2_000)]);
  const startedAt: number[] = [];
  const next = new NeatPeriodicTaskScheduler({
    name: "shared",
    interval: HOUR,
    timeout: { minutes: 10 },
    store,
    clock: virtual.clock(),
    log: SILENT,
    task: () => void startedAt.push(virtual.nowMs),
  });
  next.start();
  const due = virtual.nowMs + HOUR / 2 - 2_000;
  await virtual.advance(HOUR / 2);
  assertEquals([runs.length, startedAt.length], [1, 1]);
  assertLessOrEqual(startedAt[0]! - due, 1_200);
  await Promise.all([next.stop(), stop()]);
});

Deno.test("a crashed holder is replaced within its lease and the clock tolerance", async () => {
  const { virtual, store, runs, stop } = fleet(3, { heartbeatTimeout: 30_000 });
  await virtual.advance(200);
  assertEquals(runs.length, 1);
  await stop();
  const crashed = {
    format: "neat-periodic-task-status",
    version: 1,
    state: "running",
    started: new Date(virtual.nowMs).toISOString(),
    heartbeat: new Date(virtual.nowMs).toISOString(),
    lease: 30_000,
    owner: "BBBBBBBBBBBBBBBBBBBBBB",
    term: 7,
    write: "crashed",
  };
  await store.put("shared", crashed);
  const { virtual: later, runs: taken, stop: end, store: copy } = fleet(3);
  await copy.put("shared", { ...crashed, started: new Date(later.nowMs).toISOString(), heartbeat: undefined });
  await later.advance(29_999);
  assertEquals(taken, []);
  await later.advance(5_000 + 2_000);
  assertEquals(taken.map(([, , term]) => term), [8]);
  await end();
});

Deno.test("clocks that are hours apart neither overlap nor stop the runs where the store tells its time", async () => {
  const skews = [{ offsetMs: 5 * HOUR }, { offsetMs: -7 * HOUR }, {}];
  const { virtual, store, runs, overlaps, stop } = fleet(3, { timeout: { minutes: 2 } }, 60_000, skews);
  store.storeTime = () => Math.floor(virtual.nowMs / 1_000) * 1_000;
  await virtual.advance(48 * HOUR);
  assertEquals([runs.length, overlaps()], [48, 0]);
  for (const [index, [, ms]] of runs.entries()) assertLessOrEqual(Math.abs(ms - index * HOUR), 2_500);
  await stop();
});

Deno.test("a record dated into the future is warned of once, and delays standbys by one interval at most", async () => {
  const log = new KeptLog();
  const { virtual, store, runs, stop } = fleet(2, { log });
  await store.put("shared", {
    format: "neat-periodic-task-status",
    version: 1,
    state: "finished",
    started: new Date(virtual.nowMs + 1_000 * HOUR).toISOString(),
    owner: "BBBBBBBBBBBBBBBBBBBBBB",
  });
  await virtual.advance(HOUR / 2);
  assertEquals([
    log.count("warn: "),
    log.count('"shared": implausible times in the record, which counts as written now: started'),
  ], [2, 2]);
  await virtual.advance(HOUR / 2 + 3_000);
  assertEquals(runs.length, 1);
  await stop();
});

Deno.test("a foreign or newer record is neither overwritten nor run, and is reported at each check", async () => {
  for (
    const [record, level] of [["somebody's notes", "error"], [
      { format: "neat-periodic-task-status", version: 2 },
      "warn",
    ]] as const
  ) {
    const virtual = new VirtualTime();
    const store = new ScriptedStore();
    const log = new KeptLog();
    let runs = 0;
    await store.put("mine", record);
    const before = await store.text("mine");
    const scheduler = new NeatPeriodicTaskScheduler({
      name: "mine",
      interval: HOUR,
      timeout: 5_000,
      store,
      clock: virtual.clock(),
      log,
      task: () => void runs++,
    });
    scheduler.start();
    await virtual.advance(2 * HOUR);
    assertEquals([runs, await store.text("mine"), store.count("write")], [0, before, 0]);
    assertEquals(log.count(`${level}: neat-periodic-task "mine": Cannot use the record at "mine"`), 3);
    assertEquals(scheduler.explain().reason, level === "error" ? "foreign-record" : "newer-record");
    await scheduler.stop();
    assertEquals(store.count("write"), 0);
  }
});
