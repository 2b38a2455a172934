import { assert, assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { descriptionOf, svgOf } from "./chart.ts";
import { FONT, WIDTH } from "./frame.ts";
import { widthOf, withoutOverlap, wrapped } from "./text.ts";
import type { Chart } from "../section.ts";

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

/** Returns the horizontal span of a label. */
function spanOf({ x, text, anchor }: Label): [number, number] {
  const width = widthOf(text, FONT);
  const left = anchor === "end" ? x - width : anchor === "middle" ? x - width / 2 : x;
  return [left, left + width];
}

/** A chart with many series of long names, and many points. */
function crowded(kind: Chart["kind"]): Chart {
  const series = Array.from({ length: 9 }, (_, index) => ({
    name: `candidate number ${index} with a name of some length`,
    points: Array.from({ length: 30 }, (_, at) => ({ x: kind === "bars" ? `group ${at} of all` : at, y: at * index })),
  }));
  return { file: "crowded", title: "All", kind, xLabel: "x", yLabel: "y", series };
}

Deno.test("svgOf() describes the figures for screen readers", () => {
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

Deno.test("descriptionOf() describes a long series by a few points", () => {
  const points = Array.from({ length: 101 }, (_, x) => ({ x, y: 2 * x }));
  const text = descriptionOf({ ...LINES, series: [{ name: "many", points }] });
  assertStringIncludes(text, "many: 0: 0; 50: 100; 100: 200.");
});

Deno.test("svgOf() has colours for light and dark mode, and its own background", () => {
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

Deno.test("svgOf() gives this package its own colour at any position", () => {
  const other = { name: "croner", points: [{ x: 1, y: 1 }, { x: 2, y: 2 }] };
  const ours = { name: "this package", points: [{ x: 1, y: 1 }, { x: 2, y: 3 }] };
  for (const series of [[ours, other], [other, ours]]) {
    assertMatch(svgOf({ ...LINES, series }), /<g class="c0">\n<polyline class="line ours"/);
  }
  assertEquals(tags(svgOf(BARS), "rect").map((tag) => attribute(tag, "class")), ["paper", "c0", "c1"]);
});

Deno.test("svgOf() draws lines from left to right, with higher values above", () => {
  const [croner = "", ours = ""] = tags(svgOf(LINES), "polyline").map((tag) => attribute(tag, "points"));
  for (const points of [croner, ours]) {
    const [[x1, y1], [x2, y2]] = points.split(" ").map((pair) => pair.split(",").map(Number)) as [number[], number[]];
    assert(x1! < x2! && y1! > y2!, points);
  }
  assert(Number(croner.split(/[ ,]/)[1]) < Number(ours.split(/[ ,]/)[1]), "croner takes more");
});

Deno.test("svgOf() leaves out points that do not fit on a log axis, and shows the figure of such bars", () => {
  const points = [{ x: 1, y: 0 }, { x: 10, y: 5 }, { x: 100, y: 50 }];
  const [line = ""] = tags(svgOf({ ...LINES, series: [{ name: "a", points }] }), "polyline");
  assertEquals(attribute(line, "points").split(" ").length, 2);
  const zero = [{ name: "a", points: [{ x: "none", y: 0 }, { x: "some", y: 20 }] }];
  const svg = svgOf({ ...BARS, yScale: "log", series: zero });
  assertEquals(tags(svg, "rect").map((tag) => attribute(tag, "width")).slice(1, 2), ["0"]);
  assert(labelsOf(svg).some(({ text }) => text === "0"));
});

Deno.test("svgOf() draws bars in proportion to their values, with their figures", () => {
  const [, ours = "", croner = ""] = tags(svgOf(BARS), "rect").map((tag) => attribute(tag, "width"));
  assert(Math.abs(Number(croner) - 2 * Number(ours)) < 0.3, `${ours} and ${croner}`);
  const texts = labelsOf(svgOf(BARS)).map(({ text }) => text);
  for (const text of ["this package", "croner", "100", "200", "kB"]) assert(texts.includes(text), text);
});

Deno.test("svgOf() draws bars below zero to the other side", () => {
  const svg = svgOf({ ...BARS, series: [{ name: "a", points: [{ x: "less", y: -5 }, { x: "more", y: 5 }] }] });
  const [, less, more] = tags(svg, "rect").map((tag) => ({
    from: Number(attribute(tag, "x")),
    width: Number(attribute(tag, "width")),
  }));
  assert(Math.abs(less!.from + less!.width - more!.from) < 0.3);
});

Deno.test("svgOf() keeps all labels apart and inside the chart", () => {
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

Deno.test("svgOf() escapes names", () => {
  const svg = svgOf({ ...BARS, title: `<b> & "c"`, series: [{ name: "a", points: [{ x: "<x>", y: 1 }] }] });
  assertStringIncludes(svg, "&lt;b&gt; &amp; &quot;c&quot;");
  assert(!/<(?:b|x)>/.test(svg));
});

Deno.test("svgOf() throws on lines whose x is no number", () => {
  assertThrows(() => svgOf({ ...BARS, kind: "lines" }), Error, "each x must be a number");
});

Deno.test("wrapped() breaks between words only", () => {
  assertEquals(wrapped("one two three", 10, 60), ["one two", "three"]);
  assertEquals(wrapped("incomprehensibilities at", 10, 20), ["incomprehensibilities", "at"]);
});

Deno.test("withoutOverlap() leaves out the later of two labels that touch", () => {
  const at = (middle: number) => ({ text: "1,000", middle });
  assertEquals(withoutOverlap([at(100), at(0), at(20)], 10, 5).map(({ middle }) => middle), [0, 100]);
});
