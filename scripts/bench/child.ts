import { denoOrThrow } from "../deno_command.ts";

/** A child that takes longer is broken. */
const LIMIT_MS = 120_000;

/** Runs a script of this folder in a process of its own, so that measurements don't disturb each other. */
export async function measureInChild<Figures>(script: string, args: string[]): Promise<Figures> {
  const command = ["run", "-A", "--quiet", "--v8-flags=--expose-gc", `scripts/bench/${script}`, ...args];
  return JSON.parse(await denoOrThrow(command, { capture: true })) as Figures;
}

/** In the child: prints the figures for the parent and ends, whatever timers are still set. */
export async function answer(measure: () => Promise<unknown>): Promise<void> {
  setTimeout(() => {
    console.error(`Cannot measure as it takes too long: current value of the limit is ${LIMIT_MS} ms`);
    Deno.exit(1);
  }, LIMIT_MS);
  console.log(JSON.stringify(await measure()));
  Deno.exit(0);
}

/** In the child: frees all memory that is not needed any more. */
export async function collectGarbage(): Promise<void> {
  const { gc } = globalThis as { gc?: () => void };
  if (!gc) throw new Error("Cannot measure without --v8-flags=--expose-gc: current value of gc is undefined");
  for (let turn = 0; turn < 3; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    gc();
  }
}
