import { median } from "../../percentile.ts";
import type { DueTimeKind } from "../in_process/candidates.ts";

/** The time between two due times. */
export const PERIOD_MS = 1_000;

/** The most by which timers fire early. */
const MAX_EARLY_MS = 20;

/** The starts of one task within a span of time, and their due times. */
export class Starts {
  /** A due time; absent if due times are known. */
  readonly #someDueMs: number | undefined;
  readonly #fromMs: number;
  readonly #untilMs: number;
  readonly #startsMs: number[] = [];
  readonly #dueTimes = new Set<number>();
  /** The lateness of each start. */
  readonly latenessesMs: number[] = [];

  constructor(dueTimes: DueTimeKind, addedMs: number, fromMs: number, untilMs: number) {
    this.#someDueMs = dueTimes === "known" ? undefined : dueTimes === "whole seconds" ? 0 : addedMs;
    this.#fromMs = fromMs;
    this.#untilMs = untilMs;
  }

  /** Adds a start. It does not count if its due time is outside the span. */
  add(startMs: number, knownDueMs: number = NaN): void {
    const dueMs = this.#someDueMs === undefined ? knownDueMs : lastDueMs(startMs, this.#someDueMs);
    if (!(dueMs >= this.#fromMs && dueMs < this.#untilMs)) return;
    this.#startsMs.push(startMs);
    this.latenessesMs.push(startMs - dueMs);
    this.#dueTimes.add(dueMs);
  }

  /** The number of due times with a start. */
  get met(): number {
    return this.#dueTimes.size;
  }

  /**
   * How far starts move in a minute against whole periods after the first one, by the first and the last quarter of them.
   * Absent if there are too few.
   */
  get driftMs(): number | undefined {
    const starts = this.#startsMs;
    const [first, last] = [starts[0], starts.at(-1)];
    if (starts.length < 2 || first === undefined || last === undefined) return undefined;
    const quarter = Math.ceil(starts.length / 4);
    let offsetMs = 0;
    const offsetsMs = starts.map((startMs, index) => {
      const gapMs = startMs - (starts[index - 1] ?? startMs);
      offsetMs += gapMs - PERIOD_MS * Math.round(gapMs / PERIOD_MS);
      return offsetMs;
    });
    const movedMs = median(offsetsMs.slice(-quarter)) - median(offsetsMs.slice(0, quarter));
    // from the middle of the first quarter to the middle of the last
    const spanMs = (last - first) * (starts.length - quarter) / (starts.length - 1);
    return movedMs / spanMs * 60_000;
  }
}

/** Returns the last due time before a start, which may be a little early. */
function lastDueMs(startMs: number, someDueMs: number): number {
  return someDueMs + Math.floor((startMs + MAX_EARLY_MS - someDueMs) / PERIOD_MS) * PERIOD_MS;
}
