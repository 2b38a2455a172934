// What runs leave in the record.

import { assertEquals } from "@std/assert";
import { NeatPeriodicTaskScheduler } from "../../mod.ts";
import { SILENT } from "../helpers/log.ts";
import { World } from "../helpers/world.ts";

Deno.test("a replica that claims from memory remembers no more runs than the record", async () => {
  const world = new World();
  const options = { name: "often", interval: 1_000, timeout: 500, clock: world.clock(), log: SILENT, task: () => {} };
  const scheduler = new NeatPeriodicTaskScheduler(options);
  scheduler.start();
  await world.advance(100_000);
  assertEquals((await scheduler.status()).recent.length, 20);
  await scheduler.stop();
});
