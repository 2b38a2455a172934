import { assertEquals } from "@std/assert";
import { type BurstJob, firstJobs, JobCollector, nextJob } from "./burst.ts";

Deno.test("firstJobs() spreads the due times of all tasks over a second", () => {
  const request = { kind: "BullMQ", storeUrl: "", tasks: 4, beginMs: 5_000, endMs: 0 } as const;
  assertEquals(firstJobs(request).map(({ dueMs }) => dueMs), [5_000, 5_250, 5_500, 5_750]);
  assertEquals(nextJob({ task: "a", dueMs: 1 }), { task: "a", dueMs: 3_600_001 });
});

Deno.test("JobCollector adds jobs together, and the rest with the last task", async () => {
  const added: string[] = [];
  const add = (jobs: readonly BurstJob[]) => Promise.resolve(added.push(jobs.map(({ task }) => task).join()));
  const collector = new JobCollector(5, 2, add);
  for (const task of ["a", "b", "c", "d", "e"]) await collector.add({ task, dueMs: 0 });
  assertEquals(added, ["a,b", "c,d", "e"]);
});
