/**
 * What an observer sees of the replicas: their calls, writes, runs and stops. Times are true times.
 *
 * @module
 */
import type { Run } from "../../options.ts";
import type { TriggerResult } from "../../results.ts";
import type { StatusEntry } from "../../store.ts";
import type { StopManner } from "./incident_plan.ts";
import type { Lengths } from "./lengths.ts";
import type { Machine } from "./machine.ts";
import type { Process } from "./process.ts";
import type { RecordView } from "./record_view.ts";

/** A scheduler in its process. */
export interface SchedulerSeen {
  readonly process: Process;
  readonly lengths: Lengths;
  readonly isOriginal: boolean;
  readonly startedMs: number;
  /** What the store has last told it of the record. */
  known: { readonly view: RecordView; readonly atMs: number } | undefined;
  /** When it last sent a read whose answer told the store's time; before it, it had none. */
  anchoredMs: number | undefined;
  /** By how much it may then take the store's time for earlier than it is: the read took so long, and told whole seconds. */
  behindMs: number;
  /** Whether its last write was not answered with a clear yes, and it has not learnt since what became of it. */
  isInDoubt: boolean;
  /** When that became so. */
  doubtedMs: number;
  /** Since when nothing has gone wrong for it. */
  undisturbedMs: number;
  /** When it was told to stop. */
  stoppingMs: number | undefined;
  /** The triggers that were not answered. */
  readonly triggers: Set<TriggerSeen>;
  /** When a trigger was last waited for; infinity while one is. */
  triggeredMs: number;
  /** Its bodies that have not settled. */
  readonly bodies: Set<RunSeen>;
  /** The versions that it has replaced. */
  lastClaim: WriteSeen | undefined;
}

/** A call of a scheduler to the store. */
export interface CallSeen {
  readonly scheduler: SchedulerSeen;
  readonly kind: "read" | "write";
  readonly sentMs: number;
  readonly write: WriteSeen | undefined;
  readonly signal: AbortSignal | undefined;
  endedMs: number | undefined;
  failed: boolean;
  /** Whether it follows at once on a write that was not answered with a clear yes. */
  readonly isReadBack: boolean;
}

/** What a write is for. */
export type WriteKind = "claim" | "heartbeat" | "outcome" | "release" | "first";

/** A record that a scheduler wants written, however often it has to ask for it. */
export interface WriteSeen {
  readonly number: number;
  readonly scheduler: SchedulerSeen;
  readonly kind: WriteKind;
  readonly view: RecordView;
  readonly value: Uint8Array;
  /** When it was first sent. */
  readonly sentMs: number;
  /** Its sender's clocks then. */
  readonly sentMonotonicMs: number;
  /** How old the scheduler's knowledge of the store's time was then. */
  readonly anchorAgeMs: number;
  /** By how much it may have taken the store's time for earlier than it was. */
  readonly behindMs: number;
  /** Whether a trigger was waiting then. */
  readonly isTriggered: boolean;
  /** When the store carried it out. */
  landedMs: number | undefined;
  /** What it replaced. */
  before: RecordView | undefined;
  /** What its scheduler knew of the record when it was first sent. */
  readonly base: RecordView | undefined;
  /** When its scheduler got to know that it was carried out. */
  knownMs: number | undefined;
  /** Of a claim: its run. */
  run: RunSeen | undefined;
  /** Of a claim: whether its scheduler has had reason to give it up. */
  isDoubted: boolean;
}

/** A body of the task. */
export interface RunSeen {
  readonly number: number;
  readonly scheduler: SchedulerSeen;
  readonly run: Pick<Run, "term" | "owner"> & Partial<Run>;
  readonly claim: WriteSeen | undefined;
  readonly startedMs: number;
  /** When the last sign of life that its scheduler knows to be written was sent. */
  signMs: number;
  abortedMs: number | undefined;
  abortedBy: string | undefined;
  endedMs: number | undefined;
  threw: boolean;
  /** What was logged of it: its lines, warnings and events that say that something was wrong. */
  reports: string[];
  /** When a later claim was carried out. */
  supersededMs: number | undefined;
}

/** A `trigger()`. */
export interface TriggerSeen {
  readonly scheduler: SchedulerSeen;
  readonly atMs: number;
  result: TriggerResult | undefined;
  error: unknown;
}

/** A `stop()`. */
export interface StopSeen {
  readonly scheduler: SchedulerSeen;
  readonly manner: StopManner;
  readonly atMs: number;
  readonly timeoutMs: number | undefined;
  answeredMs: number | undefined;
  answer: { readonly clean: boolean; readonly abandoned: number } | undefined;
}

/** Whoever looks at what happens. */
export interface Watcher {
  started?(scheduler: SchedulerSeen): void;
  called?(call: CallSeen): void;
  answered?(call: CallSeen): void;
  /** A read was answered in time. */
  read?(call: CallSeen, view: RecordView, entry: StatusEntry | null): void;
  sent?(write: WriteSeen): void;
  /** A store has answered that a write was carried out, in place of a version, and what its version is. */
  confirmed?(write: WriteSeen, replaced: string | null, version: string): void;
  /** A scheduler has learnt that its write was carried out. */
  known?(write: WriteSeen): void;
  landed?(write: WriteSeen | undefined, after: RecordView, before: RecordView): void;
  began?(run: RunSeen): void;
  aborted?(run: RunSeen): void;
  ended?(run: RunSeen): void;
  logged?(scheduler: SchedulerSeen, level: string, message: string): void;
  stopping?(stop: StopSeen): void;
  stopped?(stop: StopSeen): void;
  triggered?(trigger: TriggerSeen): void;
  killed?(scheduler: SchedulerSeen): void;
  /** Calls get through again: those of all, or of one machine. */
  storeIsBack?(machine: Machine | undefined): void;
  /** After each event, when all promises have settled. */
  settled?(): void;
  /** When the world is over. */
  over?(): void;
}
