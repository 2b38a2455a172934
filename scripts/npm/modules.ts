import { readdir, rm } from "node:fs/promises";
import { dirname, join, relative } from "node:path";

/** The relative specifiers in code or declarations, of either module format. */
const SPECIFIER = /\b(?:from|import|require)\s*\(?\s*["'](\.{1,2}\/[^"']+)["']/g;

/** The same, without what is imported lazily. */
export const AT_ONCE: RegExp = /\b(?:from|import|require\()\s*["'](\.{1,2}\/[^"']+)["']/g;

/** The files below a folder, relative to it, with `/` between their parts. */
export async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll("\\", "/"))
    .sort();
}

/** All files that some files need, directly or not, themselves included; `extension` is that of the files. */
export async function reached(
  folder: string,
  starts: string[],
  extension: ".js" | ".d.ts",
  specifiers: RegExp = SPECIFIER,
): Promise<Set<string>> {
  const found = new Set<string>();
  const visit = async (path: string): Promise<void> => {
    if (found.has(path)) return;
    found.add(path);
    const text = await Deno.readTextFile(`${folder}/${path}`);
    for (const [, specifier = ""] of text.matchAll(specifiers)) {
      await visit(join(dirname(path), specifier.replace(/\.js$/, extension)).replaceAll("\\", "/"));
    }
  };
  for (const start of starts) await visit(start);
  return found;
}

/** Removes whatever no entry point reaches: tests, what they need, and declarations of internals. */
export async function removeUnreached(folder: string, stems: string[]): Promise<void> {
  const kept = new Set<string>();
  for (const extension of [".js", ".d.ts"] as const) {
    for (const path of await reached(folder, stems.map((stem) => `${stem}${extension}`), extension)) kept.add(path);
  }
  for (const path of await filesBelow(folder)) if (!kept.has(path)) await rm(`${folder}/${path}`);
}
