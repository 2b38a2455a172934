// The status of a task, as its record says.

import { assertEquals } from "@std/assert";
import { MemoryStore, NeatPeriodicTaskScheduler } from "../mod.ts";
import { readTask } from "../src/control.ts";
import { SILENT } from "./helpers/log.ts";
import { VirtualTime } from "./helpers/virtual_time.ts";

Deno.test("status() has the end of the lease during a run, from its start or its last heartbeat", async () => {
  const virtual = new VirtualTime();
  const store = new MemoryStore();
  const startMs = virtual.nowMs;
  const scheduler = new NeatPeriodicTaskScheduler({
    name: "backup",
    interval: 60_000,
    timeout: 20_000,
    heartbeatInterval: 2_000,
    heartbeatTimeout: 5_000,
    store,
    clock: virtual.clock(),
    log: SILENT,
    task: () => virtual.delay(3_000),
  });
  const leaseEnds = async (): Promise<(number | undefined)[]> =>
    (await Promise.all([scheduler.status(), readTask(store, "backup", { clock: virtual.clock() })]))
      .map((status) => status?.leaseEnd && status.leaseEnd.getTime() - startMs);
  assertEquals(await leaseEnds(), [undefined, undefined]);
  scheduler.start();
  await virtual.advance(1_000);
  assertEquals(await leaseEnds(), [5_000, 5_000]);
  await virtual.advance(1_500);
  assertEquals(await leaseEnds(), [7_000, 7_000]);
  await virtual.advance(1_000);
  assertEquals(await leaseEnds(), [undefined, undefined]);
  await scheduler.stop();
});
