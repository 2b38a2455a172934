import type { IntervalTaskOptions, Logger, NeatPeriodicTaskScheduler } from "../../mod.ts";

/** Logs nothing. */
export const SILENT: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/** How many schedulers are started at once. */
const BATCH = 100;

/** The required options and a logger. */
export type MinimalOptions = Required<Pick<IntervalTaskOptions, "name" | "interval" | "timeout" | "log" | "task">>;

/** Makes options with lengths as numbers: objects would make the options larger, and the scheduler smaller by comparison. */
export function minimalOptions(name: string, intervalMs: number, task: MinimalOptions["task"]): MinimalOptions {
  return { name, interval: intervalMs, timeout: 60_000, log: SILENT, task };
}

/** Starts schedulers whose first run is due, and resolves when each has run and waits for its next check. */
export async function startAll(schedulers: readonly NeatPeriodicTaskScheduler[]): Promise<void> {
  for (let first = 0; first < schedulers.length; first += BATCH) {
    const batch = schedulers.slice(first, first + BATCH);
    for (const scheduler of batch) scheduler.start();
    do {
      await new Promise((resolve) => setTimeout(resolve, 0));
    } while (batch.some((scheduler) => !scheduler.explain().until));
  }
}
