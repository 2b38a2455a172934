/**
 * The last runs of a task as bars: height by length, colour and shape by outcome.
 *
 * @module
 */
import type { RecentRun } from "../record/recent_runs.ts";
import { type Html, markup, trusted } from "./html.ts";
import { lengthText, timeText } from "./times.ts";

/** The sizes of a chart. */
export interface BarSizes {
  readonly width: number;
  readonly gap: number;
  readonly height: number;
}

/** The number of runs that a chart has room for, as many as a record has. */
const MAX_BARS = 20;

/** The share of the height that the shortest run has, so that it can be seen. */
const MIN_SHARE = 0.18;

interface Bar {
  readonly run: RecentRun;
  readonly path: string;
}

/** Returns the class of an outcome. Replicas of a later version may write further outcomes. */
function classOf(outcome: string): string {
  return ["finished", "failed", "timeout", "leaselost", "aborted"].includes(outcome) ? outcome : "aborted";
}

/** Returns the bars, the newest at the right. */
function barsOf(runs: readonly RecentRun[], { width, gap, height }: BarSizes): Bar[] {
  const longest = Math.max(1, ...runs.map(({ length }) => length));
  const shown = runs.slice(-MAX_BARS);
  return shown.map((run, index) => {
    const share = Math.max(MIN_SHARE, Math.min(1, run.length / longest));
    const size = Math.round(share * (height - 1));
    const x = (MAX_BARS - shown.length + index) * (width + gap);
    return { run, path: shapeOf(run.outcome, { x, width, size, bottom: height }) };
  });
}

interface Place {
  readonly x: number;
  readonly width: number;
  readonly size: number;
  readonly bottom: number;
}

/** Returns the shape of a bar: whole if the run finished, with a gap below the top if it failed, hollow if it ran too long. */
function shapeOf(outcome: string, { x, width, size, bottom }: Place): string {
  const box = (top: number, tall: number): string => `M${x} ${top}h${width}v${tall}h-${width}z`;
  if (outcome === "finished") return box(bottom - size, size);
  // tall enough for its shape, and to be noticed
  const tall = Math.max(size, Math.round(bottom * 0.45));
  const top = bottom - tall;
  if (outcome === "timeout") return `${box(top, tall)}M${x + 1.5} ${top + 1.5}v${tall - 3}h${width - 3}v-${tall - 3}z`;
  if (outcome === "failed" || outcome === "leaselost") return box(top, 3) + box(top + 5, tall - 5);
  return box(top, 2) + box(bottom - 2, 2);
}

/** Returns the number of runs by outcome in words. */
export function outcomesText(runs: readonly RecentRun[]): string {
  if (runs.length === 0) return "no runs yet";
  const counts = new Map<string, number>();
  for (const { outcome } of runs) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  const parts = [...counts].map(([outcome, count]) => `${count} ${outcomeText(outcome)}`);
  const last = runs.at(-1);
  return `last ${runs.length === 1 ? "run" : `${runs.length} runs`}: ${parts.join(", ")}` +
    (last ? `; the newest ${outcomeText(last.outcome)} after ${lengthText(last.length)}` : "");
}

/** Returns an outcome in words. */
export function outcomeText(outcome: string): string {
  return outcome === "timeout" ? "timed out" : outcome === "leaselost" ? "lost its lease" : outcome;
}

/** Returns a small chart for a list of tasks: a path for each outcome, so that a page with 500 tasks stays small. */
export function smallBars(runs: readonly RecentRun[], sizes: BarSizes = { width: 5, gap: 2, height: 26 }): Html {
  const paths = new Map<string, string>();
  for (const { run: { outcome }, path } of barsOf(runs, sizes)) {
    paths.set(classOf(outcome), (paths.get(classOf(outcome)) ?? "") + path);
  }
  const text = outcomesText(runs);
  const shapes = [...paths].map(([outcome, path]) =>
    markup`
      <path class="${outcome}" fill-rule="evenodd" d="${path}" />
    `
  );
  return chart(sizes, text, markup`<title>${text}</title>${shapes}`);
}

/** Returns a chart with the time, length and outcome of each run as its title. */
export function largeBars(runs: readonly RecentRun[], sizes: BarSizes = { width: 18, gap: 6, height: 90 }): Html {
  const shapes = barsOf(runs, sizes).map(({ run, path }) =>
    markup`
      <path class="${classOf(run.outcome)}" fill-rule="evenodd" d="${path}">
        <title>${runText(run)}</title>
      </path>
    `
  );
  return chart(sizes, outcomesText(runs), markup`${shapes}`);
}

function chart({ width, gap, height }: BarSizes, text: string, content: Html): Html {
  const total = MAX_BARS * (width + gap) - gap;
  const box = trusted(`viewBox="0 0 ${total} ${height}" width="${total}" height="${height}"`);
  return markup`<svg class="bars" ${box} role="img" aria-label="${text}">${content}</svg>`;
}

function runText({ start, length, outcome }: RecentRun): string {
  return `${outcomeText(outcome)} after ${lengthText(length)}, started ${timeText(new Date(start))}`;
}
