import { fileURLToPath } from "node:url";
import { denoOrThrow, ROOT } from "../../deno_command.ts";
import { svgOf } from "./charts/chart.ts";
import type { Measured } from "./measured.ts";
import { pageOf } from "./page.ts";

/** Where page, findings and charts are. */
export const PAGES: URL = new URL("bench/", ROOT);

/** Files by their paths below the folder of the page. */
export function filesOf(all: readonly Measured[]): ReadonlyMap<string, string> {
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

/** Writes the page and its charts, and removes charts that are of no part any more. */
export async function writePage(all: readonly Measured[], folder: URL = PAGES): Promise<void> {
  const files = filesOf(all);
  await Deno.mkdir(new URL("charts/", folder), { recursive: true });
  for await (const { name } of Deno.readDir(new URL("charts/", folder))) {
    if (!files.has(`charts/${name}`)) await Deno.remove(new URL(`charts/${name}`, folder));
  }
  for (const [path, content] of files) await Deno.writeTextFile(new URL(path, folder), content);
  // as all files of the project are
  await denoOrThrow(["fmt", "--quiet", fileURLToPath(folder)]);
}
