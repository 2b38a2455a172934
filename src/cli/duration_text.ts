/**
 * Durations as the command line reads and writes them: `90s`, `10m`, `1h30m`, `1d`.
 *
 * @module
 */
import { UsageError } from "./usage_error.ts";

const UNITS: readonly (readonly [name: string, ms: number])[] = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1_000],
  ["ms", 1],
];

const DURATION = /^(?:(\d+(?:\.\d+)?)d)?(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s)?(?:(\d+)ms)?$/;

/** As in the options of a scheduler: 10 million days. */
const MAX_MS = 10_000_000 * 86_400_000;

/**
 * Returns a duration in milliseconds.
 *
 * @param text The duration.
 * @param option The option, for the error.
 * @param command The command, for the error.
 * @throws {UsageError} If the text is not a duration above zero.
 */
export function parseDuration(text: string, option: string, command: string): number {
  const match = text === "" ? null : DURATION.exec(text);
  const ms = UNITS.reduce((sum, [, unitMs], index) => sum + Number(match?.[index + 1] ?? 0) * unitMs, 0);
  if (match && ms >= 1 && ms <= MAX_MS) return Math.round(ms);
  throw new UsageError(
    `--${option} must be a duration such as 90s, 10m, 1h30m or 1d: current value is ${JSON.stringify(text)}`,
    command,
  );
}

/** Returns a duration with at most two units, such as `1h30m`, `45s` or `3d`. Less than a minute may have a fraction: `1.2s`. */
export function shortDuration(ms: number): string {
  const positiveMs = Math.max(0, ms);
  if (positiveMs < 1_000) return `${Math.round(positiveMs)}ms`;
  // 9.96 s are 10 s
  if (positiveMs < 9_950) return `${Number((positiveMs / 1_000).toFixed(1))}s`;
  let restMs = Math.round(positiveMs / 1_000) * 1_000;
  let text = "";
  for (const [index, [name, unitMs]] of UNITS.slice(0, -1).entries()) {
    const count = Math.floor(restMs / unitMs);
    restMs -= count * unitMs;
    if (count > 0) text += `${count}${name}`;
    const next = UNITS[index + 1]?.[1] ?? 0;
    if (text === "") continue;
    // days and hours, hours and minutes, minutes and seconds
    const nextCount = next >= 1_000 ? Math.floor(restMs / next) : 0;
    return nextCount > 0 ? `${text}${nextCount}${UNITS[index + 1]?.[0] ?? ""}` : text;
  }
  return text;
}

/** Returns a duration from now, such as `in 5m` or `3m ago`. */
export function relativeTime(time: Date, nowMs: number): string {
  const ms = time.getTime() - nowMs;
  if (Math.abs(ms) < 1_000) return "now";
  return ms > 0 ? `in ${wholeSeconds(ms)}` : `${wholeSeconds(-ms)} ago`;
}

function wholeSeconds(ms: number): string {
  return shortDuration(Math.max(1, Math.floor(ms / 1_000)) * 1_000);
}
