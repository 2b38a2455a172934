/**
 * The report of a health check, and the rules for it. Pure.
 *
 * @module
 */
import type { SchedulerState } from "../results.ts";
import {
  compareSeverities,
  type Condition,
  type ConditionReason,
  type Severity,
  type WatchedTask,
} from "../monitoring/watched_task.ts";

/** The health of one task. */
export interface TaskHealth {
  /** The name of the task. */
  readonly name: string;
  /** The severity. `critical` makes the answer 503. */
  readonly severity: Severity;
  /** The reason of the severity. */
  readonly reason: ConditionReason | "not-started" | "not-ready" | "stopping" | "ready" | "alive";
  /** The reason in a few words for people. Its wording may change. */
  readonly message: string;
  /** The time since when it is so, as ISO text; absent if it is not known. */
  readonly since?: string | undefined;
  /** The text of the error or of the record; absent without the option `details`. */
  readonly detail?: string | undefined;
}

/** The JSON document of a health check. */
export interface HealthReport {
  /** Whether the answer is 200 (`healthy`) or 503 (`unhealthy`). */
  readonly status: "healthy" | "unhealthy";
  /** The tasks, the unhealthy ones first, then by name. */
  readonly tasks: readonly TaskHealth[];
}

/** Returns the report about some tasks. */
export function reportOf(tasks: readonly TaskHealth[]): HealthReport {
  const sorted = [...tasks].sort((one, other) =>
    compareSeverities(one.severity, other.severity) || (one.name < other.name ? -1 : 1)
  );
  const isUnhealthy = tasks.some(({ severity }) => severity === "critical");
  return { status: isUnhealthy ? "unhealthy" : "healthy", tasks: sorted };
}

/** Returns the health of a task by its record. */
export function taskHealth({ name, condition }: WatchedTask, hasDetails: boolean): TaskHealth {
  const { severity, reason, message, since, detail } = condition;
  return {
    name,
    severity,
    reason,
    message,
    ...since && { since: since.toISOString() },
    ...hasDetails && detail !== undefined && { detail },
  };
}

/**
 * Returns whether a scheduler is alive: its loop does what it has announced. Needs no store, so that an outage of the store does
 * not restart the processes.
 *
 * @param name The name of the task.
 * @param state The state of the scheduler.
 * @param stuck The condition of a scheduler whose check is overdue; `undefined` if it is not.
 */
export function liveness(name: string, state: SchedulerState, stuck: Condition | undefined): TaskHealth {
  if (!stuck) return { name, severity: "ok", reason: "alive", message: ALIVE[state] };
  const { severity, reason, message, since } = stuck;
  return { name, severity, reason, message, ...since && { since: since.toISOString() } };
}

const ALIVE: Readonly<Record<SchedulerState, string>> = {
  new: "the scheduler was not started",
  started: "the loop of the scheduler is alive",
  stopping: "the scheduler stops",
  stopped: "the scheduler has stopped",
};

/**
 * Returns whether a scheduler is ready: it has started, and the store has answered a check since then. A later outage of the
 * store does not end readiness, as all replicas would then be taken out of service together.
 *
 * @param name The name of the task.
 * @param state The state of the scheduler.
 * @param hasBeenAnswered Whether the store has answered a check.
 * @param othersGoOn Whether another scheduler of the process goes on, so that the process does not stop.
 */
export function readiness(
  name: string,
  state: SchedulerState,
  hasBeenAnswered: boolean,
  othersGoOn: boolean,
): TaskHealth {
  if (state === "started" && hasBeenAnswered) {
    return { name, severity: "ok", reason: "ready", message: "the store has answered a check" };
  }
  const [reason, message] = NOT_READY[state];
  const isNotice = othersGoOn && (state === "stopping" || state === "stopped");
  return { name, severity: isNotice ? "notice" : "critical", reason, message };
}

const NOT_READY: Readonly<Record<SchedulerState, readonly [TaskHealth["reason"], string]>> = {
  new: ["not-started", "the scheduler was not started"],
  started: ["not-ready", "the store has not answered a check"],
  stopping: ["stopping", "the scheduler stops"],
  stopped: ["stopped", "the scheduler has stopped"],
};
