// A task's record in a store that a test scripts, and the calls of control functions on it in virtual time.

import type { ChangeTaskOptions } from "../../src/control.ts";
import { at, original, ours, runningNow } from "../helpers/records.ts";
import { ScriptedStore } from "../helpers/scripted_store.ts";
import { VirtualTime } from "../helpers/virtual_time.ts";

/** The name of the task. */
export const NAME = "backup";

/** The fields of a record. */
export type Fields = Readonly<Record<string, unknown>>;

/** A store with the record of the task, and the options of control functions, which use the virtual clock. */
export interface Setup {
  readonly virtual: VirtualTime;
  readonly store: ScriptedStore;
  readonly options: Pick<ChangeTaskOptions, "clock">;
}

/** Puts a record into a store; `undefined` stands for none. It is noon. */
export async function setup(record?: unknown): Promise<Setup> {
  const virtual = new VirtualTime(at(0));
  const store = new ScriptedStore();
  if (record !== undefined) await store.put(NAME, record);
  return { virtual, store, options: { clock: virtual.clock() } };
}

/** The fields of a pause that Ada began ten minutes before noon. */
export const PAUSED: Fields & { readonly paused: string } = {
  paused: at(-600_000),
  pausedBy: "Ada",
  pauseReason: "migration",
};

/** The fields of a request that Ben made ten minutes before noon. */
export const REQUESTED: Fields & { readonly requested: string } = { requested: at(-600_000), requestedBy: "Ben" };

/** A field that this version does not know. */
export const UNKNOWN: Fields = { colour: { of: ["the", "future"] } };

/** Records of a task in each state. The lease of the running one is over ten minutes after noon. */
export const RECORDS: Readonly<Record<"idle" | "finished" | "failed" | "running" | "dart", Fields>> = {
  idle: ours({ state: "idle", started: at(-Date.parse(at(0))), owner: "-", term: 3, scheduled: undefined }),
  finished: ours({ recent: [{ start: at(0), length: 2_000, outcome: "finished" }] }),
  failed: ours({
    state: "failed",
    failures: 2,
    error: "Error: no disk",
    recent: [{ start: at(0), length: 2_000, outcome: "failed" }],
  }),
  running: runningNow({ recent: [{ start: at(-3_600_000), length: 2_000, outcome: "finished" }] }),
  /** A run of Dart's neat_periodic_task. */
  dart: original({ state: "running" }),
};

/** Returns a record without the id of its last write, which is random. */
export function withoutWrite({ write: _, ...fields }: Fields): Fields {
  return fields;
}

/** Returns the fields of an object without those that are undefined, as JSON has them. */
export function asJson(fields: Fields): Fields {
  return JSON.parse(JSON.stringify(fields));
}
