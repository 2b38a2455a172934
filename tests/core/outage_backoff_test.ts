import { assert, assertEquals, assertLess, assertLessOrEqual } from "@std/assert";
import { type IntervalTaskOptions, NeatPeriodicTaskScheduler } from "../../mod.ts";
import { KeptLog } from "../helpers/log.ts";
import { ScriptedStore } from "../helpers/scripted_store.ts";
import { VirtualTime } from "../helpers/virtual_time.ts";

const MINUTE = 60_000;

/** Fails every call from `from` to `to` (in virtual time), and returns when runs started. */
async function outage(
  options: Partial<IntervalTaskOptions>,
  fromMs: number,
  toMs: number,
  fault: { readonly fails?: unknown; readonly hangs?: boolean },
  seed = 1,
): Promise<
  { readonly attemptedAt: number[]; readonly ranAt: number[]; readonly log: KeptLog; readonly events: number }
> {
  const virtual = new VirtualTime(undefined, seed);
  const begin = virtual.nowMs;
  const store = new ScriptedStore();
  const attemptedAt: number[] = [];
  const ranAt: number[] = [];
  let events = 0;
  store.script = () => {
    const ms = virtual.nowMs - begin;
    if (ms < fromMs || ms >= toMs) return undefined;
    attemptedAt.push(ms);
    return fault;
  };
  const log = new KeptLog();
  const scheduler = new NeatPeriodicTaskScheduler({
    name: "cut-off",
    interval: 30_000,
    timeout: 5_000,
    minCycle: 5_000,
    store,
    clock: virtual.clock(),
    log,
    task: () => void ranAt.push(virtual.nowMs - begin),
    ...options,
  });
  scheduler.addEventListener("storeerror", () => events++);
  scheduler.start();
  await virtual.advance(toMs + MINUTE);
  await Promise.all([scheduler.stop(), virtual.advance(20_000)]);
  assertEquals(virtual.timers, 0);
  return { attemptedAt, ranAt, log, events };
}

Deno.test("in an outage no attempt comes later than minCycle after the last, though a claim is given up", async () => {
  for (let seed = 1; seed <= 20; seed++) {
    const { attemptedAt } = await outage({}, MINUTE, 2 * MINUTE, { fails: new Error("gone") }, seed);
    const gaps = attemptedAt.slice(1).map((ms, index) => ms - attemptedAt[index]!);
    assertLessOrEqual(Math.max(...gaps), 5_000);
  }
});

for (const minCycle of [1_000, 5_000]) {
  for (const from of [0, MINUTE]) {
    Deno.test(`an outage of 10 minutes from ${from} ms on costs at most a call a second (minCycle ${minCycle} ms)`, async () => {
      for (let seed = 1; seed <= 10; seed++) {
        const to = from + 10 * MINUTE;
        const { attemptedAt, ranAt, log, events } = await outage(
          { minCycle },
          from,
          to,
          { fails: new Error("gone") },
          seed,
        );
        // two more, as a claim that fails is read back at once, and once more before its short lease is over
        assertLessOrEqual(attemptedAt.length, 604);
        assert(attemptedAt.length > 60);
        const back = ranAt.find((ms) => ms >= to);
        assert(back !== undefined && back <= to + minCycle, `first run ${back! - to} ms after the return`);
        // the first failure, others at doubling distances, and the return
        assertEquals([log.count("store call failed"), log.count("store answers again")], [1, 1]);
        assert(log.count("store has not answered") >= 4 && log.count("store has not answered") <= 7);
        assertEquals(events, attemptedAt.length);
        for (const second of [...Array(600).keys()]) {
          const within = attemptedAt.filter((ms) => ms >= from + second * 1_000 && ms < from + (second + 1) * 1_000);
          assertLessOrEqual(within.length, 2);
        }
      }
    });
  }
}

Deno.test("a store that never answers is given up on at the limit of a call", async () => {
  const { attemptedAt, ranAt, log } = await outage({ timeout: 60_000 }, 0, 5 * MINUTE, { hangs: true });
  assertLess(attemptedAt.length, 31);
  const [error] = log.details.find((details) => details.length > 0) ?? [];
  assertEquals(error instanceof DOMException && error.name, "TimeoutError");
  assert(ranAt[0]! <= 5 * MINUTE + 10_000 + 5_000);
});

Deno.test("ALIVE stays away while the store is gone, and comes back with it", async () => {
  const { log } = await outage({ minCycle: 5_000 }, MINUTE + 1_000, 10 * MINUTE, { fails: "gone" });
  assertLessOrEqual(log.count("[ALIVE]"), 5);
  assert(
    log.lines.findLastIndex((line) => line.includes("[ALIVE]")) >
      log.lines.findLastIndex((line) => line.includes("warn")),
  );
});

Deno.test("a store that refuses every claim is not called without pause", async () => {
  const virtual = new VirtualTime();
  const store = new ScriptedStore();
  store.inner.write = () => Promise.resolve(null);
  let runs = 0;
  const scheduler = new NeatPeriodicTaskScheduler({
    name: "refused",
    interval: MINUTE,
    timeout: 5_000,
    store,
    clock: virtual.clock(),
    log: new KeptLog(),
    task: () => void runs++,
  });
  scheduler.start();
  await virtual.advance(10 * MINUTE);
  assertEquals(runs, 0);
  assertLess(store.calls.length, 600);
  await scheduler.stop();
});

Deno.test("a store whose answers are invalid neither runs the task nor is called without pause", async () => {
  const nonsense = [{}, { value: "text", version: "1" }, { value: new Uint8Array(), version: 1 }, 7, "text"];
  for (const answer of nonsense) {
    const virtual = new VirtualTime();
    let runs = 0;
    let calls = 0;
    const scheduler = new NeatPeriodicTaskScheduler({
      name: "odd",
      interval: MINUTE,
      timeout: 5_000,
      store: {
        read: () => {
          calls++;
          return Promise.resolve(answer as never);
        },
        write: () => {
          calls++;
          return Promise.resolve(undefined as never);
        },
      },
      clock: virtual.clock(),
      log: new KeptLog(),
      task: () => void runs++,
    });
    scheduler.start();
    await virtual.advance(10 * MINUTE);
    assertEquals(runs, 0);
    assertLess(calls, 600);
    await scheduler.stop();
  }
});

Deno.test("a record of zero bytes counts as never run", async () => {
  const virtual = new VirtualTime();
  const store = new ScriptedStore();
  await store.put("empty", "");
  let runs = 0;
  const scheduler = new NeatPeriodicTaskScheduler({
    name: "empty",
    interval: MINUTE,
    timeout: 5_000,
    store,
    clock: virtual.clock(),
    log: new KeptLog(),
    task: () => void runs++,
  });
  scheduler.start();
  await virtual.advance(0);
  assertEquals(runs, 1);
  await scheduler.stop();
});
