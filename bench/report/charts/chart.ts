import { figure } from "../figure.ts";
import type { Chart, Series } from "../section.ts";
import { drawBars } from "./bars.ts";
import { svg } from "./frame.ts";
import { drawLines } from "./lines.ts";

/** Longer series are described by their first, middle and last points. */
const MANY = 12;

/** Draws a chart as an SVG file. */
export function svgOf(chart: Chart): string {
  const { elements, height } = chart.kind === "bars" ? drawBars(chart) : drawLines(chart);
  return svg({ title: chart.title, description: descriptionOf(chart), elements, height });
}

/** Describes the figures for screen readers. */
export function descriptionOf({ kind, xLabel, yLabel, xScale, yScale, series }: Chart): string {
  const axis = (label: string, scale: string | undefined): string =>
    [label, scale === "log" ? "(logarithmic)" : ""].filter((part) => part).join(" ");
  const axes = [axis(yLabel, yScale), axis(xLabel, xScale)].filter((part) => part).join(" by ");
  return [`${kind === "bars" ? "Bars" : "Lines"}: ${axes}.`, ...series.map(seriesText)].join(" ");
}

function seriesText({ name, points }: Series): string {
  const shown = points.length <= MANY
    ? points
    : [0, Math.floor(points.length / 2), points.length - 1].flatMap((at) => points[at] ?? []);
  const pairs = shown.map(({ x, y }) => `${typeof x === "number" ? figure(x) : x}: ${figure(y)}`);
  return `${name}: ${pairs.length > 0 ? pairs.join("; ") : "nothing"}.`;
}
