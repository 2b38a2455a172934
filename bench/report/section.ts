/** The results of a part of the benchmarks, for the page and the charts. */
export interface Section {
  /** A short and stable name for the command line and the files. */
  readonly id: string;
  readonly title: string;
  /** Sentences on how it was measured and what the figures mean. */
  readonly notes: readonly string[];
  readonly tables: readonly Table[];
  readonly charts: readonly Chart[];
  readonly goals: readonly Goal[];
  /** The versions of the measured programs by name. */
  readonly versions: Readonly<Record<string, string>>;
}

/** Rows of figures. Numbers are shown with three significant digits, texts unchanged. */
export interface Table {
  readonly caption: string;
  readonly header: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

/** A chart of lines or of groups of bars. */
export interface Chart {
  /** The file name without folder and extension. */
  readonly file: string;
  readonly title: string;
  readonly kind: "lines" | "bars";
  readonly xLabel: string;
  readonly yLabel: string;
  readonly xScale?: "linear" | "log";
  readonly yScale?: "linear" | "log";
  readonly series: readonly Series[];
}

/** A line, or a bar of each group. In bar charts `x` is the name of the group. */
export interface Series {
  readonly name: string;
  readonly points: readonly { readonly x: number | string; readonly y: number }[];
}

/** A goal for a figure. */
export interface Goal {
  readonly what: string;
  readonly limit: string;
  readonly value: string;
  readonly isMet: boolean;
}

/** How to measure a part. */
export interface PartOptions {
  /** A test of the benchmark itself in at most some 20 seconds, whose figures mean little. */
  readonly isShort: boolean;
  /** How often each figure is measured; the median counts. */
  readonly repetitions: number;
}

/** A part of the benchmarks. */
export interface Part {
  readonly id: string;
  readonly title: string;
  /** Measures and prints its progress. Throws if something cannot be measured. */
  run(options: PartOptions): Promise<Section>;
}
