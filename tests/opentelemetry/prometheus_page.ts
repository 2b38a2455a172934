/** The text format of Prometheus. */

/** A line of the page that is no comment. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Parses a page. Throws if a line is neither a comment nor a sample. */
export function samplesOf(page: string): Sample[] {
  return page.split("\n").filter((line) => line !== "" && !line.startsWith("#")).map((line) => {
    const match = /^([a-z_:][a-z0-9_:]*)(?:\{(.*)\})? (\S+)$/i.exec(line);
    const [, name = "", text = "", value = ""] = match ?? [];
    if (!match) throw new Error(`Cannot parse the page as a line has another format: current value is ${line}`);
    const labels = [...text.matchAll(/([a-z_][a-z0-9_]*)="((?:[^"\\]|\\.)*)"/gi)];
    return {
      name,
      labels: Object.fromEntries(labels.map(([, key, label = ""]) => [key, label.replace(/\\(.)/g, "$1")])),
      value: value === "+Inf" ? Infinity : Number(value),
    };
  });
}
