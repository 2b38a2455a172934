/**
 * The events that a timeline shows.
 *
 * @module
 */
import type { Process } from "./process.ts";
import type { RecordView } from "./record_view.ts";
import type { VirtualClock } from "./virtual_clock.ts";

/** One event. */
export interface TraceEntry {
  readonly atMs: number;
  readonly step: number;
  /** Where it happened; `undefined` if it concerns all. */
  readonly process: Process | undefined;
  readonly what: string;
  readonly detail: string | undefined;
  /** The new record and its number, if the event is a change of the record. */
  readonly change?: { readonly number: number; readonly view: RecordView };
}

/** All events so far. */
export class Trace {
  readonly entries: TraceEntry[] = [];
  readonly #clock: VirtualClock;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  /** Adds an event. */
  add(process: Process | undefined, what: string, detail?: string): void {
    const { elapsedMs: atMs, steps: step } = this.#clock;
    this.entries.push({ atMs, step, process, what, detail });
  }

  /** Adds a change of the record. */
  addChange(process: Process | undefined, number: number, view: RecordView, detail?: string): void {
    const { elapsedMs: atMs, steps: step } = this.#clock;
    this.entries.push({ atMs, step, process, what: "record", detail, change: { number, view } });
  }
}
