/**
 * What a simulation observes of its schedulers: calls to the store, writes, runs, triggers and stops. All times are true times.
 *
 * @module
 */
import type { Run } from "../options.ts";
import type { TriggerResult } from "../results.ts";
import type { StatusEntry } from "../store/store.ts";
import type { Machine } from "./machine.ts";
import type { Process } from "./process.ts";
import type { RecordView } from "./record_view.ts";
import type { StopMode } from "./replica_faults.ts";
import type { SchedulerSettings } from "./scheduler_settings.ts";

/** The first read of a scheduler that has found a record. */
export interface FirstRead {
  readonly sentMs: number;
  readonly answeredMs: number;
  /** The wall clock of its machine at the answer. */
  readonly wallMs: number;
}

/** A scheduler in its process. */
export interface ObservedScheduler {
  readonly process: Process;
  readonly settings: SchedulerSettings;
  /** Whether it is a replica of Dart's neat_periodic_task. */
  readonly isDart: boolean;
  readonly startedMs: number;
  /** The record by the last answer of the store. */
  known: {
    readonly view: RecordView;
    /** When it was last read or written. */
    readonly atMs: number;
    /** When it was first read or written. */
    readonly sinceMs: number;
  } | undefined;
  /** When it sent the read from which it has the store time; absent before the first. */
  storeTimeReadMs: number | undefined;
  /** The first read that has found a record; absent before its answer. */
  firstRead: FirstRead | undefined;
  /** How much earlier than it is it may take the store time to be: the read took so long, and its time was cut to seconds. */
  storeTimeLagMs: number;
  /** Whether its last write was not confirmed, and it has not found out since whether it took effect. */
  hasUnknownWrite: boolean;
  /** When a write was last not confirmed. */
  unconfirmedMs: number;
  /** Since when no fault disturbs it; may lie in the future. */
  undisturbedMs: number;
  /** Its id in the list of standbys; absent if it was never listed. */
  standbyId: string | undefined;
  /** When `stop()` was first called. */
  stopCalledMs: number | undefined;
  /** The calls of `trigger()` that have not settled. */
  readonly triggers: Set<ObservedTrigger>;
  /** When the last of them settled; infinite while there are some. */
  triggeredMs: number;
  /** The runs whose task has not settled. */
  readonly unsettledRuns: Set<ObservedRun>;
  lastClaim: ObservedWrite | undefined;
}

/** A call of a scheduler to the store. */
export interface ObservedCall {
  readonly scheduler: ObservedScheduler;
  readonly kind: "read" | "write";
  readonly sentMs: number;
  readonly write: ObservedWrite | undefined;
  /** The bytes that it writes. */
  readonly value: Uint8Array | undefined;
  readonly signal: AbortSignal | undefined;
  endedMs: number | undefined;
  failed: boolean;
  /** Whether it is a read that follows immediately on a write that was not confirmed. */
  readonly isReadBack: boolean;
}

/**
 * What a write is for. `first` writes an idle record, from whose read the store time is known; `due` the next due time, and `list`
 * the list of standbys.
 */
export type WriteKind = "claim" | "heartbeat" | "outcome" | "release" | "first" | "due" | "list";

/** A record that a scheduler wants written, in one call or several: all have the same write id, but may have different bytes. */
export interface ObservedWrite {
  readonly number: number;
  readonly scheduler: ObservedScheduler;
  readonly kind: WriteKind;
  readonly view: RecordView;
  /** When it was first sent. */
  readonly sentMs: number;
  /** How old the scheduler's knowledge of the store time was then. */
  readonly storeTimeAgeMs: number;
  /** The scheduler's {@linkcode ObservedScheduler.storeTimeLagMs} then. */
  readonly storeTimeLagMs: number;
  /** Whether a call of `trigger()` was unsettled then. */
  readonly isTriggered: boolean;
  /** The record that the scheduler knew then. */
  readonly base: RecordView | undefined;
  /** When the store carried it out. */
  appliedMs: number | undefined;
  /** When its scheduler got to know that. */
  confirmedMs: number | undefined;
  /** The run of a claim. */
  run: ObservedRun | undefined;
  /** Whether the scheduler of a claim may have given it up. */
  mayBeGivenUp: boolean;
}

/** The answer of the store to a write that it has carried out. */
export interface WriteConfirmation {
  /** The bytes that were written. */
  readonly value: Uint8Array;
  /** The version that was replaced. */
  readonly replaced: string | null;
  /** The new version. */
  readonly version: string;
}

/** A call of the task. */
export interface ObservedRun {
  readonly number: number;
  readonly scheduler: ObservedScheduler;
  readonly run: Pick<Run, "term" | "owner"> & Partial<Run>;
  readonly claim: ObservedWrite | undefined;
  readonly startedMs: number;
  /** When the last claim or heartbeat that its scheduler knows to be written was sent: its lease counts from there. */
  leaseStartMs: number;
  abortedMs: number | undefined;
  /** The name of the reason of its signal. */
  abortedBy: string | undefined;
  endedMs: number | undefined;
  threw: boolean;
  /** Log lines and events about it: how it ended, or that something was wrong. */
  reports: string[];
  /** When a later claim was carried out. */
  supersededMs: number | undefined;
}

/** A call of `trigger()`. */
export interface ObservedTrigger {
  readonly scheduler: ObservedScheduler;
  readonly calledMs: number;
  result: TriggerResult | undefined;
  error: unknown;
}

/** A call of `stop()`. */
export interface ObservedStop {
  readonly scheduler: ObservedScheduler;
  readonly mode: StopMode;
  readonly calledMs: number;
  readonly timeoutMs: number | undefined;
  resolvedMs: number | undefined;
  result: { readonly clean: boolean; readonly abandoned: number } | undefined;
}

/** A change that an operator makes from outside. */
export interface ObservedChange {
  readonly kind: "request" | "pause" | "resume";
  readonly calledMs: number;
  /** Whether the change is made, or was not needed; `undefined` as long as that is not known. */
  isDone: boolean | undefined;
}

/** A listener to what happens in a simulation. */
export interface Observer {
  callSent?(call: ObservedCall): void;
  /** A read was answered before its caller stopped waiting. */
  readAnswered?(call: ObservedCall, view: RecordView, entry: StatusEntry | null): void;
  /** A write was sent for the first time. */
  writeSent?(write: ObservedWrite): void;
  /** The store has confirmed a write. */
  writeConfirmed?(write: ObservedWrite, confirmation: WriteConfirmation): void;
  /** A scheduler knows that its write was carried out, by the answer or by reading it back. */
  writeKnown?(write: ObservedWrite): void;
  /** The store holds a new record, by a write of a scheduler or otherwise. */
  recordChanged?(write: ObservedWrite | undefined, after: RecordView, before: RecordView): void;
  runStarted?(run: ObservedRun): void;
  runAborted?(run: ObservedRun): void;
  runEnded?(run: ObservedRun): void;
  logged?(scheduler: ObservedScheduler, level: string, message: string): void;
  stopCalled?(stop: ObservedStop): void;
  stopResolved?(stop: ObservedStop): void;
  triggerCalled?(trigger: ObservedTrigger): void;
  /** An operator calls one of the functions that change a record. */
  changeCalled?(change: ObservedChange): void;
  changeSettled?(change: ObservedChange): void;
  killed?(scheduler: ObservedScheduler): void;
  /** Calls reach the servers again: those of one machine, or of all. */
  outageEnded?(machine: Machine | undefined): void;
  /** An event has run and all promises have settled. */
  stepDone?(): void;
  /** The simulation is over. */
  finished?(): void;
}
