/**
 * Runs the programs in examples/migration until their first backup, and ends them.
 */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { type Ended, RunningExample } from "./example.ts";

const FINISHED = '### [FINISHED] neat-periodic-task: "backup"';

/** Due each second. */
export const EACH_SECOND = "* * * * * *";

/** Runs a program until it has backed up, sends SIGTERM, and waits for its end. */
async function runUntilBackup(name: string, env: Readonly<Record<string, string>>): Promise<Ended> {
  await using example = await RunningExample.start(`migration/${name}`, [], { CRON: EACH_SECOND, PORT: "0", ...env });
  await example.printed(name.endsWith("after.ts") ? /FINISHED.*\n/ : /Backed up\n/);
  example.signal("SIGTERM");
  return await example.ended();
}

/** Asserts that the program of a peer backs up, and ends by itself at SIGTERM. */
export async function assertBefore(peer: string, env: Readonly<Record<string, string>> = {}): Promise<void> {
  const { code, stdout, stderr } = await runUntilBackup(`${peer}/before.ts`, env);
  assertEquals(code, 0, stderr);
  assertMatch(stdout, /Backing up\n(.*\n)*Backed up\n/);
}

/** Asserts that the program with this package backs up in a run of its own, and ends by itself at SIGTERM. */
export async function assertAfter(peer: string, env: Readonly<Record<string, string>> = {}): Promise<void> {
  const { code, stdout, stderr } = await runUntilBackup(`${peer}/after.ts`, env);
  assertEquals(code, 0, stderr);
  assertMatch(stdout, /START.*\n(.*\n)*?.*Backing up\n(.*\n)*?.*Backed up\n(.*\n)*?.*FINISHED/);
  assertStringIncludes(stdout, FINISHED);
}

/** Calls a function with a temporary folder, which it removes. */
export async function inFolder(fn: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "periodic_task_" });
  try {
    await fn(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
