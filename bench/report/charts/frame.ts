import { escaped, place, widthOf } from "./text.ts";

/** The width of all charts. */
export const WIDTH = 800;
export const FONT = 13;
export const TITLE_FONT = 16;
export const MARGIN = 16;

/** The names of this package's series, which stand out. */
const OURS = /^this package\b/;

/** Whether a series or group is this package's. */
export function isOurs(name: string): boolean {
  return OURS.test(name);
}

/** Colours for light and dark backgrounds that also differ in lightness. The first is this package's. */
const COLOURS: readonly (readonly [light: string, dark: string])[] = [
  ["#c2185b", "#ff6fa5"],
  ["#0b62b0", "#69b3ff"],
  ["#8a6d00", "#e6c229"],
  ["#1b7f4b", "#58d19a"],
  ["#5e4bb5", "#b3a4ff"],
  ["#b3500a", "#ff9f57"],
  ["#007e8c", "#4fd5e3"],
  ["#6b6b6b", "#b8b8b8"],
  ["#7a3b2e", "#e0a090"],
  ["#39457a", "#9db0f5"],
];

const INK = [
  ["#fff", "#0d1117"],
  ["#1f2328", "#e6edf3"],
  ["#59636e", "#9198a1"],
  ["#d1d9e0", "#3d444d"],
] as const;

/** Returns the CSS of the used colours for light or dark mode. */
function rules(mode: 0 | 1, used: ReadonlySet<string>): string {
  const [paper, ink, faint, grid] = INK.map((pair) => pair[mode]);
  const series = COLOURS.map((pair, index) => ({ name: `c${index}`, colour: pair[mode] }));
  return [
    `.paper{fill:${paper}}text{fill:${ink}}.faint{fill:${faint}}.grid{stroke:${grid}}.axis{stroke:${faint}}`,
    ...series.filter(({ name }) => used.has(name)).map(({ name, colour }) =>
      `.${name}{fill:${colour};stroke:${colour}}`
    ),
  ].join("");
}

function style(elements: readonly string[]): string {
  const used = new Set([...elements.join("").matchAll(/class="(c\d)"/g)].map(([, name]) => name!));
  return `text{font-family:system-ui,"Segoe UI",Roboto,Helvetica,Arial,sans-serif;font-size:${FONT}px}` +
    `.title{font-size:${TITLE_FONT}px;font-weight:600}.line{fill:none;stroke-width:2}.ours{stroke-width:3.5}` +
    `${rules(0, used)}@media (prefers-color-scheme:dark){${rules(1, used)}}`;
}

/** Returns a colour class for each name. The first class is only for this package. */
export function colours(names: readonly string[]): string[] {
  let next = 0;
  let own = 0;
  return names.map((name) => {
    // further series of this package need other colours
    if (isOurs(name) && own++ === 0) return "c0";
    return `c${1 + next++ % (COLOURS.length - 1)}`;
  });
}

/** Draws a marker. The shapes tell series apart without colours. */
export function marker(shape: number, x: number, y: number, size: number): string {
  const at = (dx: number, dy: number): string => `${place(x + dx * size)},${place(y + dy * size)}`;
  const polygon = (...points: readonly (readonly [number, number])[]): string =>
    `<polygon points="${points.map(([dx, dy]) => at(dx, dy)).join(" ")}"/>`;
  const shapes = [
    () => `<circle cx="${place(x)}" cy="${place(y)}" r="${place(size)}"/>`,
    () => polygon([-0.9, -0.9], [0.9, -0.9], [0.9, 0.9], [-0.9, 0.9]),
    () => polygon([0, -1.2], [1.1, 0.8], [-1.1, 0.8]),
    () => polygon([0, -1.3], [1.3, 0], [0, 1.3], [-1.3, 0]),
    () => polygon([0, 1.2], [1.1, -0.8], [-1.1, -0.8]),
  ];
  return shapes[shape % shapes.length]!();
}

/** Draws a legend in rows of the chart's width. */
export function legend(
  names: readonly string[],
  top: number,
): { readonly elements: string[]; readonly height: number } {
  const [row, mark, gap] = [20, 18, 18];
  const classes = colours(names);
  const elements: string[] = [];
  let [x, y] = [MARGIN, top];
  for (const [index, name] of names.entries()) {
    const width = mark + widthOf(name, FONT);
    if (x > MARGIN && x + width > WIDTH - MARGIN) [x, y] = [MARGIN, y + row];
    elements.push(`<g class="${classes[index]}">${marker(index, x + 6, y, 5)}</g>`);
    elements.push(text(x + mark, y + 4.5, name));
    x += width + gap;
  }
  return { elements, height: y + row - top };
}

/** Makes a text element. */
export function text(x: number, y: number, content: string, attributes = ""): string {
  return `<text x="${place(x)}" y="${place(y)}"${attributes && ` ${attributes}`}>${escaped(content)}</text>`;
}

/** Makes a line element. */
export function line(x1: number, y1: number, x2: number, y2: number, name: string): string {
  return `<line class="${name}" x1="${place(x1)}" y1="${place(y1)}" x2="${place(x2)}" y2="${place(y2)}"/>`;
}

/** The contents of a chart. */
export interface Frame {
  readonly title: string;
  readonly description: string;
  readonly height: number;
  readonly elements: readonly string[];
}

/** Makes the SVG file. It has its own background, as the page may be light while the reader prefers dark. */
export function svg({ title, description, height, elements }: Frame): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${place(height)}" ` +
    `viewBox="0 0 ${WIDTH} ${place(height)}" role="img" aria-labelledby="title description">`,
    `<title id="title">${escaped(title)}</title>`,
    `<desc id="description">${escaped(description)}</desc>`,
    `<style>${style(elements)}</style>`,
    `<rect class="paper" width="100%" height="100%" rx="6"/>`,
    text(MARGIN, MARGIN + TITLE_FONT - 2, title, 'class="title"'),
    ...elements,
    "</svg>",
    "",
  ].join("\n");
}
