/** Who shares tasks among replicas. */
export type ContestantName = "ours" | "BullMQ" | "pg-boss" | "graphile-worker" | "node-cron" | "agenda";

/** What a process is to do: be some replicas that share tasks with those of other processes. */
export interface Order {
  readonly contestant: ContestantName;
  /** Where the store is: `kv:FILE`, `redis://…`, `postgres://…`, or the `http://…` of a Cloud Storage. */
  readonly at: string;
  /** How many replicas this process is, each with connections of its own. */
  readonly replicas: number;
  readonly tasks: number;
  readonly intervalMs: number;
  /** How long each run takes. */
  readonly taskMs: number;
  /** How often those who have to ask for what is due ask; as often as they do by themselves if absent. */
  readonly pollMs?: number;
  /** How long nothing may have been heard of a run before another replica begins it anew; as by default if absent. */
  readonly lease?: { readonly ms: number; readonly by: "timeout" | "heartbeat" };
  /** How often those who look for lost runs look; as often as they do by themselves if absent. */
  readonly superviseMs?: number;
  /** How many connections the pool of a replica may have; as many as by default if absent. */
  readonly connections?: number;
  /** Only for ours: options of the scheduler, in milliseconds. */
  readonly minCycleMs?: number;
  readonly clockToleranceMs?: number;
  /** How often to tell how much of the processor was used, if at all. */
  readonly pulseMs?: number;
}

/** A run has begun. */
export interface StartNote {
  readonly what: "start";
  readonly task: string;
  readonly slotMs: number;
  readonly atMs: number;
}

/** What a process tells, a line of JSON each. Times are those of the machine's clock. */
export type Note =
  /** All of its replicas are up and wait for what is due. */
  | { readonly what: "ready" }
  | StartNote
  | { readonly what: "end"; readonly task: string; readonly slotMs: number; readonly atMs: number }
  /** A call to the store that was begun; only ours. */
  | { readonly what: "call"; readonly kind: "read" | "write"; readonly atMs: number }
  /** What such calls ask of a database that has no statistics of its own. */
  | { readonly what: "command"; readonly atMs: number }
  /** A write that was answered with a yes, and when it was sent; only ours. */
  | { readonly what: "written"; readonly sentMs: number; readonly atMs: number }
  | { readonly what: "pulse"; readonly cpuMs: number; readonly atMs: number }
  /** An error that was handed to whoever asked for errors; the process goes on. */
  | { readonly what: "error"; readonly text: string; readonly atMs: number }
  /** It has ended by itself and will run nothing more, although the process goes on. */
  | { readonly what: "over"; readonly text: string; readonly atMs: number };

/** Does a run of a task, and tells of it. */
export type Body = (task: string, slotMs: number) => Promise<void>;

/** Where replicas tell what they have done. */
export type Tell = (note: Note) => void;

/** Becomes one replica; resolves when it waits for what is due. */
export type Starter = (order: Order, body: Body, tell: Tell) => Promise<void>;

/** The names of the tasks, the same in all processes. */
export function taskNames({ tasks }: Pick<Order, "tasks">): string[] {
  return Array.from({ length: tasks }, (_, index) => `task-${index}`);
}

/** Notes an error. */
export function errorNote(error: unknown): Note {
  return { what: "error", text: String(error).slice(0, 200), atMs: Date.now() };
}

/** The slot after one, of those that have not passed: what was missed is skipped. */
export function nextSlotMs(slotMs: number, intervalMs: number): number {
  const passed = Math.floor((Date.now() - slotMs) / intervalMs);
  return slotMs + Math.max(1, passed + 1) * intervalMs;
}

/** The next whole second. */
export function firstSlotMs(): number {
  return Math.ceil(Date.now() / 1_000 + 1) * 1_000;
}

/** A package of the folder in which the bundle of this is. Nothing here knows its types. */
export async function load<Module>(name: string): Promise<Module> {
  return await import(name) as Module;
}
