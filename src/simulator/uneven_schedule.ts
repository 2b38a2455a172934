/**
 * Schedules with uneven gaps, and those of callers.
 *
 * @module
 */
import type { Schedule } from "../schedule/schedule.ts";
import { START_MS } from "./machine_clock.ts";
import type { RandomStream } from "./random_stream.ts";

/** A schedule in a simulation. */
export interface SimulatedSchedule extends Schedule {
  /** The shortest and the longest time between two due times; the longest is infinite if the schedule ends. */
  readonly shortestGapMs: number;
  readonly longestGapMs: number;
}

/** The gaps of a schedule, which follow one another again and again. */
export interface GapPattern {
  /** One of the due times. */
  readonly originMs: number;
  readonly gapsMs: readonly number[];
  /** The schedule has no due time after this moment; Infinity if it does not end. */
  readonly untilMs: number;
}

/** A schedule whose gaps follow one another again and again, until it ends. */
export class UnevenSchedule implements SimulatedSchedule {
  readonly shortestGapMs: number;
  readonly longestGapMs: number;
  readonly #pattern: GapPattern;
  readonly #periodMs: number;

  constructor(pattern: GapPattern) {
    this.#pattern = pattern;
    this.#periodMs = pattern.gapsMs.reduce((sum, gapMs) => sum + gapMs, 0);
    this.shortestGapMs = Math.min(...pattern.gapsMs);
    this.longestGapMs = pattern.untilMs < Infinity ? Infinity : Math.max(...pattern.gapsMs);
  }

  /** The first due time after a moment. */
  next(after: Date): Date | null {
    const { originMs, gapsMs, untilMs } = this.#pattern;
    const afterMs = after.getTime();
    let dueMs = originMs + Math.floor((afterMs - originMs) / this.#periodMs) * this.#periodMs;
    for (const gapMs of gapsMs) {
      if (dueMs > afterMs) break;
      dueMs += gapMs;
    }
    return dueMs <= untilMs ? new Date(dueMs) : null;
  }
}

/** How many due times of a caller's schedule its gaps are taken from. */
const SAMPLED = 200;

/** The schedule of a caller, with the gaps between its next due times. */
export function withGaps(schedule: Schedule): SimulatedSchedule {
  let [shortestGapMs, longestGapMs] = [Infinity, 0];
  let last = schedule.next(new Date(START_MS));
  for (let left = SAMPLED; last && left > 0; left--) {
    const next = schedule.next(last);
    const gapMs = next ? next.getTime() - last.getTime() : Infinity;
    shortestGapMs = Math.min(shortestGapMs, gapMs);
    longestGapMs = Math.max(longestGapMs, gapMs);
    last = next;
  }
  return { next: (after) => schedule.next(after), shortestGapMs, longestGapMs };
}

const UNIT_MS = 1_000;

/** Draws a schedule around an interval: one like a week, one like a cron expression, one of any gaps, or one that ends. */
export function drawUnevenSchedule(random: RandomStream, intervalMs: number, fullMs: number): UnevenSchedule {
  const kind = random.pick(["week", "any", "any", "pair", "ends"]);
  const drawn = Array.from({ length: random.integer(3, 8) }, () => round(random.magnitude(0.5, 4) * intervalMs));
  const endsMs = random.between(0.2, 0.9) * fullMs;
  const originMs = START_MS + round(random.between(0, 5) * intervalMs);
  const gapsMs = {
    week: [intervalMs, intervalMs, intervalMs, intervalMs, 3 * intervalMs],
    pair: [round(intervalMs / 2), 2 * intervalMs],
    any: drawn,
    ends: drawn,
  }[kind];
  return new UnevenSchedule({ originMs, gapsMs, untilMs: kind === "ends" ? START_MS + endsMs : Infinity });
}

function round(ms: number): number {
  return Math.max(UNIT_MS, Math.round(ms / UNIT_MS) * UNIT_MS);
}
