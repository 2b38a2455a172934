/** What one part of the benchmarks has found, for the page and the charts that are made of it. */
export interface Section {
  /** Short and stable: names the part on the command line and its charts' files. */
  readonly id: string;
  readonly title: string;
  /** How it was measured, and what to know of the figures: a sentence each. */
  readonly notes: readonly string[];
  readonly tables: readonly Table[];
  readonly charts: readonly Chart[];
  readonly goals: readonly Goal[];
  /** What was measured, by name, with its version. */
  readonly versions: Readonly<Record<string, string>>;
}

/** Rows of figures. A number is shown with some three significant digits, a text as it is. */
export interface Table {
  readonly caption: string;
  readonly header: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

/** Lines over an axis, or groups of bars. */
export interface Chart {
  /** Without folder and extension. */
  readonly file: string;
  readonly title: string;
  readonly kind: "lines" | "bars";
  readonly xLabel: string;
  readonly yLabel: string;
  readonly xScale?: "linear" | "log";
  readonly yScale?: "linear" | "log";
  readonly series: readonly Series[];
}

/** One line, or one bar of each group. Of bars, `x` is the group's name. */
export interface Series {
  readonly name: string;
  readonly points: readonly { readonly x: number | string; readonly y: number }[];
}

/** Where a figure must stand. */
export interface Goal {
  readonly what: string;
  readonly limit: string;
  readonly value: string;
  readonly isMet: boolean;
}

/** How a part is to be measured. */
export interface PartOptions {
  /** A form of at most some 20 seconds, that shows that it works and whose figures mean little. */
  readonly isShort: boolean;
  /** How often each figure is measured; the median is told. */
  readonly repetitions: number;
}

/** A part of the benchmarks. */
export interface Part {
  readonly id: string;
  readonly title: string;
  /** Measures. Says on the console what it is doing. Throws if something can't be measured. */
  run(options: PartOptions): Promise<Section>;
}
