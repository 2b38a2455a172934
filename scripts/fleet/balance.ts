/**
 * How the runs of many tasks are shared out among replicas.
 *
 * @module
 */
import { MemoryStore, NeatPeriodicTaskGroup, NeatPeriodicTaskScheduler } from "../../mod.ts";
import { seededRandom } from "../../src/testing/seeded_random.ts";
import { VirtualClock } from "../../src/simulator/virtual_clock.ts";

const TASKS = 100;
const MINUTE = 60_000;
/** Replicas start, and restart, one after the other. */
const GAP_MS = 10_000;

/** The share of the runs of the busiest replica, from 0 to 1. */
export interface Balance {
  readonly afterStart: number;
  readonly afterRollingRestart: number;
}

/** Simulates 100 tasks of a minute on replicas that start one after the other, and then restart one after the other. */
export async function balanceOf(replicas: number): Promise<Balance> {
  const virtual = new VirtualClock({ startMs: Date.UTC(2026, 0, 31) });
  const store = new MemoryStore();
  const runs = Array.from({ length: replicas }, () => 0);
  const start = (index: number): NeatPeriodicTaskGroup => {
    const schedulers = Array.from({ length: TASKS }, (_, task) =>
      new NeatPeriodicTaskScheduler({
        name: `task-${task}`,
        instance: `replica-${index}`,
        interval: MINUTE,
        timeout: 10_000,
        store,
        clock: virtual.view({ random: seededRandom(1_000 * index + task) }),
        log: { info() {}, warn() {}, error() {} },
        task: () => void (runs[index] = (runs[index] ?? 0) + 1),
      }));
    const group = new NeatPeriodicTaskGroup(schedulers);
    group.start();
    return group;
  };
  const busiest = async (): Promise<number> => {
    runs.fill(0);
    await virtual.runUntil(virtual.elapsedMs + 10 * MINUTE);
    return Math.max(...runs) / runs.reduce((sum, count) => sum + count, 0);
  };
  const groups: NeatPeriodicTaskGroup[] = [];
  for (let index = 0; index < replicas; index++) {
    groups.push(start(index));
    await virtual.runUntil(virtual.elapsedMs + GAP_MS);
  }
  const afterStart = await busiest();
  for (let index = 0; index < replicas; index++) {
    void groups[index]?.stop();
    await virtual.runUntil(virtual.elapsedMs + GAP_MS);
    groups[index] = start(index);
    await virtual.runUntil(virtual.elapsedMs + GAP_MS);
  }
  return { afterStart, afterRollingRestart: await busiest() };
}
