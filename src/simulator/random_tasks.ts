/**
 * The tasks of simulations that are given none: most runs succeed, some throw, some are late, and some never end.
 *
 * @module
 */
import type { FaultName } from "./fault_names.ts";
import type { FencedSink } from "./fenced_sink.ts";
import type { Machine } from "./machine.ts";
import type { Process } from "./process.ts";
import { RandomStream } from "./random_stream.ts";
import type { Stats } from "./stats.ts";

/** The run that a task is called with; that of the original has no signal. */
export interface TaskRun {
  readonly term: number;
  readonly owner: string;
  readonly signal?: AbortSignal | undefined;
}

/** How a run goes. */
type Course = "succeeds" | Extract<FaultName, "taskThrows" | "taskLate" | "taskIgnoresAbort" | "taskHangs">;

/** The task of one machine. */
export class RandomTasks {
  readonly #random: RandomStream;
  readonly #sink: FencedSink;
  readonly #stats: Stats;
  readonly #faults: ReadonlySet<FaultName>;
  readonly #weights: Record<Course, number>;
  /** The part of the timeout that a run takes which succeeds. */
  readonly #share: number;

  constructor(seed: number, machine: Machine, sink: FencedSink, stats: Stats, faults: ReadonlySet<FaultName>) {
    // the same on all machines
    const random = new RandomStream(seed, "tasks");
    const oftenFails = random.chance(0.6);
    this.#share = random.pick([0.02, 0.2, 0.6]);
    const weights = { succeeds: 20, taskThrows: 1, taskLate: 0, taskIgnoresAbort: 0, taskHangs: 0 };
    if (oftenFails) {
      const taskLate = random.pick([1, 4, 12]);
      const taskHangs = random.pick([0, 0, 0.3]);
      Object.assign(weights, { succeeds: 10, taskThrows: 2, taskLate, taskIgnoresAbort: 1, taskHangs });
    }
    this.#weights = weights;
    this.#random = new RandomStream(seed, "tasks", machine.index);
    this.#sink = sink;
    this.#stats = stats;
    this.#faults = faults;
  }

  /** Runs the task once. */
  async run(process: Process, { term, owner, signal }: TaskRun, timeoutMs: number): Promise<void> {
    const random = this.#random;
    const drawn = random.pickWeighted(this.#weights);
    const quickMs = random.magnitude(1, Math.max(2, timeoutMs * this.#share));
    const lateMs = timeoutMs * random.between(0.6, 1.5);
    const afterAbortMs = random.magnitude(1, 2 * timeoutMs);
    const writes = random.chance(0.5);
    const course: Course = drawn === "succeeds" || this.#faults.has(drawn) ? drawn : "succeeds";
    if (course !== "succeeds") this.#stats.countFault(course);
    if (course === "taskHangs") return await new Promise<void>(() => {});
    const isLate = course === "taskLate" || course === "taskIgnoresAbort";
    await process.sleep(isLate ? lateMs : quickMs, signal).catch(async (error) => {
      if (course === "taskIgnoresAbort") await process.sleep(afterAbortMs);
      throw error;
    });
    if (course === "taskThrows") throw new Error("The task has thrown");
    if (writes) await process.call(() => this.#sink.write(term, owner)).catch(() => {});
  }
}
