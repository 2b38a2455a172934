/**
 * The processes in which peers are measured.
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { runToEnd, TooSlowError } from "../../scripts/bench/peers/process.ts";

const script = (code: string): string[] => ["eval", "--no-config", code];

Deno.test("a process answers with what it has printed", async () => {
  assertEquals(await runToEnd(Deno.execPath(), script('console.log("figures")'), { limitMs: 60_000 }), "figures\n");
});

Deno.test("a process that fails says what it has printed of its reason", async () => {
  const failing = runToEnd(Deno.execPath(), script('console.error("no such peer"); Deno.exit(3)'), { limitMs: 60_000 });
  const { message } = await assertRejects(() => failing, Error, "current value of its exit code is 3");
  assert(message.includes("no such peer"), message);
});

Deno.test("a process that takes too long is ended", async () => {
  const hanging = runToEnd(Deno.execPath(), script("setTimeout(() => {}, 3_600_000)"), { limitMs: 100 });
  await assertRejects(() => hanging, TooSlowError, "current value of its limit is 100 ms");
});
