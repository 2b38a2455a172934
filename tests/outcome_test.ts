// What runs leave in the record.

import { assertEquals } from "@std/assert";
import { TaskLoop } from "../src/loop.ts";
import { runsOf } from "../src/recent_runs.ts";
import { settingsOf } from "../src/settings.ts";
import { SILENT } from "./helpers/log.ts";
import { World } from "./helpers/world.ts";

Deno.test("a replica that claims from memory remembers no more runs than the record", async () => {
  const world = new World();
  const options = { name: "often", interval: 1_000, timeout: 500, clock: world.clock(), log: SILENT, task: () => {} };
  const loop = new TaskLoop(settingsOf(options));
  loop.start();
  await world.advance(100_000);
  assertEquals(runsOf(loop.owned!.recent).length, 20);
  loop.stop();
});
