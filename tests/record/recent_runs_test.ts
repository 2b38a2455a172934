// What runs leave in the record.

import { assertEquals } from "@std/assert";
import { NeatPeriodicTaskScheduler } from "../../mod.ts";
import { SILENT } from "../helpers/log.ts";
import { VirtualTime } from "../helpers/virtual_time.ts";

Deno.test("a replica that claims from memory remembers no more runs than the record", async () => {
  const virtual = new VirtualTime();
  const options = { name: "often", interval: 1_000, timeout: 500, clock: virtual.clock(), log: SILENT, task: () => {} };
  const scheduler = new NeatPeriodicTaskScheduler(options);
  scheduler.start();
  await virtual.advance(100_000);
  assertEquals((await scheduler.status()).recent.length, 20);
  await scheduler.stop();
});
