/**
 * The last runs of a record, kept in memory as one text: as objects, twenty of them would take more than all else of an idle task.
 *
 * Of each run, the oldest first, the text holds what the record does: start, length and outcome, all with a space between.
 *
 * @module
 */
import { MAX_RECENT } from "./limits.ts";
import { iso } from "./record_time.ts";

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

/** Adds a run, and drops the oldest of more than a record keeps. */
export function withRun(recent: string, startMs: number, length: number, outcome: string): string {
  return [...wordsOf(recent), iso(startMs), length, outcome].slice(-3 * MAX_RECENT).join(" ");
}

function wordsOf(recent: string): string[] {
  return recent ? recent.split(" ") : [];
}

/** How long the last run took, in milliseconds. */
export function lastLengthMs(recent: string): number {
  return Number(recent.split(" ").at(-2) ?? 0);
}

/** Runs as a record shows them. */
export function runsOf(recent: string): RecentRun[] {
  const words = wordsOf(recent);
  const runs: RecentRun[] = [];
  while (words.length) {
    const [start, length, outcome] = words.splice(0, 3) as [string, string, RunOutcome];
    runs.push({ start, length: Number(length), outcome });
  }
  return runs;
}
