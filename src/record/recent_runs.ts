/**
 * The last runs of a task in its status record.
 *
 * @module
 */
import { formatTime, parseTime } from "./record_time.ts";

/** The maximum number of runs in a record. */
export const MAX_RECENT_RUNS = 20;

/** The outcome of a run. */
export type RunOutcome = "finished" | "failed" | "timeout" | "leaselost" | "aborted";

/** A run that has ended. */
export interface RecentRun {
  /** The time at which the run was claimed, as ISO text. */
  readonly start: string;
  /** The length of the run in milliseconds. */
  readonly length: number;
  /** The outcome of the run. */
  readonly outcome: RunOutcome;
}

const FINISHED: RunOutcome = "finished";

/** The number of words of a run: its start, length and outcome. */
const WORDS_A_RUN = 3;

/** Matches outcomes, including those of later versions. A longer text could make the record too long. */
const OUTCOME = /^[a-z]{1,9}$/;

/**
 * The last runs, the oldest first. Immutable.
 *
 * The runs are stored as one text, with three words for each run. As objects, 20 runs would take 2.8 times the memory of the
 * rest of an idle scheduler (bench: idle_cost).
 */
export class RecentRuns {
  /** The start, length and outcome of each run, separated by spaces. */
  readonly text: string;

  private constructor(text: string) {
    this.text = text;
  }

  /** No runs. */
  static readonly NONE: RecentRuns = new RecentRuns("");

  /** Parses the runs of a record. Drops values that are not runs. */
  static parse(value: unknown): RecentRuns {
    const runs = Array.isArray(value) ? value.flatMap(parseRun) : [];
    return runs.reduce(
      (recent, { startMs, length, outcome }) => recent.with(startMs, length, outcome),
      RecentRuns.NONE,
    );
  }

  /**
   * Returns these runs and a newer one. If there are too many, the oldest is left out, or the one after it if the oldest is the last
   * that finished.
   */
  with(startMs: number, lengthMs: number, outcome: RunOutcome): RecentRuns {
    const words = [...this.#words(), formatTime(startMs), lengthMs, outcome];
    if (words.length > WORDS_A_RUN * MAX_RECENT_RUNS) {
      const isOldestLastFinished = words.lastIndexOf(FINISHED) === WORDS_A_RUN - 1;
      words.splice(isOldestLastFinished ? WORDS_A_RUN : 0, WORDS_A_RUN);
    }
    return new RecentRuns(words.join(" "));
  }

  /** The length of the last run in milliseconds; 0 if there is none. */
  get lastLengthMs(): number {
    return Number(this.#words().at(-2) ?? 0);
  }

  /** Returns the runs in the format of the record. */
  toArray(): RecentRun[] {
    const words = this.#words();
    const runs: RecentRun[] = [];
    for (let index = 0; index < words.length; index += WORDS_A_RUN) {
      const [start = "", length, outcome] = words.slice(index, index + WORDS_A_RUN);
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

/** Returns a list with the run that a value describes, or an empty list if it does not describe a run. */
function parseRun(value: unknown): ParsedRun[] {
  const { start, length, outcome } = Object(value) as Partial<Record<keyof RecentRun, unknown>>;
  const startMs = parseTime(start) ?? NaN;
  const isRun = Number.isFinite(startMs) && Number.isSafeInteger(length) && (length as number) >= 0 &&
    typeof outcome === "string" && OUTCOME.test(outcome);
  return isRun ? [{ startMs, length: length as number, outcome: outcome as RunOutcome }] : [];
}
