/**
 * The benchmarks' charts.
 */
import { assert, assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { descriptionOf, svgOf } from "../../scripts/bench/results/charts/chart.ts";
import { FONT, WIDTH } from "../../scripts/bench/results/charts/frame.ts";
import { widthOf, withoutOverlap, wrapped } from "../../scripts/bench/results/charts/text.ts";
import type { Chart } from "../../scripts/bench/results/section.ts";

const LINES: Chart = {
  file: "lines",
  title: "Memory against tasks",
  kind: "lines",
  xLabel: "tasks",
  yLabel: "bytes",
  xScale: "log",
  yScale: "log",
  series: [
    { name: "this package", points: [{ x: 1_000, y: 2e6 }, { x: 1e5, y: 2e8 }] },
    { name: "croner", points: [{ x: 1e5, y: 8e9 }, { x: 1_000, y: 8e7 }] },
  ],
};
const BARS: Chart = {
  file: "bars",
  title: "Size",
  kind: "bars",
  xLabel: "",
  yLabel: "kB",
  series: [{ name: "gzip", points: [{ x: "this package", y: 100 }, { x: "croner", y: 200 }] }],
};
const ALL = [LINES, BARS];

interface Label {
  readonly x: number;
  readonly y: number;
  readonly text: string;
  readonly anchor: string;
}

const attribute = (tag: string, name: string) => new RegExp(` ${name}="([^"]*)"`).exec(tag)?.[1] ?? "";
const tags = (svg: string, name: string) => [...svg.matchAll(new RegExp(`<${name} [^>]*>`, "g"))].map(([tag]) => tag);
const labelsOf = (svg: string): Label[] =>
  [...svg.matchAll(/(<text [^>]*>)([^<]*)<\/text>/g)].map(([, tag = "", text = ""]) => {
    return {
      x: Number(attribute(tag, "x")),
      y: Number(attribute(tag, "y")),
      text,
      anchor: attribute(tag, "text-anchor"),
    };
  });

/** From where to where a label reaches. */
function spanOf({ x, text, anchor }: Label): [number, number] {
  const width = widthOf(text, FONT);
  const left = anchor === "end" ? x - width : anchor === "middle" ? x - width / 2 : x;
  return [left, left + width];
}

/** A chart with many series of long names, and many points. */
function crowded(kind: Chart["kind"]): Chart {
  const series = Array.from({ length: 9 }, (_, index) => ({
    name: `contestant number ${index} with a name of some length`,
    points: Array.from({ length: 30 }, (_, at) => ({ x: kind === "bars" ? `group ${at} of all` : at, y: at * index })),
  }));
  return { file: "crowded", title: "All", kind, xLabel: "x", yLabel: "y", series };
}

Deno.test("a chart tells those who can't see it what it shows", () => {
  for (const chart of ALL) {
    const svg = svgOf(chart);
    assertMatch(svg, /<svg [^>]*role="img" aria-labelledby="title description">/);
    assertStringIncludes(svg, `<title id="title">${chart.title}</title>`);
    assertStringIncludes(svg, `<desc id="description">${descriptionOf(chart)}</desc>`);
  }
  assertEquals(
    descriptionOf(LINES),
    "Lines: bytes (logarithmic) by tasks (logarithmic). this package: 1,000: 2,000,000; 100,000: 200,000,000. " +
      "croner: 100,000: 8,000,000,000; 1,000: 80,000,000.",
  );
  assertEquals(descriptionOf(BARS), "Bars: kB. gzip: this package: 100; croner: 200.");
});

Deno.test("a long series is described by a few of its points", () => {
  const points = Array.from({ length: 101 }, (_, x) => ({ x, y: 2 * x }));
  const text = descriptionOf({ ...LINES, series: [{ name: "many", points }] });
  assertStringIncludes(text, "many: 0: 0; 50: 100; 100: 200.");
});

Deno.test("a chart has colours for light and for dark backgrounds, and brings its own", () => {
  for (const chart of ALL) {
    const [light = "", dark = ""] = svgOf(chart).split("@media (prefers-color-scheme:dark)");
    for (const name of ["paper", "faint", "grid", "axis", "c0", "c1"]) {
      const colour = new RegExp(`\\.${name}\\{([^}]*)\\}`);
      assert(colour.exec(light)?.[1], `${name} in light mode`);
      assert(colour.exec(dark)?.[1], `${name} in dark mode`);
      assert(colour.exec(light)![1] !== colour.exec(dark)![1], `${name} in both modes`);
    }
    assertStringIncludes(dark, '<rect class="paper" width="100%" height="100%"');
  }
});

Deno.test("this package has a colour of its own wherever it stands", () => {
  const other = { name: "croner", points: [{ x: 1, y: 1 }, { x: 2, y: 2 }] };
  const ours = { name: "this package", points: [{ x: 1, y: 1 }, { x: 2, y: 3 }] };
  for (const series of [[ours, other], [other, ours]]) {
    assertMatch(svgOf({ ...LINES, series }), /<g class="c0">\n<polyline class="line ours"/);
  }
  assertEquals(tags(svgOf(BARS), "rect").map((tag) => attribute(tag, "class")), ["paper", "c0", "c1"]);
});

Deno.test("a line goes from left to right through its points, and higher values stand higher", () => {
  const [croner = "", ours = ""] = tags(svgOf(LINES), "polyline").map((tag) => attribute(tag, "points"));
  for (const points of [croner, ours]) {
    const [[x1, y1], [x2, y2]] = points.split(" ").map((pair) => pair.split(",").map(Number)) as [number[], number[]];
    assert(x1! < x2! && y1! > y2!, points);
  }
  assert(Number(croner.split(/[ ,]/)[1]) < Number(ours.split(/[ ,]/)[1]), "croner takes more");
});

Deno.test("a point that has no place on a log axis is left out, and a bar that has none says so by its figure", () => {
  const points = [{ x: 1, y: 0 }, { x: 10, y: 5 }, { x: 100, y: 50 }];
  const [line = ""] = tags(svgOf({ ...LINES, series: [{ name: "a", points }] }), "polyline");
  assertEquals(attribute(line, "points").split(" ").length, 2);
  const zero = [{ name: "a", points: [{ x: "none", y: 0 }, { x: "some", y: 20 }] }];
  const svg = svgOf({ ...BARS, yScale: "log", series: zero });
  assertEquals(tags(svg, "rect").map((tag) => attribute(tag, "width")).slice(1, 2), ["0"]);
  assert(labelsOf(svg).some(({ text }) => text === "0"));
});

Deno.test("bars are as long as their values beside one another, and carry their figures", () => {
  const [, ours = "", croner = ""] = tags(svgOf(BARS), "rect").map((tag) => attribute(tag, "width"));
  assert(Math.abs(Number(croner) - 2 * Number(ours)) < 0.3, `${ours} and ${croner}`);
  const texts = labelsOf(svgOf(BARS)).map(({ text }) => text);
  for (const text of ["this package", "croner", "100", "200", "kB"]) assert(texts.includes(text), text);
});

Deno.test("a bar below zero goes to the other side", () => {
  const svg = svgOf({ ...BARS, series: [{ name: "a", points: [{ x: "less", y: -5 }, { x: "more", y: 5 }] }] });
  const [, less, more] = tags(svg, "rect").map((tag) => ({
    from: Number(attribute(tag, "x")),
    width: Number(attribute(tag, "width")),
  }));
  assert(Math.abs(less!.from + less!.width - more!.from) < 0.3);
});

Deno.test("no label touches another or leaves the chart, however many there are", () => {
  for (const chart of [...ALL, crowded("lines"), crowded("bars")]) {
    const labels = labelsOf(svgOf(chart)).slice(1);
    for (const [index, label] of labels.entries()) {
      const [from, to] = spanOf(label);
      assert(from >= 0 && to <= WIDTH, `${chart.file}: ${label.text} reaches from ${from} to ${to}`);
      for (const other of labels.slice(index + 1)) {
        if (Math.abs(other.y - label.y) >= FONT) continue;
        const [start, end] = spanOf(other);
        assert(to <= start || end <= from, `${chart.file}: ${label.text} touches ${other.text}`);
      }
    }
  }
});

Deno.test("no name breaks out of its element", () => {
  const svg = svgOf({ ...BARS, title: `<b> & "c"`, series: [{ name: "a", points: [{ x: "<x>", y: 1 }] }] });
  assertStringIncludes(svg, "&lt;b&gt; &amp; &quot;c&quot;");
  assert(!/<(?:b|x)>/.test(svg));
});

Deno.test("lines are refused whose x is no number", () => {
  assertThrows(() => svgOf({ ...BARS, kind: "lines" }), Error, "each x must be a number");
});

Deno.test("a text is broken between words only", () => {
  assertEquals(wrapped("one two three", 10, 60), ["one two", "three"]);
  assertEquals(wrapped("incomprehensibilities at", 10, 20), ["incomprehensibilities", "at"]);
});

Deno.test("of labels that would touch, the later one is left out", () => {
  const at = (middle: number) => ({ text: "1,000", middle });
  assertEquals(withoutOverlap([at(100), at(0), at(20)], 10, 5).map(({ middle }) => middle), [0, 100]);
});
