// Real processes: whether a scheduler that waits keeps its process alive.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { ProcessTimeoutError, runProcess } from "../../internal/processes/run_process.ts";

const MOD = new URL("../../mod.ts", import.meta.url).href;

/** Runs a program that starts a scheduler and never stops it. */
function run(options: string, task: string, timeoutMs: number): Promise<string> {
  const program = `
    import { NeatPeriodicTaskScheduler } from "${MOD}";
    const log = { info: console.log, warn: console.log, error: console.log };
    const common = { name: "tool", interval: 3_600_000, timeout: 60_000, log, ${options} };
    new NeatPeriodicTaskScheduler({ ...common, task: async () => { ${task} } }).start();
  `;
  const code = `data:application/javascript,${encodeURIComponent(program)}`;
  return runProcess(Deno.execPath(), ["run", "--no-config", code], { timeoutMs });
}

Deno.test("a scheduler with keepAlive: false lets its process end between two runs", async () => {
  const output = await run("keepAlive: false", 'console.log("task")', 30_000);
  assertEquals(output.split("\n").filter((line) => line.includes("task")).length > 0, true);
  assert(output.includes("[FINISHED]"), output);
});

Deno.test("a scheduler with keepAlive: false keeps its process alive during a run", async () => {
  const output = await run("keepAlive: false", "await new Promise((resolve) => setTimeout(resolve, 300))", 30_000);
  assert(output.includes("[FINISHED]"), output);
});

Deno.test("a scheduler keeps its process alive between two runs", async () => {
  await assertRejects(() => run("", "", 2_000), ProcessTimeoutError);
});
