/**
 * What the functions that change a record have in common.
 *
 * @module
 */
import type { StatusRecord } from "../record/status_record.ts";
import type { TaskStatus } from "../results.ts";
import type { FieldChanges } from "./changed_bytes.ts";
import type { Lease } from "./lease.ts";

/** The result of a function that changes a record. */
export interface ChangeResult<Outcome extends string> {
  /** What the call did, or the reason why there was nothing to do. */
  readonly outcome: Outcome;
  /** The status after the call, in the host's time. */
  readonly status: TaskStatus;
}

/** What to do with a record. */
export type Plan<Outcome extends string> =
  /** The record is as it should be. */
  | { readonly kind: "keep"; readonly outcome: Outcome }
  /** Some fields must be changed. */
  | { readonly kind: "change"; readonly outcome: Outcome; readonly changes: FieldChanges }
  /** A run may be in progress that the change would harm. */
  | { readonly kind: "refuse"; readonly lease: Exclude<Lease, { kind: "over" }> };

/** The circumstances of a plan. */
export interface PlanInput {
  readonly record: StatusRecord;
  readonly lease: Lease;
  /** The time of the call, in store time if the store has a clock. */
  readonly calledMs: number;
}

/** A write whose record is not there when it is read back. */
export interface OverwrittenWrite {
  /** The record that the write was to replace. */
  readonly before: StatusRecord;
  /** The record that was written. */
  readonly written: StatusRecord;
  /** Whether an attempt to write was not answered, so that the write may have taken effect. */
  readonly isUnanswered: boolean;
}

/** A change of a record. Both functions are pure. */
export interface TaskChange<Outcome extends string> {
  /** The action, as errors name it after "Cannot". */
  readonly doing: string;
  /** Whether the record of a task that has never run is created. */
  readonly createsRecord: boolean;
  /** Returns what to do with a record. It is called again if the record changes meanwhile. */
  plan(input: PlanInput): Plan<Outcome>;
  /** Returns whether a record shows that a write took effect, or that its purpose is served, before the record changed. */
  showsEffect(record: StatusRecord, write: OverwrittenWrite): boolean;
}
