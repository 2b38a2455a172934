/**
 * What the benchmark and its replica processes tell each other.
 *
 * @module
 */

/** The scheduler that the replicas run. */
export type ReplicaKind = "periodic-task" | "BullMQ" | "pg-boss" | "graphile-worker" | "node-cron" | "agenda";

/** The argument of a replica process, as JSON. */
export interface ReplicaRequest {
  readonly kind: ReplicaKind;
  /** The URL of the store: `kv:FILE`, `redis://…`, `postgres://…`, or `http://…` for Cloud Storage. */
  readonly storeUrl: string;
  /** The number of replicas in this process, each with connections of its own. */
  readonly replicas: number;
  readonly tasks: number;
  readonly intervalMs: number;
  /** The length of each run. */
  readonly taskMs: number;
  /** The polling interval of schedulers that poll; their default if absent. */
  readonly pollMs?: number;
  /** After how long without a sign of a run another replica repeats it; the default if absent. */
  readonly lease?: { readonly ms: number; readonly by: "timeout" | "heartbeat" };
  /** The interval of schedulers that search for lost runs; their default if absent. */
  readonly superviseMs?: number;
  /** The maximum connections of a replica's pool; the default if absent. */
  readonly connections?: number;
  /** Options of this package's scheduler, in milliseconds. */
  readonly minCycleMs?: number;
  readonly clockToleranceMs?: number;
  /** The interval of `pulse` events; none if absent. */
  readonly pulseMs?: number;
}

/** A run has started. */
export interface StartEvent {
  readonly type: "start";
  readonly task: string;
  readonly dueMs: number;
  readonly atMs: number;
}

/** What a replica process prints, one line of JSON each. Times are those of the machine's clock. */
export type ReplicaEvent =
  /** All its replicas wait for the next due time. */
  | { readonly type: "ready" }
  | StartEvent
  | { readonly type: "end"; readonly task: string; readonly dueMs: number; readonly atMs: number }
  /** A store call has started; of this package only. */
  | { readonly type: "call"; readonly kind: "read" | "write"; readonly atMs: number }
  /** A command to a database that has no statistics of its own. */
  | { readonly type: "command"; readonly atMs: number }
  /** A write has succeeded; of this package only. */
  | { readonly type: "written"; readonly sentMs: number; readonly atMs: number }
  /** The CPU time of the process so far. */
  | { readonly type: "pulse"; readonly cpuMs: number; readonly atMs: number }
  /** The scheduler has reported an error and goes on. */
  | { readonly type: "error"; readonly text: string; readonly atMs: number }
  /** The scheduler has stopped by itself, although the process goes on. */
  | { readonly type: "stopped"; readonly text: string; readonly atMs: number };

/** Performs a run of a task and emits its events. */
export type RunTask = (task: string, dueMs: number) => Promise<void>;

/** Prints an event. */
export type Emit = (event: ReplicaEvent) => void;

/** Starts one replica; resolves when it waits for the next due time. */
export type StartReplica = (request: ReplicaRequest, runTask: RunTask, emit: Emit) => Promise<void>;

/** Returns the names of the tasks, the same in all processes. */
export function taskNames({ tasks }: Pick<ReplicaRequest, "tasks">): string[] {
  return Array.from({ length: tasks }, (_, index) => `task-${index}`);
}

/** Makes an event of an error. */
export function errorEvent(error: unknown): ReplicaEvent {
  return { type: "error", text: String(error).slice(0, 200), atMs: Date.now() };
}

/** Returns the next due time after one that has not passed yet: missed ones are skipped. */
export function nextDueMs(dueMs: number, intervalMs: number): number {
  const passed = Math.floor((Date.now() - dueMs) / intervalMs);
  return dueMs + Math.max(1, passed + 1) * intervalMs;
}

/** Returns the next whole second. */
export function firstDueMs(): number {
  return Math.ceil(Date.now() / 1_000 + 1) * 1_000;
}

/** Imports a package from the folder of the bundle. The project itself has no types of it. */
export async function load<Module>(name: string): Promise<Module> {
  return await import(name) as Module;
}
