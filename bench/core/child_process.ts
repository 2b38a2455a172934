/**
 * Measures in child processes, so that measurements do not disturb each other.
 *
 * @module
 */
import { denoOrThrow } from "../../internal/processes/deno_command.ts";

const TIMEOUT_MS = 120_000;

/** Runs a script of this folder in a process of its own and parses its output. */
export async function measureInChild<Figures>(script: string, args: readonly string[]): Promise<Figures> {
  const command = ["run", "-A", "--quiet", "--v8-flags=--expose-gc", `bench/core/${script}`, ...args];
  return JSON.parse(await denoOrThrow(command, { capture: true })) as Figures;
}

/** In the child: prints the figures for the parent and exits, even if timers are set. */
export async function printFigures(measure: () => Promise<unknown>): Promise<void> {
  setTimeout(() => {
    console.error(`Cannot measure as it takes too long: current value of the timeout is ${TIMEOUT_MS} ms`);
    Deno.exit(1);
  }, TIMEOUT_MS);
  console.log(JSON.stringify(await measure()));
  Deno.exit(0);
}

/** In the child: collects all garbage. */
export async function collectGarbage(): Promise<void> {
  const { gc } = globalThis as { gc?: () => void };
  if (!gc) throw new Error("Cannot measure without --v8-flags=--expose-gc: current value of gc is undefined");
  for (let turn = 0; turn < 3; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    gc();
  }
}
