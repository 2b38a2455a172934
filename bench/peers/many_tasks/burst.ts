/**
 * What a process measures whose tasks are all due within one second.
 *
 * @module
 */

/** A scheduler of the comparison. */
export type BurstKind = "periodic-task" | "pg-boss" | "graphile-worker" | "BullMQ";

/** What to measure. */
export interface BurstRequest {
  readonly kind: BurstKind;
  /** The URL of an empty store. */
  readonly storeUrl: string;
  readonly tasks: number;
  /** When the first task is due. The others are spread over a second. */
  readonly beginMs: number;
  /** The end of the measurement. */
  readonly endMs: number;
}

/** What was measured. */
export interface BurstFigures {
  /** The runs whose outcome the store has. */
  readonly runs: number;
  /** From the first due time to the last of these. */
  readonly wallMs: number;
  /** CPU time of the process from half a second before. */
  readonly cpuMs: number;
}

/** Calls that a scheduler makes: `onRun` is the task, and the store has the outcome of a run when `onDone` is called. */
export interface BurstCalls {
  readonly onRun: () => void;
  readonly onDone: (runs: number) => void;
}

/** Prepares tasks and starts a scheduler. Resolves once all due times are in the store. */
export type StartBurst = (request: BurstRequest, calls: BurstCalls) => Promise<void>;

/** The time between two runs of a task. The second one is not measured. */
export const INTERVAL_MS = 3_600_000;

/** How long before the first due time all must be prepared. */
export const QUIET_MS = 1_500;

/** A job of a queue. */
export interface BurstJob {
  readonly task: string;
  readonly dueMs: number;
}

/** The first jobs of all tasks. */
export function firstJobs({ tasks, beginMs }: BurstRequest): BurstJob[] {
  return Array.from({ length: tasks }, (_, index) => {
    return { task: `task-${index}`, dueMs: beginMs + Math.floor(index * 1_000 / tasks) };
  });
}

/** The next job of a task. */
export function nextJob({ task, dueMs }: BurstJob): BurstJob {
  return { task, dueMs: dueMs + INTERVAL_MS };
}

/** Collects jobs that are added to a queue together: when there are many, and after the last. */
export class JobCollector {
  readonly #add: (jobs: readonly BurstJob[]) => Promise<unknown>;
  readonly #size: number;
  #left: number;
  #jobs: BurstJob[] = [];

  /** Collects the jobs of some tasks. */
  constructor(tasks: number, size: number, add: (jobs: readonly BurstJob[]) => Promise<unknown>) {
    this.#add = add;
    this.#size = size;
    this.#left = tasks;
  }

  /** Adds a job. Only one call of many waits for the queue. */
  async add(job: BurstJob): Promise<void> {
    const count = this.#jobs.push(job);
    this.#left--;
    if (count < this.#size && this.#left > 0) return;
    const jobs = this.#jobs;
    this.#jobs = [];
    await this.#add(jobs);
  }
}
