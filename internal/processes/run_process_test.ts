import { assert, assertEquals, assertRejects } from "@std/assert";
import { ProcessTimeoutError, runProcess } from "./run_process.ts";

const script = (code: string): string[] => ["eval", "--no-config", code];

Deno.test("runProcess() returns the standard output", async () => {
  assertEquals(await runProcess(Deno.execPath(), script('console.log("figures")'), { timeoutMs: 60_000 }), "figures\n");
});

Deno.test("runProcess() rejects with the output of a process that fails", async () => {
  const code = 'console.error("no such peer"); Deno.exit(3)';
  const failing = runProcess(Deno.execPath(), script(code), { timeoutMs: 60_000 });
  const { message } = await assertRejects(() => failing, Error, "current value of its exit code is 3");
  assert(message.includes("no such peer"), message);
});

Deno.test("runProcess() kills a process that takes too long", async () => {
  const hanging = runProcess(Deno.execPath(), script("setTimeout(() => {}, 3_600_000)"), { timeoutMs: 100 });
  await assertRejects(() => hanging, ProcessTimeoutError, "current value of its timeout is 100 ms");
});
