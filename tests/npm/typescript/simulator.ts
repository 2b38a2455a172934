/** What a project in TypeScript does with the simulator: each name that is exported, and lines that must not compile. */
import { MemoryStore } from "@neat/periodic-task";
import {
  type Clock,
  type Duration,
  type DurationLike,
  FAULT_NAMES,
  type FaultName,
  type PromiseName,
  PROMISES,
  type Run,
  type Schedule,
  type ShrinkResult,
  shrinkSimulation,
  simulate,
  type SimulatedHost,
  type SimulateOptions,
  SIMULATION_KINDS,
  type SimulationKind,
  type SimulationResult,
  type SimulationStats,
  type StatusEntry,
  type StatusStore,
  type StoreCallOptions,
  type UserCode,
  type Violation,
} from "@neat/periodic-task/simulator";

/** Due times in place of an interval. */
const schedule: Schedule = { next: (after) => new Date(after.getTime() + 60_000) };

/** Simulations by a schedule. */
export const scheduled: SimulateOptions = { seed: 7, schedule, startDeadline: { seconds: 30 } };

/** Simulations. */
export async function simulations(): Promise<unknown[]> {
  const names: FaultName[] = [...FAULT_NAMES];
  const promises: PromiseName[] = ["no-overlap"];
  const kinds: readonly SimulationKind[] = SIMULATION_KINDS;
  const units: DurationLike = { minutes: 1 };
  const interval: Duration = units;
  const code: UserCode = { stores: (host: SimulatedHost) => new Far(host), record: () => null };
  const options: SimulateOptions = {
    seed: 7,
    replicas: [0, 2],
    intervals: 5,
    ...code,
    kind: kinds[0],
    interval,
    timeout: 10_000,
    heartbeatTimeout: 5_000,
    faults: Object.fromEntries(names.map((name) => [name, true])),
    tasks: async (run: Run, host) => await host.sleep(host.random() * 1_000, run.signal),
    check: () => undefined,
  };
  const result: SimulationResult = await simulate(options);
  const stats: SimulationStats = result.stats;
  const violations: readonly Violation[] = result.violations;
  const [first] = violations;
  const text: string = first ? `${PROMISES[first.promise]} ${first.text} ${first.step} ${first.atMs}` : "none";
  const shrunk: ShrinkResult | undefined = first && await shrinkSimulation(options);
  return [promises, result.timeline(), stats.runs, stats.faults["any"]?.toFixed(), text, shrunk?.options.seed];
}

class Far extends MemoryStore implements StatusStore {
  readonly #host: SimulatedHost;

  constructor(host: SimulatedHost) {
    super();
    this.#host = host;
  }

  override async read(key: string, options?: StoreCallOptions): Promise<StatusEntry | null> {
    const clock: Clock = this.#host.clock;
    const entry = await this.#host.call(() => super.read(key), options?.signal);
    return entry && clock.nowMs() > 0 ? { ...entry, storeTime: this.#host.storeTimeMs() } : entry;
  }
}

/** None of this may compile. */
export function refused(): unknown[] {
  return [
    // @ts-expect-error: there is no seed
    () => simulate({}),
    // @ts-expect-error: there is no such kind of simulation
    () => simulate({ seed: 1, kind: "perfect" }),
    // @ts-expect-error: there is no such promise
    () => PROMISES["no-fun"],
    // @ts-expect-error: a simulation is asynchronous
    () => simulate({ seed: 1 }).violations,
  ];
}
