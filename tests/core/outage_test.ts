// Which store failures are logged and emitted as events.

import { assertEquals } from "@std/assert";
import { NeatPeriodicTaskScheduler } from "../../mod.ts";
import { Outage } from "../../src/core/outage.ts";
import { KeptLog } from "../helpers/log.ts";
import { ScriptedStore } from "../helpers/scripted_store.ts";
import { VirtualTime } from "../helpers/virtual_time.ts";

const SECOND = 1_000;
const MINUTE = 60_000;

Deno.test("Outage.fail() reports the first failure, and others at doubling distances", () => {
  const outage = new Outage(0);
  const reportedAt: number[] = [];
  for (let second = 0; second <= 400; second++) if (outage.fail(second * SECOND)) reportedAt.push(second);
  assertEquals(reportedAt, [0, 5, 15, 35, 75, 155, 315]);
});

Deno.test("Outage.report() counts all failures", () => {
  const outage = new Outage(SECOND);
  for (let second = 1; second <= 3; second++) outage.fail(second * SECOND);
  assertEquals(outage.report(10 * SECOND), { durationMs: 9 * SECOND, failures: 3 });
});

Deno.test("an outage logs its first error, counts at doubling distances, and its end; each failure emits storeerror", async () => {
  const virtual = new VirtualTime();
  const begin = virtual.nowMs;
  const store = new ScriptedStore();
  const log = new KeptLog();
  const events: unknown[] = [];
  const scheduler = new NeatPeriodicTaskScheduler({
    name: "down",
    interval: MINUTE,
    timeout: 5 * SECOND,
    minCycle: SECOND,
    store,
    clock: virtual.clock(),
    log,
    task: () => {},
  });
  let failures = 0;
  scheduler.addEventListener("storeerror", ({ error }) => {
    failures++;
    assertEquals(error, "gone");
  });
  scheduler.addEventListener("storeback", (event) => events.push([event.durationMs, event.failures, event.name]));
  store.script = () => virtual.nowMs - begin < 21 * SECOND ? { fails: "gone" } : undefined;
  scheduler.start();
  await virtual.advance(30 * SECOND);
  const [first, ...others] = log.lines.filter((line) => !line.includes("###"));
  assertEquals(first, 'warn: neat-periodic-task "down": store call failed, retrying');
  assertEquals(log.details[0], ["gone"]);
  assertEquals(others, [
    'warn: neat-periodic-task "down": store has not answered for 5 s, 6 calls failed, retrying',
    'warn: neat-periodic-task "down": store has not answered for 15 s, 16 calls failed, retrying',
    'info: neat-periodic-task "down": store answers again after 21 s, 21 calls failed',
  ]);
  assertEquals([failures, events], [21, [[21 * SECOND, 21, "down"]]]);
  await Promise.all([scheduler.stop(), virtual.advance(SECOND)]);
});
