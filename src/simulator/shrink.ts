/**
 * Shrinks simulations in which a promise is broken.
 *
 * @module
 */
import { FAULT_NAMES, type FaultName } from "./fault_names.ts";
import type { SimulateOptions } from "./options.ts";
import { simulate, type SimulationResult } from "./simulate.ts";

/** The result of {@linkcode shrinkSimulation}. */
export interface ShrinkResult {
  /** The options of {@linkcode simulate} that give the smallest simulation again. */
  readonly options: SimulateOptions;
  /** The result of the smallest simulation. */
  readonly result: SimulationResult;
  /** How many simulations were run. */
  readonly tried: number;
}

/** What can be made smaller. */
interface Size {
  readonly replicas: readonly number[];
  readonly intervals: number;
  /** The faults that are turned off. */
  readonly without: readonly FaultName[];
}

/**
 * Looks for a smaller simulation in which the same promise is broken first: with fewer replicas, fewer kinds of faults and fewer
 * intervals.
 *
 * @param options The options of a simulation.
 * @param run Runs a simulation. Needed if `stores` or `tasks` keep a state, which must be new for each simulation.
 * @returns The smallest simulation that was found; the given one if no promise is broken in it.
 *
 * @example
 * ```ts
 * import { shrinkSimulation } from "@neat/periodic-task/simulator";
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
): Promise<ShrinkResult> {
  const result = await run(options);
  const promise = result.violations[0]?.promise;
  if (!promise) return { options, result, tried: 1 };
  const search = new ShrinkSearch(options, result, promise, run);
  await search.shorten();
  await search.removeFaults();
  await search.removeReplicas();
  await search.shorten();
  return search.best;
}

/** Tries smaller simulations one after another. */
class ShrinkSearch {
  readonly #options: SimulateOptions;
  readonly #run: (options: SimulateOptions) => Promise<SimulationResult>;
  readonly #promise: string;
  /** The faults that might happen at first. */
  readonly #faults: ReadonlySet<FaultName>;
  #size: Size;
  #result: SimulationResult;
  #tried = 1;

  constructor(
    options: SimulateOptions,
    result: SimulationResult,
    promise: string,
    run: (options: SimulateOptions) => Promise<SimulationResult>,
  ) {
    this.#options = options;
    this.#run = run;
    this.#promise = promise;
    this.#faults = new Set(result.faults);
    this.#size = { replicas: result.replicas, intervals: result.intervals, without: [] };
    this.#result = result;
  }

  /** The smallest simulation so far. */
  get best(): ShrinkResult {
    return { options: this.#optionsOf(this.#size), result: this.#result, tried: this.#tried };
  }

  /** Looks for the fewest intervals, by halving the distance. */
  async shorten(): Promise<void> {
    let intervals = Math.ceil(this.#size.intervals / 2);
    while (intervals < this.#size.intervals) {
      const isBroken = await this.#try({ ...this.#size, intervals });
      intervals = isBroken
        ? Math.ceil(this.#size.intervals / 2)
        : Math.ceil((intervals + this.#size.intervals + 1) / 2);
    }
  }

  /** Turns off each fault that is not needed. */
  async removeFaults(): Promise<void> {
    for (const name of FAULT_NAMES) {
      if (this.#faults.has(name)) await this.#try({ ...this.#size, without: [...this.#size.without, name] });
    }
  }

  /** Removes each replica that is not needed. */
  async removeReplicas(): Promise<void> {
    for (const index of [...this.#size.replicas].reverse()) {
      const replicas = this.#size.replicas.filter((other) => other !== index);
      if (replicas.length) await this.#try({ ...this.#size, replicas });
    }
  }

  /** Runs a smaller simulation, and keeps it if the same promise is broken. */
  async #try(size: Size): Promise<boolean> {
    this.#tried++;
    const result = await this.#run(this.#optionsOf(size));
    if (result.violations[0]?.promise !== this.#promise) return false;
    this.#size = size;
    this.#result = result;
    return true;
  }

  #optionsOf({ replicas, intervals, without }: Size): SimulateOptions {
    const isOn = (name: FaultName): boolean => this.#faults.has(name) && !without.includes(name);
    const faults = Object.fromEntries(FAULT_NAMES.map((name) => [name, isOn(name)]));
    return { ...this.#options, replicas, intervals, faults };
  }
}
