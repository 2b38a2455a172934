/**
 * Times and lengths on pages.
 *
 * The script of the dashboard replaces the text of a time with `data-rel` by the time from now, once a second.
 *
 * @module
 */
import { type Html, markup } from "./html.ts";

/** The way in which a time is shown: `5 min ago`, `in 5 min`, or `5 min` since a start. */
export type TimeKind = "ago" | "in" | "for";

const UNITS: readonly (readonly [unit: string, ms: number])[] = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1_000],
];

/** Returns a length in at most two units, such as `1 h 5 min`; `2.1 s` and `350 ms` if it is short. */
export function lengthText(ms: number): string {
  const restMs = Math.max(0, ms);
  if (restMs < 1_000) return `${Math.round(restMs)} ms`;
  if (restMs < 10_000) return `${Math.floor(restMs / 100) / 10} s`;
  return wholeText(restMs);
}

/** Returns a length in whole units, at most two, such as `2 d 3 h`. */
export function wholeText(ms: number): string {
  const index = Math.max(0, UNITS.findIndex(([, unitMs]) => ms >= unitMs));
  const words: string[] = [];
  let restMs = ms < 1_000 ? 0 : ms;
  for (const [unit, unitMs] of ms < 1_000 ? UNITS.slice(-1) : UNITS.slice(index, index + 2)) {
    const count = Math.floor(restMs / unitMs);
    restMs -= count * unitMs;
    if (count > 0 || words.length === 0) words.push(`${count} ${unit}`);
  }
  return words.join(" ");
}

/** Returns a time as pages show it, in UTC. */
export function timeText(time: Date): string {
  return Number.isNaN(time.getTime()) ? "unknown" : `${time.toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

/**
 * Returns a time as an element.
 *
 * @param time The time.
 * @param kind The way in which it is shown.
 * @param nowMs The present; `undefined` if the script fills it in, so that the same state has the same HTML at any time.
 */
export function timeElement(time: Date, kind: TimeKind, nowMs: number | undefined): Html {
  const text = timeText(time);
  if (Number.isNaN(time.getTime())) return markup`<span>${text}</span>`;
  const shown = nowMs === undefined ? text : relativeText(time.getTime() - nowMs, kind);
  return markup`<time datetime="${time.toISOString()}" data-rel="${kind}" title="${text}">${shown}</time>`;
}

/** Returns the time from now in words. As in assets/script.ts. */
export function relativeText(untilMs: number, kind: TimeKind): string {
  const text = wholeText(Math.abs(untilMs));
  if (kind === "for") return text;
  if (kind === "in") {
    if (untilMs > 0) return `in ${wholeText(Math.ceil(untilMs / 1_000) * 1_000)}`;
    return untilMs > -1_000 ? "now" : `${text} late`;
  }
  return untilMs > -1_000 ? "just now" : `${text} ago`;
}
