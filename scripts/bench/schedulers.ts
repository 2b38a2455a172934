import type { Logger, NeatPeriodicTaskOptions, NeatPeriodicTaskScheduler } from "../../mod.ts";

/** Keeps nothing and prints nothing. */
export const SILENT: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/** How many are started at once. */
const BATCH = 100;

/** The options that a user gives at the least. */
export type LeastOptions = Required<Pick<NeatPeriodicTaskOptions, "name" | "interval" | "timeout" | "log" | "task">>;

/** Options with lengths as numbers: objects would make the options larger, and by comparison the scheduler smaller. */
export function optionsOf(name: string, intervalMs: number, task: LeastOptions["task"]): LeastOptions {
  return { name, interval: intervalMs, timeout: 60_000, log: SILENT, task };
}

/** Starts schedulers whose first run is due, and resolves when each has made it and waits for its next check. */
export async function startAll(schedulers: NeatPeriodicTaskScheduler[]): Promise<void> {
  for (let first = 0; first < schedulers.length; first += BATCH) {
    const batch = schedulers.slice(first, first + BATCH);
    for (const scheduler of batch) scheduler.start();
    do {
      await new Promise((resolve) => setTimeout(resolve, 0));
    } while (batch.some((scheduler) => !scheduler.explain().until));
  }
}
