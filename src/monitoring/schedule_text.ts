/**
 * Schedules and durations in words, for people.
 *
 * @module
 */
import type { Schedule } from "../schedule/schedule.ts";
import { cronWords } from "./cron_words.ts";

const UNITS: readonly (readonly [name: string, ms: number])[] = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1_000],
];

/** The number of units that a duration in words has at most. */
const MAX_UNITS = 2;

/**
 * Returns a duration in words, such as `1 hour 30 minutes`. It has at most two units, and is rounded down. Less than a second is
 * in milliseconds.
 */
export function durationText(ms: number): string {
  const words: string[] = [];
  let restMs = Math.floor(Math.abs(ms));
  for (const [name, unitMs] of UNITS) {
    const count = Math.floor(restMs / unitMs);
    restMs -= count * unitMs;
    if (count > 0) words.push(`${count} ${name}${count === 1 ? "" : "s"}`);
    // 1 day 5 seconds is 1 day
    else if (words.length > 0) break;
    if (words.length === MAX_UNITS) break;
  }
  return words.length > 0 ? words.join(" ") : `${restMs} ms`;
}

/** Returns an interval in words, such as `every hour` or `every 5 minutes`. */
export function everyText(intervalMs: number): string {
  return `every ${durationText(intervalMs).replace(/^1 (?=\S+$)/, "")}`;
}

/**
 * Returns a schedule in words.
 *
 * @param schedule The schedule; `undefined` with an interval.
 * @param intervalMs The interval.
 * @returns Such as `every 5 minutes` or `at 03:00 every day (Europe/Berlin)`; the text of a schedule that has one, such as a cron
 *   expression with its time zone; otherwise `own schedule`.
 */
export function scheduleText(schedule: Schedule | undefined, intervalMs: number): string {
  if (!schedule) return everyText(intervalMs);
  const words = wordsOfCron(schedule);
  if (words !== undefined) return words;
  const text = hasOwnText(schedule) ? String(schedule) : "";
  return text === "" ? "own schedule" : text;
}

/** Returns whether an object says more about itself than its class. */
function hasOwnText(schedule: Schedule): boolean {
  return schedule.toString !== Object.prototype.toString;
}

/** Returns the words of a schedule from `./cron`, known by its shape, as the schedule may come from another copy of the package. */
function wordsOfCron(schedule: Schedule): string | undefined {
  const { expression, timeZone } = schedule as { readonly expression?: unknown; readonly timeZone?: unknown };
  if (typeof expression !== "string" || typeof timeZone !== "string") return undefined;
  const words = cronWords(expression);
  return words && `${words} (${timeZone})`;
}
