/**
 * Shows the results of a soak as a table, with failures marked.
 *
 * @module
 */
import type { Violation } from "../../internal/replicas/check_log.ts";
import { MAX_RISE } from "./memory.ts";
import type { SoakResult } from "./run.ts";

/** A line of the table. */
interface Line {
  readonly label: string;
  readonly value: string;
  /** Whether the value is as required; absent if anything goes. */
  readonly isGood?: boolean;
}

/** The most store calls of a scheduler a second in an outage. */
const MAX_CALLS = 1;
const MIB = 2 ** 20;

/** Returns the lines of the table. */
export function linesOf(result: SoakResult): Line[] {
  const { findings, disruptions, faults, outages, inOutages, memory } = result;
  const countOf = (kind: Violation["kind"]) =>
    findings.violations.filter((violation) => violation.kind === kind).length;
  const zero = (label: string, count: number): Line => ({ label, value: String(count), isGood: count === 0 });
  return [
    { label: "runs", value: String(findings.runs), isGood: findings.runs > 0 },
    { label: "kills, pauses", value: `${disruptions.kills}, ${disruptions.pauses}` },
    { label: "faults", value: [...faults].sort().map(([kind, count]) => `${kind} ${count}`).join(", ") },
    {
      label: "outages",
      value: `${outages.count}, ${seconds(outages.totalMs)} together, the longest ${seconds(outages.longestMs)}`,
    },
    {
      label: "calls in outages",
      value:
        `${inOutages.calls?.toFixed(2) ?? "?"} a second and replica after the first seconds (at most ${MAX_CALLS}); ` +
        `${inOutages.requests.toFixed(1)} requests a second of all replicas`,
      isGood: inOutages.calls === undefined || inOutages.calls <= MAX_CALLS,
    },
    { label: "runs overtaken during a pause, reported", value: String(findings.overtaken) },
    zero("overlaps without a reported pause", countOf("overlap")),
    { label: "stale writes refused", value: String(findings.staleWrites) },
    zero("stale writes accepted", countOf("stale write")),
    zero("other promises broken", countOf("other")),
    { label: "least time from a claim to its deadline", value: `${findings.minSlackMs} ms` },
    zero("crashed processes", result.crashes),
    zero("stops with another exit code than 0", result.badStops.length),
    zero("unhandled rejections", result.unhandled.length),
    { label: "RSS by quarters, MiB", ...risingValue(memory.quarters.map(({ rssBytes }) => rssBytes), memory.rssRise) },
    {
      label: "heap by quarters, MiB",
      ...risingValue(memory.quarters.map(({ heapBytes }) => heapBytes), memory.heapRise),
    },
  ];
}

/** Formats the lines as a table. */
export function table(lines: readonly Line[]): string {
  const width = Math.max(...lines.map(({ label }) => label.length));
  return lines.map(({ label, value, isGood }) => {
    const mark = isGood === undefined ? "    " : isGood ? "ok  " : "FAIL";
    return `${mark} ${label.padEnd(width)}  ${value}`;
  }).join("\n");
}

/** Lists the failures one by one. */
export function details({ findings, unhandled, badStops }: SoakResult): string[] {
  return [
    ...findings.violations.map(({ atMs, message }) => `${new Date(atMs).toISOString()}  ${message}`),
    ...unhandled.map((error) => `unhandled: ${error}`),
    ...(badStops.length > 0 ? [`exit codes: ${badStops.join(", ")}`] : []),
  ];
}

function risingValue(bytes: readonly number[], rise: number): Pick<Line, "value" | "isGood"> {
  const sizes = bytes.map((size) => (size / MIB).toFixed(1)).join(", ");
  const percent = (rise * 100).toFixed(1);
  return { value: `${sizes}: ${percent} % from the third quarter to the last`, isGood: rise <= MAX_RISE };
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
