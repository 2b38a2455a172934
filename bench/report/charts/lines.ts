import type { Chart } from "../section.ts";
import { colours, FONT, isOurs, legend, line, MARGIN, marker, text, TITLE_FONT, WIDTH } from "./frame.ts";
import { type Scale, scaleOf, type Tick, ticksAt } from "./scale.ts";
import { place, widthOf, withoutOverlap } from "./text.ts";

const PLOT_HEIGHT = 320;
/** Up to this many values on the x axis become its ticks. */
const FEW_VALUES = 6;
/** Lines with more points than this have markers at some of them. */
const MANY_POINTS = 12;
const MARKED = 8;

interface Point {
  readonly x: number;
  readonly y: number;
}

/** Returns the points of each series that fit on the scales, from left to right. */
function pointsOf({ series }: Chart, xScale: Scale, yScale: Scale): Point[][] {
  return series.map(({ points }) =>
    points.map(({ x, y }) => ({ x: Number(x), y }))
      .filter(({ x, y }) => xScale.has(x) && yScale.has(y))
      .sort((a, b) => a.x - b.x)
  );
}

function xTicks(values: readonly number[], scale: Scale): readonly Tick[] {
  const distinct = [...new Set(values)].filter((value) => scale.has(value)).sort((a, b) => a - b);
  return distinct.length <= FEW_VALUES ? ticksAt(distinct) : scale.ticks;
}

/** Draws lines. */
export function drawLines(chart: Chart): { readonly elements: string[]; readonly height: number } {
  const { xLabel, yLabel, xScale: xKind = "linear", yScale: yKind = "linear", series } = chart;
  const all = series.flatMap(({ points }) => points);
  const xs = all.map(({ x }) => Number(x));
  if (xs.some(Number.isNaN)) {
    throw new Error(`Cannot draw lines as each x must be a number: current value is ${JSON.stringify(all[0]?.x)}`);
  }
  const xScale = scaleOf({ values: xs, kind: xKind, isTight: true });
  const yScale = scaleOf({ values: all.map(({ y }) => y), kind: yKind, fromZero: true });
  const names = series.map(({ name }) => name);
  const key = legend(names, 2 * MARGIN + TITLE_FONT + 4);
  const top = 2 * MARGIN + TITLE_FONT + key.height + 2 * FONT;
  const bottom = top + PLOT_HEIGHT;
  const left = MARGIN + Math.max(...yScale.ticks.map(({ label }) => widthOf(label, FONT))) + 8;
  const right = WIDTH - 2 * MARGIN;
  const x = (value: number): number => left + xScale.at(value) * (right - left);
  const y = (value: number): number => bottom - yScale.at(value) * PLOT_HEIGHT;
  const labels = withoutOverlap(
    xTicks(xs, xScale).map(({ value, label }) => ({ text: label, middle: x(value) })),
    FONT,
    10,
  );
  const elements = [
    ...key.elements,
    text(MARGIN, top - FONT, yLabel, 'class="faint"'),
    ...yScale.ticks.flatMap(({ value, label }) => [
      line(left, y(value), right, y(value), "grid"),
      text(left - 8, y(value) + 4.5, label, 'text-anchor="end"'),
    ]),
    line(left, bottom, right, bottom, "axis"),
    ...labels.flatMap(({ text: label, middle }) => [
      line(middle, bottom, middle, bottom + 5, "axis"),
      text(middle, bottom + 20, label, 'text-anchor="middle"'),
    ]),
    text((left + right) / 2, bottom + 40, xLabel, 'class="faint" text-anchor="middle"'),
    ...drawSeries(names, pointsOf(chart, xScale, yScale).map((line) => line.map((at) => ({ x: x(at.x), y: y(at.y) })))),
  ];
  return { elements, height: bottom + 40 + MARGIN };
}

/** Draws the lines of the series, this package's last and so on top. */
function drawSeries(names: readonly string[], lines: readonly (readonly Point[])[]): string[] {
  const classes = colours(names);
  const order = names.map((_, index) => index).sort((a, b) => Number(isOurs(names[a]!)) - Number(isOurs(names[b]!)));
  return order.map((index) => {
    const points = lines[index]!;
    const path = points.map((at) => `${place(at.x)},${place(at.y)}`).join(" ");
    const marks = points.filter((_, position) => isMarked(position, points.length, index));
    return [
      `<g class="${classes[index]}">`,
      ...(points.length > 1
        ? [`<polyline class="line${isOurs(names[index]!) ? " ours" : ""}" points="${path}"/>`]
        : []),
      ...marks.map((at) => marker(index, at.x, at.y, 4)),
      "</g>",
    ].join("\n");
  });
}

/** Whether a point has a marker. With many points, the markers of the series alternate. */
function isMarked(position: number, count: number, index: number): boolean {
  if (count <= MANY_POINTS) return true;
  const every = Math.ceil(count / MARKED);
  return position % every === index % every;
}
