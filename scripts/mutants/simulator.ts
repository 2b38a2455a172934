import { ROOT } from "../../internal/processes/deno_command.ts";
import { ended } from "./child.ts";

/** What the simulator found. */
export interface Hunt {
  /** The promise that broke, if one did. */
  readonly promise?: string | undefined;
  /** How many worlds it took, or how many found nothing. */
  readonly worlds: number;
}

const WORLDS = "scripts/mutants/worlds.ts";

/** Whether there is a simulator. */
export function hasSimulator(): boolean {
  try {
    return Deno.statSync(new URL("src/simulator", ROOT)).isDirectory &&
      Deno.statSync(new URL(WORLDS, ROOT)).isFile;
  } catch {
    return false;
  }
}

/**
 * Lets the simulator look for a broken promise in a copy of the project.
 *
 * @param folder The copy.
 * @param imports The arguments that resolve the imports.
 * @param seed The first seed.
 * @param worlds How many seeds are tried.
 * @param limitMs How long it may take: a fault may make a world go on for ever.
 */
export async function killingPromise(
  folder: string,
  imports: readonly string[],
  seed: number,
  worlds: number,
  limitMs: number,
): Promise<Hunt> {
  const args = ["run", "-A", "--no-check", ...imports, WORLDS, String(seed), String(worlds)];
  const { code, isLate, output } = await ended(folder, args, limitMs);
  const begun = output.match(/^world \d+$/gm)?.length ?? 0;
  if (isLate) return { promise: "the world ends", worlds: begun };
  const promise = output.match(/^broken (.+)$/m)?.[1];
  if (promise) return { promise, worlds: begun };
  // an error that escapes ends the process; in the core's own worlds none does
  if (code !== 0 && begun) return { promise: "the process lives", worlds: begun };
  if (code !== 0) throw new Error(`Cannot run the simulator: current value of its output is\n${output}`);
  return { worlds: begun };
}
