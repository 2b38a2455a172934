/** What the original is told, in milliseconds, and how long its task takes. */
interface Told {
  readonly intervalMs: number;
  readonly taskMs: number;
  readonly endMs: number;
}

/** The original's defaults. */
const MIN_CYCLE_MS = 5 * 60_000;
const MAX_CYCLE_MS = 3 * 3_600_000;

/**
 * When the Dart original would start its runs in one process, with a task that never fails and a store that takes no time.
 *
 * It reckons from the start of the last run, and when the next is not due it sleeps for half the interval, however little is
 * left of it. So it notices late that a run is due, and each run is due an interval after such a late one.
 */
export function originalStarts({ intervalMs, taskMs, endMs }: Told): number[] {
  const sleepMs = Math.min(Math.max(intervalMs / 2, MIN_CYCLE_MS), MAX_CYCLE_MS);
  const startsMs: number[] = [];
  let nowMs = 0;
  while (nowMs < endMs) {
    const lastMs = startsMs.at(-1) ?? -Infinity;
    if (nowMs - lastMs < intervalMs) {
      nowMs += sleepMs;
    } else {
      startsMs.push(nowMs);
      nowMs += taskMs;
    }
  }
  return startsMs;
}
