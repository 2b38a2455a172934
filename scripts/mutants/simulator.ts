import { runDeno } from "./command.ts";

/** The entry point of the simulator, below the project's root. It exports `simulate`. */
const SIMULATOR = "src/simulator/mod.ts";

/** What the simulator found. */
export interface SimulatorResult {
  /** The promise that was broken, if one was. */
  readonly promise?: string | undefined;
  /** How many simulated runs it took, or how many found nothing. */
  readonly runs: number;
}

/**
 * Runs the simulator in a copy of the project until a promise is broken.
 *
 * @param folder The copy.
 * @param imports The arguments that resolve the imports.
 * @param seed The first seed.
 * @param runs How many seeds are tried.
 * @param limitMs How long it may take: a fault may make a simulated run go on without end.
 * @throws {Error} If the simulator could not be run.
 */
export async function killingPromise(
  folder: string,
  imports: readonly string[],
  seed: number,
  runs: number,
  limitMs: number,
): Promise<SimulatorResult> {
  const script = "scripts/mutants/simulate.ts";
  const args = ["run", "-A", "--no-check", ...imports, script, `${folder}/${SIMULATOR}`, String(seed), String(runs)];
  const { code, isTimedOut, output } = await runDeno(folder, args, limitMs);
  const started = output.match(/^run \d+$/gm)?.length ?? 0;
  if (isTimedOut) return { promise: "the run ends", runs: started };
  const promise = output.match(/^broken (.+)$/m)?.[1];
  if (promise) return { promise, runs: started };
  // an error that escapes ends the process
  if (code !== 0 && started > 0) return { promise: "the process lives", runs: started };
  if (code !== 0) throw new Error(`Cannot run the simulator: current value of its output is\n${output}`);
  return { runs: started };
}
