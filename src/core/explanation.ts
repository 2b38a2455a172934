/**
 * What `explain()` answers, from the last decision of the loop.
 *
 * @module
 */
import type { Explanation, SchedulerState } from "../results.ts";

/** Why the loop waits. */
export type Waiting =
  | { readonly reason: "not-due" | "standby" | "retry-delay" | "running-elsewhere"; readonly due: Date }
  | {
    readonly reason:
      | "due"
      | "store-error"
      | "too-many-abandoned"
      | "foreign-record"
      | "newer-record"
      | "last-term";
  };

/** What the loop is doing. */
export type Activity =
  | { readonly kind: "none" }
  | { readonly kind: "checking" }
  | { readonly kind: "running"; readonly term: number }
  | { readonly kind: "waiting"; readonly waiting: Waiting; readonly until: Date };

const MESSAGES: Readonly<Record<Explanation["reason"], string>> = {
  new: "It was not started",
  stopping: "It stops, and waits for what is in progress",
  stopped: "It is stopped",
  checking: "It reads or claims the record",
  running: "It runs the task",
  due: "A run is due",
  "not-due": "The next run is not due",
  standby: "A run is due, and the replica that ran last goes first",
  "retry-delay": "The last run failed, and its repetition is not due",
  "running-elsewhere": "A run holds the record, and its lease is not over",
  "store-error": "A store call failed or a claim was refused, and it tries again later",
  "too-many-abandoned": "Too many calls of the task have not returned after their abort",
  "foreign-record": "The data at the task's key is no status record",
  "newer-record": "The record is of a newer version",
  "last-term": "The term of the record cannot rise",
};

/** Explains what a loop is doing. */
export function explain(state: SchedulerState, activity: Activity, abandoned: number): Explanation {
  const common = { state, abandoned };
  switch (activity.kind) {
    case "running":
      return { ...common, reason: "running", term: activity.term, message: MESSAGES.running };
    case "checking":
      return { ...common, reason: "checking", message: MESSAGES.checking };
    case "waiting": {
      const { waiting, until } = activity;
      return {
        ...common,
        ...waiting,
        until,
        message: `${MESSAGES[waiting.reason]}, checking at ${until.toISOString()}`,
      };
    }
    case "none": {
      // a started loop that neither waits nor works is about to do its first check
      const reason = state === "started" ? "checking" : state;
      return { ...common, reason, message: MESSAGES[reason] };
    }
  }
}
