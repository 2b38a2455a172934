/**
 * What a replica knows of a task, for metrics that show a state.
 *
 * @module
 */
import { MAX_DATE_MS } from "../record/record_time.ts";
import { missedDueTimes } from "../monitoring/missed_due_times.ts";
import { Observations } from "../monitoring/observations.ts";
import type { Run } from "../options.ts";
import type { Explanation, TaskStatus } from "../results.ts";
import { knownStatus, leavesChecks, type NeatPeriodicTaskScheduler } from "../scheduler.ts";
import type { Settings } from "../settings.ts";

/** Counting missed due times ends at this number, as a schedule is asked for each of them. */
const MAX_MISSED = 10;

/** The reasons of waits that follow an answer of the store. */
const ANSWERED: readonly Explanation["reason"][] = ["not-due", "standby", "retry-delay", "running-elsewhere", "paused"];

/** The state of a task for its metrics. A value that is not known is `undefined`. */
export interface TaskFigures {
  /** The time since a run last finished, in seconds. */
  readonly successAgeS: number | undefined;
  readonly failures: number | undefined;
  /** The time from which the next run may start, in seconds since 1970. */
  readonly nextDueS: number | undefined;
  /** The due times for which no run has finished, up to 10. */
  readonly missed: number | undefined;
  /** The term of the last claim. */
  readonly term: number | undefined;
  readonly isPaused: boolean | undefined;
  /** The time since the first failed call of an outage, in seconds; 0 if the store answers. */
  readonly outageS: number;
}

/**
 * The state of a task, from the record that the scheduler has last read or written and from its events. Never calls the store.
 *
 * A standby reads the record after some due times. So its figures are those of the last check, and the largest or smallest one of all
 * replicas is the present one. One that leaves checks to others shows neither failures nor a pause, which may be over.
 */
export class TaskState {
  readonly #scheduler: NeatPeriodicTaskScheduler;
  readonly #settings: Settings;
  readonly #observations = new Observations();
  #status: TaskStatus | undefined;
  #lastSuccessMs = -Infinity;
  /** The due time of the last run that has finished here. */
  #lastServedMs = -Infinity;
  #outageSinceMs: number | undefined;

  /** Creates the state of a task. */
  constructor(scheduler: NeatPeriodicTaskScheduler, settings: Settings) {
    this.#scheduler = scheduler;
    this.#settings = settings;
  }

  /** Notes that a run has finished. */
  finished({ scheduled }: Pick<Run, "scheduled">): void {
    this.#lastSuccessMs = this.#settings.clock.nowMs();
    this.#lastServedMs = scheduled.getTime();
  }

  /** Notes that a store call has failed. */
  storeFailed(): void {
    this.#outageSinceMs ??= this.#settings.clock.monotonicMs();
  }

  /** Notes that the store answers. */
  storeAnswered(): void {
    this.#outageSinceMs = undefined;
  }

  /**
   * Returns the time from the due time of a run to its claim, in seconds; `undefined` if a run has finished since the due time. Such a
   * run was triggered or requested, and is not late. Call it when the run was claimed.
   */
  latenessS({ scheduled, started }: Pick<Run, "scheduled" | "started">): number | undefined {
    const dueMs = scheduled.getTime();
    const last = knownStatus(this.#scheduler)?.recent.findLast(({ outcome }) => outcome === "finished");
    const isServed = last !== undefined && Date.parse(last.start) >= dueMs || this.#lastServedMs >= dueMs;
    return isServed ? undefined : Math.max(0, started.getTime() - dueMs) / 1_000;
  }

  /** Returns the present figures. */
  figures(): TaskFigures {
    const { clock } = this.#settings;
    const explanation = this.#scheduler.explain();
    const status = this.#status = knownStatus(this.#scheduler) ?? this.#status;
    if (status) this.#lastSuccessMs = Math.max(this.#lastSuccessMs, lastSuccessMs(status));
    const nextDueMs = nextDueTimeMs(explanation, status);
    const isCurrent = !leavesChecks(this.#scheduler);
    const ageMs = clock.nowMs() - this.#lastSuccessMs;
    return {
      successAgeS: Number.isFinite(ageMs) ? Math.max(0, ageMs) / 1_000 : undefined,
      failures: isCurrent ? status?.failures : status && 0,
      nextDueS: nextDueMs === undefined || !Number.isFinite(nextDueMs) ? undefined : nextDueMs / 1_000,
      missed: status && this.#missed(status, explanation),
      // Dart's neat_periodic_task drops the term
      term: status && status.term > 0 ? status.term : undefined,
      isPaused: status && isCurrent && status.paused !== undefined,
      outageS: this.#outageMs(explanation) / 1_000,
    };
  }

  /** Returns the number of missed due times. A schedule that fails misses all of them, as its task does not run. */
  #missed(status: TaskStatus, { reason }: Explanation): number | undefined {
    const { name, dueTimes, timeoutMs, clock } = this.#settings;
    const nowMs = clock.nowMs();
    const { unfinishedSinceMs: watchedFromMs = nowMs, pausedUntilMs } = this.#observations.note(
      name,
      { kind: "task", status },
      nowMs,
    );
    try {
      return missedDueTimes(
        status,
        { kind: "scheduler", dueTimes, timeoutMs, watchedFromMs, pausedUntilMs },
        nowMs,
        MAX_MISSED,
      ).count;
    } catch {
      return reason === "schedule-error" ? MAX_MISSED : undefined;
    }
  }

  /** Returns the length of the outage. A scheduler that is not started makes no further calls, which could be answered. */
  #outageMs({ state, reason }: Explanation): number {
    // no event tells that the store no longer refuses claims
    if (ANSWERED.includes(reason)) this.#outageSinceMs = undefined;
    if (this.#outageSinceMs === undefined || state !== "started") return 0;
    return this.#settings.clock.monotonicMs() - this.#outageSinceMs;
  }
}

/**
 * Returns the time from which the next run may start. If there is none, it is the last one of a `Date`, as an SDK goes on showing the
 * last value of a gauge that has none.
 *
 * The due time of the record is that of the replica which ran last. This scheduler may wait for another one: the record's was given up
 * at the start deadline, or the schedule was changed by a deploy.
 */
function nextDueTimeMs({ state, reason, due }: Explanation, status: TaskStatus | undefined): number | undefined {
  const recordMs = status?.due?.getTime();
  if (state !== "started") return recordMs;
  if (reason === "schedule-ended") return MAX_DATE_MS;
  if (reason === "not-due" || reason === "standby" || recordMs === undefined) return due?.getTime() ?? recordMs;
  // a lease, or the delay of a repetition, may end after the due time
  return Math.max(recordMs, due?.getTime() ?? recordMs);
}

/** Returns the time at which a run last finished; -Infinity if the record does not tell. */
function lastSuccessMs({ state, finished, started, recent }: TaskStatus): number {
  // Dart's neat_periodic_task does not write the end of a run
  const end = finished ?? started;
  if (state === "finished" && end) return end.getTime();
  const last = recent.findLast(({ outcome }) => outcome === "finished");
  return last ? Date.parse(last.start) + last.length : -Infinity;
}
