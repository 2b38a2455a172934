import { figure } from "../figure.ts";
import type { Chart } from "../section.ts";
import { colours, FONT, isOurs, legend, line, MARGIN, text, TITLE_FONT, WIDTH } from "./frame.ts";
import { scaleOf } from "./scale.ts";
import { place, widthOf, withoutOverlap, wrapped } from "./text.ts";

const BAR = 16;
const GAP = 3;
const GROUP_GAP = 14;
/** The maximum width of group names. */
const NAMES_WIDTH = 220;
const LINE_HEIGHT = FONT + 3;

/** A group of bars: its name, broken into lines, and a value for each series. */
interface Group {
  readonly name: string;
  readonly lines: readonly string[];
  readonly values: readonly (number | undefined)[];
}

function groupsOf({ series }: Chart): Group[] {
  const names = [...new Set(series.flatMap(({ points }) => points.map(({ x }) => String(x))))];
  return names.map((name) => ({
    name,
    lines: wrapped(name, FONT, NAMES_WIDTH),
    values: series.map(({ points }) => points.find(({ x }) => String(x) === name)?.y),
  }));
}

/** Returns the class of each bar of a group. A single series has no legend: its colour marks the group of this package. */
function classesOf(chart: Chart, group: Group): string[] {
  if (chart.series.length > 1) return colours(chart.series.map(({ name }) => name));
  return [isOurs(group.name) ? "c0" : "c1"];
}

/** Draws horizontal bars, which leave room for long names. */
export function drawBars(chart: Chart): { readonly elements: string[]; readonly height: number } {
  const { yLabel, yScale: kind = "linear", series } = chart;
  const groups = groupsOf(chart);
  const values = groups.flatMap((group) => group.values).filter((value) => value !== undefined);
  const scale = scaleOf({ values, kind, fromZero: true });
  const key = series.length > 1 ? legend(series.map(({ name }) => name), 2 * MARGIN + TITLE_FONT + 4) : undefined;
  const top = 2 * MARGIN + TITLE_FONT + (key?.height ?? 0) + FONT / 2;
  const widest = (texts: readonly string[]): number => Math.max(0, ...texts.map((one) => widthOf(one, FONT)));
  const left = MARGIN + widest(groups.flatMap(({ lines }) => lines)) + 10;
  const right = WIDTH - MARGIN - widest(values.map(figure)) - 8;
  // a log axis has no zero, so bars start at its end
  const origin = kind === "log" ? 0 : scale.at(0);
  const x = (part: number): number => left + part * (right - left);
  const bars: string[] = [];
  let y = top;
  for (const group of groups) {
    const height = Math.max(series.length * (BAR + GAP) - GAP, group.lines.length * LINE_HEIGHT);
    const textTop = y + (height - group.lines.length * LINE_HEIGHT) / 2;
    for (const [index, part] of group.lines.entries()) {
      bars.push(text(left - 10, textTop + LINE_HEIGHT * (index + 0.78), part, 'text-anchor="end"'));
    }
    const barTop = y + (height - (series.length * (BAR + GAP) - GAP)) / 2;
    for (const [index, value] of group.values.entries()) {
      if (value === undefined) continue;
      const end = scale.has(value) ? scale.at(value) : origin;
      const [from, to] = [x(Math.min(origin, end)), x(Math.max(origin, end))];
      const barY = barTop + index * (BAR + GAP);
      const name = classesOf(chart, group)[index];
      bars.push(
        `<rect class="${name}" x="${place(from)}" y="${place(barY)}" width="${place(to - from)}" height="${BAR}"/>`,
        text(to + 5, barY + BAR / 2 + 4.5, figure(value)),
      );
    }
    y += height + GROUP_GAP;
  }
  const labels = withoutOverlap(
    scale.ticks.map(({ value, label }) => ({ text: label, middle: x(scale.at(value)) })),
    FONT,
    10,
  );
  return {
    elements: [
      ...(key?.elements ?? []),
      ...labels.flatMap(({ text: label, middle }) => [
        line(middle, top - 4, middle, y, "grid"),
        text(middle, y + 16, label, 'text-anchor="middle"'),
      ]),
      ...bars,
      line(x(origin), top - 4, x(origin), y, "axis"),
      text(
        (left + right) / 2,
        y + 36,
        kind === "log" ? `${yLabel} (logarithmic)` : yLabel,
        'class="faint" text-anchor="middle"',
      ),
    ],
    height: y + 36 + MARGIN,
  };
}
