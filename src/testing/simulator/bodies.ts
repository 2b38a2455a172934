/**
 * Tasks as they are in worlds that are given none: most return soon, some throw, some are late, and some never end.
 *
 * @module
 */
import { Chance } from "./chance.ts";
import type { FaultName } from "./fault_names.ts";
import type { Machine } from "./machine.ts";
import type { Process } from "./process.ts";
import type { FencedSink } from "./sink.ts";
import type { Stats } from "./stats.ts";

/** What a task is given here; replicas of the original have no more. */
export interface BodyRun {
  readonly term: number;
  readonly owner: string;
  readonly signal?: AbortSignal | undefined;
}

/** How a run goes. */
type Manner = "quick" | Extract<FaultName, "throw" | "late" | "ignore" | "hang">;

/** The tasks of one machine. */
export class Bodies {
  readonly #chance: Chance;
  readonly #sink: FencedSink;
  readonly #stats: Stats;
  readonly #faults: ReadonlySet<FaultName>;
  readonly #weights: Record<Manner, number>;
  readonly #part: number;

  constructor(seed: number, machine: Machine, sink: FencedSink, stats: Stats, faults: ReadonlySet<FaultName>) {
    // how busy a world's tasks are, all of its machines have in common
    const world = new Chance(seed, "bodies");
    const isBad = world.whether(0.6);
    this.#part = world.pick([0.02, 0.2, 0.6]);
    this.#weights = isBad
      ? { quick: 10, throw: 2, late: world.pick([1, 4, 12]), ignore: 1, hang: world.pick([0, 0, 0.3]) }
      : { quick: 20, throw: 1, late: 0, ignore: 0, hang: 0 };
    this.#chance = new Chance(seed, "bodies", machine.index);
    this.#sink = sink;
    this.#stats = stats;
    this.#faults = faults;
  }

  /** One run. */
  async run(process: Process, { term, owner, signal }: BodyRun, timeoutMs: number): Promise<void> {
    const chance = this.#chance;
    const drawn = chance.weighted(this.#weights);
    const quickMs = chance.magnitude(1, Math.max(2, timeoutMs * this.#part));
    const lateMs = timeoutMs * chance.between(0.6, 1.5);
    const afterMs = chance.magnitude(1, 2 * timeoutMs);
    const sends = chance.whether(0.5);
    const manner: Manner = drawn === "quick" || this.#faults.has(drawn) ? drawn : "quick";
    if (manner !== "quick") this.#stats.fault(manner);
    const send = async (): Promise<void> => {
      if (!sends) return;
      await process.call(() => this.#sink.write(term, owner)).catch(() => {});
    };
    if (manner === "hang") return await new Promise<void>(() => {});
    await process.sleep(manner === "quick" || manner === "throw" ? quickMs : lateMs, signal).catch(async (error) => {
      if (manner === "ignore") await process.sleep(afterMs);
      // others obey
      throw error;
    });
    if (manner === "throw") throw new Error("The task has thrown");
    await send();
  }
}
