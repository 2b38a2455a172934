import { assert, assertEquals, assertRejects } from "@std/assert";
import { type ChildCommand, ChildProcess } from "./child_process.ts";
import { ProcessPool } from "./process_pool.ts";

function program(code: string, options: Partial<ChildCommand> = {}): ChildCommand {
  return { command: Deno.execPath(), args: ["eval", "--no-config", code], ...options };
}

const WAITING = "setInterval(() => {}, 1_000)";

Deno.test("ChildProcess passes complete lines to onLine and keeps the end of standard error", async () => {
  const lines: string[] = [];
  const code = 'console.log("one\\ntwo"); console.error("x".repeat(3_000) + "end"); Deno.exit(3)';
  await using child = new ChildProcess(program(code, { onLine: (line) => lines.push(line) }));
  const { code: exitCode, signal } = await child.exited;
  assertEquals([lines, exitCode, signal], [["one", "two"], 3, null]);
  assertEquals([child.lastOutput.length, child.lastOutput.trim().endsWith("end")], [2_000, true]);
  assertEquals(child.exit?.code, 3);
});

Deno.test("ChildProcess.signal() does nothing after the exit", async () => {
  await using child = new ChildProcess(program(""));
  await child.exited;
  child.signal("SIGTERM");
});

Deno.test("ChildProcess.end() kills a process that ignores its signal", async () => {
  const ready = Promise.withResolvers<void>();
  const code = `Deno.addSignalListener("SIGTERM", () => {}); console.log("ready"); ${WAITING}`;
  await using child = new ChildProcess(program(code, { onLine: () => ready.resolve() }));
  await ready.promise;
  assertEquals((await child.end("SIGTERM", 50)).signal, "SIGKILL");
});

Deno.test("ChildProcess keeps standard input open until the exit", async () => {
  const code = 'for await (const _ of Deno.stdin.readable); console.log("closed")';
  const lines: string[] = [];
  const options = { keepsStdinOpen: true, onLine: (line: string) => void lines.push(line) };
  await using child = new ChildProcess(program(code, options));
  await new Promise((resolve) => setTimeout(resolve, 100));
  assertEquals([child.exit, lines], [undefined, []]);
});

Deno.test("ProcessPool counts exits without end() as crashes", async () => {
  await using pool = new ProcessPool();
  const [crashing, waiting] = [pool.start(program("Deno.exit(1)")), pool.start(program(WAITING))];
  while (pool.pids.includes(crashing)) await new Promise((resolve) => setTimeout(resolve, 10));
  assertEquals([pool.crashed, pool.pids], [1, [waiting]]);
  assert((await pool.end(waiting, "SIGKILL")).code !== 0);
  assertEquals([pool.crashed, pool.pids], [1, []]);
  await assertRejects(() => pool.end(waiting, "SIGKILL"), Error, "does not run");
});

Deno.test("ProcessPool ends what is left when it is disposed of", async () => {
  let pid: number;
  {
    await using pool = new ProcessPool();
    pid = pool.start(program(WAITING));
  }
  // signal 0 cannot be sent with Deno; a process that is gone cannot be signalled
  let isGone = false;
  try {
    Deno.kill(pid, "SIGCONT");
  } catch {
    isGone = true;
  }
  assertEquals(isGone, true);
});
