import { median } from "../../percentile.ts";
import type { Contestant } from "./contestants.ts";

/** From one slot to the next. */
export const PERIOD_MS = 1_000;

/** Timers fire so early at the most. */
const EARLY_MS = 20;

/** The starts of one task in a span of time, and the slots that they are for. */
export class Starts {
  /** A slot, if slots aren't told. */
  readonly #anchorMs: number | undefined;
  readonly #fromMs: number;
  readonly #untilMs: number;
  readonly #startsMs: number[] = [];
  readonly #slots = new Set<number>();
  /** Of each start. */
  readonly latenessesMs: number[] = [];

  constructor(slots: Contestant["slots"], addedMs: number, fromMs: number, untilMs: number) {
    this.#anchorMs = slots === "told" ? undefined : slots === "whole seconds" ? 0 : addedMs;
    this.#fromMs = fromMs;
    this.#untilMs = untilMs;
  }

  /** Notes a start; one whose slot is not in the span doesn't count. */
  note(startMs: number, toldMs?: number): void {
    const slotMs = this.#anchorMs === undefined ? toldMs! : slotOf(startMs, this.#anchorMs);
    if (slotMs < this.#fromMs || slotMs >= this.#untilMs) return;
    this.#startsMs.push(startMs);
    this.latenessesMs.push(startMs - slotMs);
    this.#slots.add(slotMs);
  }

  /** How many slots had a start. */
  get kept(): number {
    return this.#slots.size;
  }

  /**
   * How far starts move in a minute from where whole periods after the first one would have them: how the last quarter of them
   * lies beside the first. Nothing if there are too few.
   */
  get driftMs(): number | undefined {
    const starts = this.#startsMs;
    const quarter = Math.ceil(starts.length / 4);
    if (starts.length < 2) return undefined;
    let beyondMs = 0;
    const placesMs = starts.map((startMs, index) => {
      const betweenMs = startMs - (starts[index - 1] ?? startMs);
      beyondMs += betweenMs - PERIOD_MS * Math.round(betweenMs / PERIOD_MS);
      return beyondMs;
    });
    const movedMs = median(placesMs.slice(-quarter)) - median(placesMs.slice(0, quarter));
    // from the middle of the one quarter to the middle of the other
    const spanMs = (starts.at(-1)! - starts[0]!) * (starts.length - quarter) / (starts.length - 1);
    return movedMs / spanMs * 60_000;
  }
}

/** The last slot before a start that is never much too early. */
function slotOf(startMs: number, anchorMs: number): number {
  return anchorMs + Math.floor((startMs + EARLY_MS - anchorMs) / PERIOD_MS) * PERIOD_MS;
}
