/** Where the records are: in `gcs-distant` with a server that answers after some milliseconds. */
export type PlaceName = "memory" | "kv-memory" | "kv-file" | "gcs" | "gcs-distant";

/**
 * Who writes:
 *
 * - `client`: what a user would call without this package, two conditional writes a run. This is the floor;
 * - `store`: the same by the store's class of this package;
 * - `due`: a scheduler that was the last to run, at the due time of its next run: claim and finish;
 * - `life`: the same with what comes between two runs, the look halfway that ALIVE is logged after;
 * - `trigger`: a scheduler by `trigger()`, which reads first.
 */
export type Writer = "client" | "store" | "due" | "life" | "trigger";

/** What a process is to measure. */
export interface Order {
  readonly place: PlaceName;
  /** The path of the file or the address of the server; nothing for a place in memory. */
  readonly at: string;
  readonly tasks: number;
  readonly totalMs: number;
  /** Runs one after another, as fast as they go. */
  readonly back?: {
    readonly writer: Writer;
    /** How many runs are under way at a time. */
    readonly atOnce: number;
    readonly warmUpMs: number;
  };
  /** Or runs by real timers, at an interval. */
  readonly intervalMs?: number;
}

/** What a run took, where runs came one after another. */
export interface Cost {
  readonly runsPerSecond: number;
  /** From the moment that it was due until the scheduler slept again. */
  readonly wallUs: number;
  /** Of the whole process. */
  readonly cpuUs: number;
}

/** What became of the due times, where runs came by real timers. */
export interface Kept {
  /** The part of the runs that were due that took place. */
  readonly share: number;
}
