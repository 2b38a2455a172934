/**
 * The last takeovers of each task, in memory.
 *
 * @module
 */
import type { WatchedTask } from "../monitoring/watched_task.ts";
import { statusOf } from "./task_facts.ts";

/** A run that another replica has made than the one before it. */
export interface Takeover {
  readonly time: Date;
  readonly term: number;
  /** The replica that ran the task before, if it is known. */
  readonly from: string | undefined;
  /** The replica that runs it now, if it is known. */
  readonly to: string | undefined;
  /** The reason, if a scheduler of this process has taken over; `undefined` if the record shows another replica than before. */
  readonly reason: string | undefined;
}

/** A replica that has run a task. */
export interface SeenReplica {
  readonly instance: string;
  /** The term and start of its last run that was seen. */
  readonly term: number;
  readonly time: Date;
}

/** The number of takeovers, and of replicas, that are kept of a task. */
const MAX_TAKEOVERS = 20;

/** The number of tasks whose takeovers are kept. */
const MAX_TASKS = 10_000;

/** The last takeovers of each task. */
export class TakeoverLog {
  readonly #takeovers = new Map<string, Takeover[]>();
  readonly #replicas = new Map<string, readonly SeenReplica[]>();
  /** The last run of each task that was seen. */
  readonly #seen = new Map<string, { readonly term: number; readonly instance: string | undefined }>();

  /** Returns the takeovers of a task, the newest first. */
  of(name: string): readonly Takeover[] {
    return this.#takeovers.get(name) ?? [];
  }

  /** Returns the replicas that have run a task, that of the newest run first. */
  replicasOf(name: string): readonly SeenReplica[] {
    return this.#replicas.get(name) ?? [];
  }

  /** Adds a takeover that a scheduler has reported. */
  add(name: string, takeover: Takeover): void {
    const others = this.of(name).filter(({ term }) => term !== takeover.term);
    if (others.length === 0 && this.#takeovers.size >= MAX_TASKS) return;
    const sorted = [takeover, ...others].sort((one, other) => other.term - one.term);
    this.#takeovers.set(name, sorted.slice(0, MAX_TAKEOVERS));
  }

  /** Adds the takeover that a record shows: another replica than at the last read. */
  see(task: WatchedTask): void {
    const { term, instance, started, state } = statusOf(task) ?? {};
    if (term === undefined || state === "idle") return;
    const before = this.#seen.get(task.name);
    if (before || this.#seen.size < MAX_TASKS) {
      this.#seen.set(task.name, { term, instance });
      if (instance !== undefined) this.#seeReplica(task.name, { instance, term, time: started ?? new Date(NaN) });
    }
    const isKnown = this.of(task.name).some((takeover) => takeover.term === term);
    if (!before || term <= before.term || instance === before.instance || isKnown) return;
    this.add(task.name, {
      time: started ?? new Date(NaN),
      term,
      from: before.instance,
      to: instance,
      reason: undefined,
    });
  }

  #seeReplica(name: string, replica: SeenReplica): void {
    const others = this.replicasOf(name).filter(({ instance }) => instance !== replica.instance);
    this.#replicas.set(name, [replica, ...others].slice(0, MAX_TAKEOVERS));
  }
}
