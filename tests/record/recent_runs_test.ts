// What runs leave in the record.

import { assertEquals } from "@std/assert";
import { NeatPeriodicTaskScheduler } from "../../mod.ts";
import { RecentRuns } from "../../src/record/recent_runs.ts";
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

/** Returns the outcomes of runs, each by its first letter, after further runs. */
function outcomesAfter(outcomes: string): string {
  let recent = RecentRuns.NONE;
  for (const [index, letter] of [...outcomes].entries()) {
    recent = recent.with(index * 1_000, 100, letter === "+" ? "finished" : "failed");
  }
  return recent.toArray().map(({ outcome }) => outcome === "finished" ? "+" : "-").join("");
}

Deno.test("RecentRuns.with() keeps the last run that finished, however many have failed since then", () => {
  assertEquals(outcomesAfter(`++${"-".repeat(18)}`), `++${"-".repeat(18)}`);
  assertEquals(outcomesAfter(`++${"-".repeat(19)}`), `+${"-".repeat(19)}`);
  assertEquals(outcomesAfter(`++${"-".repeat(100)}`), `+${"-".repeat(19)}`);
  assertEquals(outcomesAfter(`++${"-".repeat(100)}+`), `${"-".repeat(19)}+`);
  assertEquals(outcomesAfter("-".repeat(100)), "-".repeat(20));
});
