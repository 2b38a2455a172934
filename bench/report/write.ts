import { fileURLToPath } from "node:url";
import { denoOrThrow, ROOT } from "../../internal/processes/deno_command.ts";
import { svgOf } from "./charts/chart.ts";
import type { MeasuredPart } from "./measured.ts";
import { pageOf } from "./page.ts";

/** The folder of page, results and charts. */
export const FOLDER: URL = new URL("bench/", ROOT);

/** Makes the page and the charts, by their paths in the folder. */
export function filesOf(all: readonly MeasuredPart[]): ReadonlyMap<string, string> {
  const files = new Map([["RESULTS.md", pageOf(all)]]);
  for (const { section: { charts } } of all) {
    for (const chart of charts) {
      const path = `charts/${chart.file}.svg`;
      if (files.has(path)) throw new Error(`Cannot write two charts to one file: current value is ${path}`);
      files.set(path, svgOf(chart));
    }
  }
  return files;
}

/** Writes the page and its charts, and removes other charts. */
export async function writePage(all: readonly MeasuredPart[], folder: URL = FOLDER): Promise<void> {
  const files = filesOf(all);
  await Deno.mkdir(new URL("charts/", folder), { recursive: true });
  for await (const { name } of Deno.readDir(new URL("charts/", folder))) {
    if (!files.has(`charts/${name}`)) await Deno.remove(new URL(`charts/${name}`, folder));
  }
  for (const [path, content] of files) await Deno.writeTextFile(new URL(path, folder), content);
  // all files must pass `deno fmt --check`
  const written = ["RESULTS.md", "charts/", "results/"].map((name) => fileURLToPath(new URL(name, folder)));
  await denoOrThrow(["fmt", "--quiet", ...written]);
}
