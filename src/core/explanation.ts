/**
 * The result of `explain()`, by the activity of the loop.
 *
 * @module
 */
import type { Explanation, SchedulerState } from "../results.ts";

/** The reason of a wait, with the due time in the host's time if it is known. */
export type Waiting =
  | { readonly reason: "not-due" | "standby" | "retry-delay" | "running-elsewhere"; readonly dueMs: number }
  | {
    readonly reason:
      | "due"
      | "paused"
      | "schedule-ended"
      | "schedule-error"
      | "store-error"
      | "concurrency"
      | "too-many-abandoned"
      | "foreign-record"
      | "newer-record"
      | "last-term";
  };

/** The activity of a loop. */
export type Activity =
  | { readonly kind: "none" }
  | { readonly kind: "checking" }
  | { readonly kind: "running"; readonly term: number }
  | { readonly kind: "waiting"; readonly waiting: Waiting; readonly untilMs: number };

const MESSAGES: Readonly<Record<Explanation["reason"], string>> = {
  new: "The scheduler was not started",
  stopping: "The scheduler stops after the work in progress",
  stopped: "The scheduler has stopped",
  checking: "The scheduler reads or claims the record",
  running: "The scheduler runs the task",
  due: "A run is due",
  "not-due": "The next run is not due",
  standby: "A run is due, and the replica that ran last may claim it first",
  "retry-delay": "The last run failed, and its repetition is not due",
  "running-elsewhere": "A run holds the record, and its lease is not over",
  paused: "The task is paused",
  "schedule-ended": "The schedule has no further due time",
  "schedule-error": "The schedule failed",
  "store-error": "A store call failed or a claim was refused",
  concurrency: "The group runs as many tasks as it may",
  "too-many-abandoned": "Too many calls of the task have not returned after their abort",
  "foreign-record": "The data at the task's key is not a status record",
  "newer-record": "The record is of a newer version",
  "last-term": "The term of the record cannot rise",
};

/** Returns the explanation of a loop's activity. */
export function explain(state: SchedulerState, activity: Activity, abandoned: number): Explanation {
  const common = { state, abandoned };
  switch (activity.kind) {
    case "running":
      return { ...common, reason: "running", term: activity.term, message: MESSAGES.running };
    case "checking":
      return { ...common, reason: "checking", message: MESSAGES.checking };
    case "waiting": {
      const { waiting } = activity;
      const until = new Date(activity.untilMs);
      const message = `${MESSAGES[waiting.reason]}. The next check is at ${until.toISOString()}`;
      if (!("dueMs" in waiting)) return { ...common, ...waiting, until, message };
      return { ...common, reason: waiting.reason, until, due: new Date(waiting.dueMs), message };
    }
    case "none": {
      // a started loop without an activity is about to make its first check
      const reason = state === "started" ? "checking" : state;
      return { ...common, reason, message: MESSAGES[reason] };
    }
  }
}
