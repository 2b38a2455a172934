/**
 * The last runs of a task, as its status record keeps them.
 *
 * @module
 */
import { formatTime, parseTime } from "./record_time.ts";

/** A record keeps no more runs. */
export const MAX_RECENT_RUNS = 20;

/** How a run ended. */
export type RunOutcome = "finished" | "failed" | "timeout" | "leaselost" | "aborted";

/** A run that ended, as the record keeps it. */
export interface RecentRun {
  /** When it was claimed, as ISO text. */
  readonly start: string;
  /** How long it took, in milliseconds. */
  readonly length: number;
  /** How it ended. */
  readonly outcome: RunOutcome;
}

/** Outcomes of later versions are kept, but not texts that could make the record too long. */
const OUTCOME = /^[a-z]{1,9}$/;

/**
 * The last runs, the oldest first. Immutable.
 *
 * They are kept as one text, three words a run: 20 runs as objects take 2.8 times the memory of all else of an idle scheduler
 * (bench: idle_cost).
 */
export class RecentRuns {
  /** The start, length and outcome of each run, with a space between. */
  readonly text: string;

  private constructor(text: string) {
    this.text = text;
  }

  /** No runs. */
  static readonly NONE: RecentRuns = new RecentRuns("");

  /** Reads the runs of a record. Values that are no runs are dropped. */
  static parse(value: unknown): RecentRuns {
    const runs = Array.isArray(value) ? value.flatMap(parseRun) : [];
    return runs.reduce(
      (recent, { startMs, length, outcome }) => recent.with(startMs, length, outcome),
      RecentRuns.NONE,
    );
  }

  /** Returns these runs and a newer one, without the oldest if there are too many. */
  with(startMs: number, lengthMs: number, outcome: RunOutcome): RecentRuns {
    const words = [...this.#words(), formatTime(startMs), lengthMs, outcome];
    return new RecentRuns(words.slice(-3 * MAX_RECENT_RUNS).join(" "));
  }

  /** The length of the last run in milliseconds; 0 if there is none. */
  get lastLengthMs(): number {
    return Number(this.#words().at(-2) ?? 0);
  }

  /** Returns the runs as the record contains them. */
  toArray(): RecentRun[] {
    const words = this.#words();
    const runs: RecentRun[] = [];
    for (let index = 0; index < words.length; index += 3) {
      const [start = "", length, outcome] = words.slice(index, index + 3);
      runs.push({ start, length: Number(length), outcome: outcome as RunOutcome });
    }
    return runs;
  }

  #words(): string[] {
    return this.text === "" ? [] : this.text.split(" ");
  }
}

interface ParsedRun {
  readonly startMs: number;
  readonly length: number;
  readonly outcome: RunOutcome;
}

/** Parses a run of a record. Returns a list, which is empty if the value is no run. */
function parseRun(value: unknown): ParsedRun[] {
  const { start, length, outcome } = Object(value) as Partial<Record<keyof RecentRun, unknown>>;
  const startMs = parseTime(start) ?? NaN;
  const isRun = Number.isFinite(startMs) && Number.isSafeInteger(length) && (length as number) >= 0 &&
    typeof outcome === "string" && OUTCOME.test(outcome);
  return isRun ? [{ startMs, length: length as number, outcome: outcome as RunOutcome }] : [];
}
