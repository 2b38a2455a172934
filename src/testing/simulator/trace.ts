/**
 * What the timeline is made of: who did what, and when.
 *
 * @module
 */
import type { Process } from "./process.ts";
import type { RecordView } from "./record_view.ts";
import type { VirtualTime } from "./virtual_time.ts";

/** A line of the timeline, before it is written. */
export interface TraceEntry {
  readonly atMs: number;
  readonly step: number;
  readonly who: Process | undefined;
  readonly what: string;
  readonly detail: string | undefined;
  /** Of a line about the record: which one it is, and what it says. */
  readonly version?: number;
  readonly view?: RecordView;
}

/** All lines. */
export class Trace {
  readonly entries: TraceEntry[] = [];
  readonly #time: VirtualTime;

  constructor(time: VirtualTime) {
    this.#time = time;
  }

  /** Something a process did, or that happened to all. */
  note(who: Process | undefined, what: string, detail?: string): void {
    this.entries.push({ atMs: this.#time.nowMs, step: this.#time.steps, who, what, detail });
  }

  /** A record took another's place. */
  landed(who: Process | undefined, version: number, view: RecordView, detail?: string): void {
    const { nowMs: atMs, steps: step } = this.#time;
    this.entries.push({ atMs, step, who, what: "record", detail, version, view });
  }
}
