/**
 * Simulates replicas of one task in virtual time and counts the calls to their store.
 *
 * @module
 */
import { type Logger, NeatPeriodicTaskScheduler } from "../../mod.ts";
import { seededRandom } from "../../src/testing/seeded_random.ts";
import { DartReplica } from "../../src/simulator/dart_replica.ts";
import { VirtualClock } from "../../src/simulator/virtual_clock.ts";
import { MeteredStore } from "./metered_store.ts";

/** The implementation that the replicas run. */
export type Implementation = "this package" | "original";

/** The options of all replicas and the length of their task. Lengths are in milliseconds. */
export interface SimulatedTask {
  readonly interval: number;
  readonly timeout: number;
  readonly minCycle?: number;
  readonly taskMs: number;
}

/** What happened from the first start on. */
export interface SimulatedCalls {
  readonly runs: number;
  readonly reads: number;
  readonly writes: number;
  readonly conflicts: number;
  /** Runs that started during another run. */
  readonly overlaps: number;
  /** Runs for a due time that had one already. */
  readonly repeated: number;
  /** Due times without a run. */
  readonly missed: number;
}

/** A task once an hour, with the defaults of both implementations. */
export const HOURLY: SimulatedTask = { interval: 3_600_000, timeout: 600_000, taskMs: 60_000 };

/** The task of the original's own example. */
export const FREQUENT: SimulatedTask = { interval: 30_000, timeout: 5_000, minCycle: 5_000, taskMs: 1_000 };

/** The replicas start one after another within this time. */
export const START_MS = 60_000;

/** The clocks of the replicas' hosts are ahead by at most this. */
export const MAX_OFFSET_MS = 100;

const BEGIN_MS = Date.parse("2026-01-31T12:00:00Z");
const SILENT: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/** Simulates replicas of a task on one store. The same seed gives the same result. */
export async function simulateReplicas(
  implementation: Implementation,
  replicas: number,
  { taskMs, ...lengths }: SimulatedTask,
  spanMs: number,
  seed: number,
): Promise<SimulatedCalls> {
  const virtual = new VirtualClock({ startMs: BEGIN_MS });
  const random = seededRandom(seed);
  const store = new MeteredStore(virtual, random);
  const dueTimes = new Set<number>();
  let [runs, running, overlaps] = [0, 0, 0];
  const run = async (dueMs: number): Promise<void> => {
    runs++;
    dueTimes.add(dueMs);
    if (running++ > 0) overlaps++;
    await virtual.delay(taskMs);
    running--;
  };
  for (let index = 0; index < replicas; index++) {
    const clock = virtual.view({
      offsetMs: Math.round(MAX_OFFSET_MS * random()),
      random: seededRandom(Math.floor(2 ** 32 * random())),
    });
    const common = { name: "shared", store, clock };
    const { interval: intervalMs, timeout: timeoutMs, minCycle: minCycleMs } = lengths;
    const replica = implementation === "original"
      // it has no due times, so each run counts as one
      ? new DartReplica({ ...common, intervalMs, timeoutMs, minCycleMs, task: () => run(runs) })
      : new NeatPeriodicTaskScheduler({
        ...common,
        ...lengths,
        log: SILENT,
        task: ({ scheduled }) => run(scheduled.getTime()),
      });
    void virtual.delay(START_MS * index / replicas).then(() => replica.start());
  }
  // no replica is stopped: all of them end with their virtual time
  await virtual.runUntil(spanMs);
  const { reads, writes, conflicts } = store;
  const missed = Math.round(spanMs / lengths.interval) - dueTimes.size;
  return { runs, reads, writes, conflicts, overlaps, repeated: runs - dueTimes.size, missed };
}
