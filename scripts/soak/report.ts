/**
 * What a soak has found, as a table, and what of it is a failure. Pure.
 *
 * @module
 */
import { TOLERANCE } from "./memory.ts";
import type { Result } from "./run.ts";

/** A line of the table. */
interface Line {
  readonly label: string;
  readonly value: string;
  /** Whether it is as it must be; absent where nothing is demanded. */
  readonly isGood?: boolean;
}

/** In an outage, a scheduler asks its store no more often a second. */
const MAX_CALLS = 1;
const MIB = 2 ** 20;

/** The lines of a soak's table. */
export function linesOf(result: Result): Line[] {
  const { findings, tally, faults, outages, inOutages, memory } = result;
  const breaches = (pattern: RegExp) => findings.breaches.filter(({ message }) => pattern.test(message)).length;
  const [overlaps, stale] = [breaches(/run at once/), breaches(/stale write .* was taken/)];
  const zero = (label: string, count: number): Line => ({ label, value: String(count), isGood: count === 0 });
  return [
    { label: "runs", value: String(findings.runs), isGood: findings.runs > 0 },
    { label: "kills, pauses", value: `${tally.kills}, ${tally.pauses}` },
    { label: "faults", value: [...faults].sort().map(([kind, count]) => `${kind} ${count}`).join(", ") },
    {
      label: "outages",
      value: `${outages.count}, ${seconds(outages.totalMs)} together, the longest ${seconds(outages.longestMs)}`,
    },
    {
      label: "calls in outages",
      value: `${inOutages.calls?.toFixed(2) ?? "?"} a second and replica, when they have lasted a while (at most ` +
        `${MAX_CALLS}); ${inOutages.requests.toFixed(1)} requests a second of all together`,
      isGood: inOutages.calls === undefined || inOutages.calls <= MAX_CALLS,
    },
    { label: "runs overtaken under a pause, and reported", value: String(findings.overtaken) },
    zero("overlaps outside reported pauses", overlaps),
    { label: "stale writes refused", value: String(findings.staleWrites) },
    zero("stale writes accepted", stale),
    zero("other promises broken", findings.breaches.length - overlaps - stale),
    { label: "claim closest to its deadline", value: `${findings.spareMs} ms before it` },
    zero("process deaths not asked for", result.deaths),
    zero("stops that did not end with exit code 0", result.badStops.length),
    zero("unhandled rejections", result.unhandled.length),
    { label: "RSS by quarters, MiB", ...rising(memory.quarters.map(({ rssBytes }) => rssBytes), memory.rssRise) },
    { label: "heap by quarters, MiB", ...rising(memory.quarters.map(({ heapBytes }) => heapBytes), memory.heapRise) },
  ];
}

/** The table of a soak. */
export function table(lines: readonly Line[]): string {
  const width = Math.max(...lines.map(({ label }) => label.length));
  return lines.map(({ label, value, isGood }) => {
    const mark = isGood === undefined ? "    " : isGood ? "ok  " : "FAIL";
    return `${mark} ${label.padEnd(width)}  ${value}`;
  }).join("\n");
}

/** What went wrong, in more detail than the table has room for. */
export function details({ findings, unhandled, badStops }: Result): string[] {
  return [
    ...findings.breaches.map(({ atMs, message }) => `${new Date(atMs).toISOString()}  ${message}`),
    ...unhandled.map((error) => `unhandled: ${error}`),
    ...(badStops.length > 0 ? [`exit codes: ${badStops.join(", ")}`] : []),
  ];
}

function rising(bytes: readonly number[], rise: number): Pick<Line, "value" | "isGood"> {
  const sizes = bytes.map((size) => (size / MIB).toFixed(1)).join(", ");
  const percent = (rise * 100).toFixed(1);
  return { value: `${sizes}: ${percent} % from the third to the last`, isGood: rise <= TOLERANCE };
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
