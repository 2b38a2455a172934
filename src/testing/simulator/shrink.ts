/**
 * From a world in which a promise breaks to a smaller one in which it still does.
 *
 * @module
 */
import { FAULT_NAMES, type FaultName } from "./fault_names.ts";
import type { SimulateOptions } from "./options.ts";
import { simulate, type SimulationResult } from "./simulate.ts";

/** A world that was made smaller. */
export interface Shrunk {
  /** What to give to {@linkcode simulate} to see it again. */
  readonly options: SimulateOptions;
  /** What became of it. */
  readonly result: SimulationResult;
  /** How many worlds were tried. */
  readonly tried: number;
}

/** What to keep of it. */
interface Smaller {
  readonly replicas: readonly number[];
  readonly intervals: number;
  readonly without: readonly FaultName[];
}

/**
 * Makes a world in which a promise breaks smaller: fewer replicas, fewer kinds of faults, a shorter time, as long as the same
 * promise still breaks.
 *
 * @param options The options of the world.
 * @param run Lets a world run; to be given where `stores` or `tasks` remember something, which must be new for each world.
 * @returns The smallest world that was found; the one that was given, if nothing breaks in it.
 *
 * @example
 * ```ts
 * import { shrinkSimulation } from "@neat/periodic-task/testing";
 *
 * let runs = 0;
 * const broken = { seed: 1, tasks: () => void runs++, check: () => runs > 0 ? "it ran" : undefined };
 * const { result, options } = await shrinkSimulation(broken);
 * console.assert(result.violations[0]?.promise === "own-check");
 * console.assert(Array.isArray(options.replicas) && options.replicas.length === 1);
 * ```
 */
export async function shrinkSimulation(
  options: SimulateOptions,
  run: (options: SimulateOptions) => Promise<SimulationResult> = simulate,
): Promise<Shrunk> {
  let tried = 1;
  let result = await run(options);
  const promise = result.violations[0]?.promise;
  let smallest: Smaller = { replicas: result.replicas, intervals: result.intervals, without: [] };
  if (!promise) return { options, result, tried };
  const given = new Set(result.faults);
  const optionsOf = ({ replicas, intervals, without }: Smaller): SimulateOptions => {
    const faults = Object.fromEntries(FAULT_NAMES.map((name) => [name, given.has(name) && !without.includes(name)]));
    return { ...options, replicas, intervals, faults };
  };
  const attempt = async (smaller: Smaller): Promise<boolean> => {
    tried++;
    const next = await run(optionsOf(smaller));
    if (next.violations[0]?.promise !== promise) return false;
    [smallest, result] = [smaller, next];
    return true;
  };
  const shorten = async (): Promise<void> => {
    for (let intervals = Math.ceil(smallest.intervals / 2); intervals < smallest.intervals;) {
      if (!await attempt({ ...smallest, intervals })) intervals = Math.ceil((intervals + smallest.intervals + 1) / 2);
      else intervals = Math.ceil(smallest.intervals / 2);
    }
  };
  await shorten();
  for (const name of FAULT_NAMES) {
    if (given.has(name)) await attempt({ ...smallest, without: [...smallest.without, name] });
  }
  for (const index of [...smallest.replicas].reverse()) {
    const replicas = smallest.replicas.filter((other) => other !== index);
    if (replicas.length) await attempt({ ...smallest, replicas });
  }
  await shorten();
  return { options: optionsOf(smallest), result, tried };
}
