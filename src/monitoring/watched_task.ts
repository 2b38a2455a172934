/**
 * A task as monitoring sees it: its record, its scheduler in this process if there is one, and its condition.
 *
 * @module
 */
import type { Explanation, TaskStatus } from "../results.ts";

/** What is known about the record of a task. `kind` determines the other properties. */
export type WatchedRecord =
  | {
    /** The data is a status record, or the task has none yet. */
    readonly kind: "task";
    /** The status of the task, in the host's time. */
    readonly status: TaskStatus;
  }
  | {
    /** The data is not a status record (`foreign`), or the record is of a newer version (`newer`). */
    readonly kind: "foreign" | "newer";
    /** The data, for people. */
    readonly description: string;
  }
  | {
    /** The record could not be read. */
    readonly kind: "unreadable";
    /** The error of the store, or that of the client of the store. */
    readonly error: unknown;
  };

/** The severity of a condition: the task does not do its work, may need help, is as somebody wanted it, or is well. */
export type Severity = "critical" | "warning" | "notice" | "ok";

/** The reason of a condition. A task has the first one that applies. */
export type ConditionReason =
  /** The record cannot be read. */
  | "unreadable"
  /** The data at the key of the task is not a record, or is one of a newer version. */
  | "foreign"
  /** The scheduler in this process has not made its check in time. */
  | "stuck"
  /** The scheduler in this process cannot run the task: its schedule fails, or too many of its calls have not returned. */
  | "blocked"
  /** Somebody has paused the task. */
  | "paused"
  /** No replica has finished a run for some due times. */
  | "overdue"
  /** The last run failed. */
  | "failing"
  /** A run was not finished, and its lease is over. */
  | "lease-over"
  /** The scheduler in this process has stopped. */
  | "stopped"
  /** The task has never run. */
  | "never-run"
  /** A run is in progress. */
  | "running"
  /** The last run finished, and the next one is not overdue. */
  | "finished";

/** The condition of a task. */
export interface Condition {
  readonly severity: Severity;
  readonly reason: ConditionReason;
  /** The condition in a few words for people, such as `the last 2 runs failed`. Has no text of the record or of an error. */
  readonly message: string;
  /** The text of the record or of the error that belongs to the condition; `undefined` if there is none. */
  readonly detail: string | undefined;
  /** The time from which the task is in this condition, if it is known. */
  readonly since: Date | undefined;
}

/** A task as monitoring sees it. */
export type WatchedTask = WatchedRecord & {
  /** The name of the task. */
  readonly name: string;
  /** The schedule in words, such as `every 5 minutes`; `undefined` if no scheduler of the task is in this process. */
  readonly schedule: string | undefined;
  /** The activity of the scheduler in this process; `undefined` if there is none. */
  readonly explanation: Explanation | undefined;
  readonly condition: Condition;
  /** Whether the record shows a run in progress whose lease is over, whatever else is wrong with the task. */
  readonly isRunLost?: boolean | undefined;
};

/** Returns a condition with its detail, such as `the last 2 runs failed: Error: no space left`. */
export function conditionText({ reason, message, detail }: Condition): string {
  if (detail === undefined) return message;
  return reason === "paused" ? `${message} ${detail}` : `${message}: ${detail}`;
}

const SEVERITIES: readonly Severity[] = ["critical", "warning", "notice", "ok"];

/** Compares two severities: the higher first. */
export function compareSeverities(one: Severity, other: Severity): number {
  return SEVERITIES.indexOf(one) - SEVERITIES.indexOf(other);
}

/** Compares two tasks: the more severe first, then by name. */
export function bySeverity(one: WatchedTask, other: WatchedTask): number {
  return compareSeverities(one.condition.severity, other.condition.severity) || (one.name < other.name ? -1 : 1);
}
