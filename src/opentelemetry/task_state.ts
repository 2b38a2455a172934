/**
 * What a replica knows of a task, for metrics that show a state.
 *
 * @module
 */
import type { TaskStatus } from "../results.ts";
import { knownStatus, type NeatPeriodicTaskScheduler } from "../scheduler.ts";
import type { Settings } from "../settings.ts";

/** The number of gaps of a schedule that its longest gap is taken from. */
const SAMPLED_GAPS = 10;

/** The state of a task for its metrics. A value that is not known is `undefined`. */
export interface TaskFigures {
  /** The time since a run last finished, in seconds. */
  readonly successAgeS: number | undefined;
  readonly failures: number | undefined;
  /** The next due time, in seconds since 1970. */
  readonly nextDueS: number | undefined;
  /** The interval, or the longest of the next gaps of a schedule, in seconds. */
  readonly intervalS: number | undefined;
  readonly isPaused: boolean | undefined;
  /** The time since the first failed call of an outage, in seconds; 0 if the store answers. */
  readonly outageS: number;
}

/**
 * The state of a task, from the record that the scheduler has last read or written and from its events. Never calls the store.
 *
 * A standby reads the record after each due time. So its figures are those of the last check, and the largest or smallest one of all
 * replicas is the present one.
 */
export class TaskState {
  readonly #scheduler: NeatPeriodicTaskScheduler;
  readonly #settings: Settings;
  #status: TaskStatus | undefined;
  #lastSuccessMs = -Infinity;
  #outageSinceMs: number | undefined;
  #interval: { readonly ms: number; readonly untilMs: number } | undefined;

  /** Creates the state of a task. */
  constructor(scheduler: NeatPeriodicTaskScheduler, settings: Settings) {
    this.#scheduler = scheduler;
    this.#settings = settings;
  }

  /** Notes that a run has finished. */
  finished(): void {
    this.#lastSuccessMs = this.#settings.clock.nowMs();
  }

  /** Notes that a store call has failed. */
  storeFailed(): void {
    this.#outageSinceMs ??= this.#settings.clock.monotonicMs();
  }

  /** Notes that the store answers. */
  storeAnswered(): void {
    this.#outageSinceMs = undefined;
  }

  /** Returns the present figures. */
  figures(): TaskFigures {
    const { clock } = this.#settings;
    const status = this.#status = knownStatus(this.#scheduler) ?? this.#status;
    if (status) this.#lastSuccessMs = Math.max(this.#lastSuccessMs, lastSuccessMs(status));
    const nextDueMs = (status?.due ?? this.#scheduler.explain().due)?.getTime();
    const ageMs = clock.nowMs() - this.#lastSuccessMs;
    return {
      successAgeS: Number.isFinite(ageMs) ? Math.max(0, ageMs) / 1_000 : undefined,
      failures: status?.failures,
      nextDueS: nextDueMs === undefined || !Number.isFinite(nextDueMs) ? undefined : nextDueMs / 1_000,
      intervalS: inSeconds(this.#intervalMs()),
      isPaused: status && status.paused !== undefined,
      outageS: this.#outageSinceMs === undefined ? 0 : (clock.monotonicMs() - this.#outageSinceMs) / 1_000,
    };
  }

  /** Returns the interval. The gaps of a schedule are reckoned again after its next due time. */
  #intervalMs(): number {
    const { schedule, intervalMs, clock } = this.#settings;
    if (!schedule) return intervalMs;
    const nowMs = clock.nowMs();
    if (!this.#interval || nowMs >= this.#interval.untilMs) this.#interval = this.#longestGap(nowMs);
    return this.#interval.ms;
  }

  #longestGap(nowMs: number): { ms: number; untilMs: number } {
    const { dueTimes, intervalMs } = this.#settings;
    try {
      const firstMs = dueTimes.after(nowMs);
      let longestMs = 0;
      let dueMs = firstMs;
      for (let gaps = 0; gaps < SAMPLED_GAPS && dueMs < Infinity; gaps++) {
        const nextMs = dueTimes.after(dueMs);
        if (nextMs < Infinity) longestMs = Math.max(longestMs, nextMs - dueMs);
        dueMs = nextMs;
      }
      return { ms: longestMs, untilMs: firstMs };
    } catch {
      // the scheduler reports a schedule that fails
      return { ms: intervalMs, untilMs: nowMs + intervalMs };
    }
  }
}

/** Returns the time at which a run last finished; -Infinity if the record does not tell. */
function lastSuccessMs({ state, finished, started, recent }: TaskStatus): number {
  // Dart's neat_periodic_task does not write the end of a run
  const end = finished ?? started;
  if (state === "finished" && end) return end.getTime();
  const last = recent.findLast(({ outcome }) => outcome === "finished");
  return last ? Date.parse(last.start) + last.length : -Infinity;
}

function inSeconds(ms: number): number | undefined {
  return ms > 0 && Number.isFinite(ms) ? ms / 1_000 : undefined;
}
