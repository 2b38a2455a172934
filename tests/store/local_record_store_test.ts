// What a scheduler does that is given no store.

import { assert, assertEquals } from "@std/assert";
import { type IntervalTaskOptions, NeatPeriodicTaskScheduler, type Run } from "../../mod.ts";
import { KeptLog } from "../helpers/log.ts";
import { VirtualTime } from "../helpers/virtual_time.ts";

const HOUR = 3_600_000;

interface Setting {
  readonly virtual: VirtualTime;
  readonly log: KeptLog;
  readonly runs: Run[];
  readonly scheduler: NeatPeriodicTaskScheduler;
}

function setting(options: Partial<IntervalTaskOptions> = {}): Setting {
  const virtual = new VirtualTime();
  const log = new KeptLog();
  const runs: Run[] = [];
  const { task = () => {}, ...others } = options;
  const scheduler = new NeatPeriodicTaskScheduler({
    name: "alone",
    interval: HOUR,
    timeout: 10_000,
    clock: virtual.clock(),
    log,
    task: (run) => {
      runs.push(run);
      return task(run);
    },
    ...others,
  });
  return { virtual, log, runs, scheduler };
}

Deno.test("a scheduler without a store runs on each slot and tells of its runs", async () => {
  const { virtual, log, runs, scheduler } = setting();
  const begin = virtual.nowMs;
  assertEquals(await scheduler.status(), { state: "idle", term: 0, failures: 0, recent: [] });
  scheduler.start();
  await virtual.advance(2.6 * HOUR);
  assertEquals(runs.map(({ term, scheduled }) => [term, scheduled.getTime() - begin]), [[1, 0], [2, HOUR], [
    3,
    2 * HOUR,
  ]]);
  const { state, owner, term, scheduled, recent } = await scheduler.status();
  assertEquals([state, owner, term, scheduled], ["finished", runs[2]!.owner, 3, new Date(begin + 2 * HOUR)]);
  assertEquals(recent.map(({ start }) => Date.parse(start) - begin), [0, HOUR, 2 * HOUR]);
  assertEquals(log.count("[ALIVE]"), 3);
  await scheduler.stop();
});

Deno.test("a scheduler without a store repeats what fails, and tells why it failed", async () => {
  const { virtual, runs, scheduler } = setting({
    task: () => Promise.reject(new Error("no\nluck")),
    retryDelay: 60_000,
  });
  scheduler.start();
  await virtual.advance(150_000);
  assertEquals(runs.length, 3);
  const { state, failures, error } = await scheduler.status();
  assertEquals([state, failures, error], ["failed", 3, "Error: no luck"]);
  await scheduler.stop();
});

Deno.test("a scheduler without a store still knows its run when it was stopped in the middle of it", async () => {
  const { virtual, runs, scheduler } = setting({ task: () => new Promise(() => {}), heartbeatInterval: 1_000 });
  scheduler.start();
  await virtual.advance(3_500);
  const [stopped] = await Promise.all([scheduler.stop({ abort: true, timeout: 1_000 }), virtual.advance(5_000)]);
  assertEquals(stopped, { clean: false, abandoned: 1 });
  const { state, owner, term, heartbeat } = await scheduler.status();
  assertEquals([state, owner, term], ["running", runs[0]!.owner, 1]);
  assert(heartbeat! > runs[0]!.started);
});

Deno.test("schedulers without a store have nothing in common, whatever their names", async () => {
  const [one, other] = [setting(), setting()];
  one.scheduler.start();
  await one.virtual.advance(0);
  assertEquals([(await one.scheduler.status()).term, (await other.scheduler.status()).term], [1, 0]);
  await one.scheduler.stop();
});
