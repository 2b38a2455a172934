/** The store of the records; `gcs-distant` is a server that answers after some milliseconds. */
export type StoreName = "memory" | "kv-memory" | "kv-file" | "gcs" | "gcs-distant";

/**
 * What writes the records:
 *
 * - `client`: two conditional writes a run by the store's own client, without this package. This is the floor;
 * - `store`: the same by this package's store;
 * - `due`: a scheduler that ran last, at its next due time: claim and finish;
 * - `interval`: the same with the check halfway between two runs that ALIVE is logged after;
 * - `trigger`: a scheduler by `trigger()`, which reads first.
 */
export type Writer = "client" | "store" | "due" | "interval" | "trigger";

/** The argument of measure_runs.ts, as JSON. */
export interface RunsRequest {
  readonly store: StoreName;
  /** The path of the file or the URL of the server; empty for a store in memory. */
  readonly location: string;
  readonly tasks: number;
  readonly totalMs: number;
  /** For runs one after another, as fast as possible. */
  readonly continuous?: {
    readonly writer: Writer;
    /** How many runs are in progress at once. */
    readonly atOnce: number;
    readonly warmUpMs: number;
  };
  /** For runs by real timers: their interval. */
  readonly intervalMs?: number;
}

/** The cost of a run. */
export interface Cost {
  readonly runsPerSecond: number;
  /** From the due time until the scheduler waits again. */
  readonly wallUs: number;
  /** The CPU time of the whole process. */
  readonly cpuUs: number;
}

/** What became of due times by real timers. */
export interface Met {
  /** The share of the due runs that took place. */
  readonly share: number;
}
