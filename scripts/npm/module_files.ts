import { readdir, rm } from "node:fs/promises";
import { dirname, join, relative } from "node:path";

/** The relative specifiers in code or declarations, of either module format. */
const SPECIFIER = /\b(?:from|import|require)\s*\(?\s*["'](\.{1,2}\/[^"']+)["']/g;

/** Returns the files below a folder, relative to it, sorted, with `/` as separator. */
export async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll("\\", "/"))
    .sort();
}

/** Returns the files that some files import, directly or not, and these files themselves. All have the same extension. */
export async function importedFiles(
  folder: string,
  starts: readonly string[],
  extension: ".js" | ".d.ts",
): Promise<Set<string>> {
  const found = new Set<string>();
  const visit = async (path: string): Promise<void> => {
    if (found.has(path)) return;
    found.add(path);
    const text = await Deno.readTextFile(`${folder}/${path}`);
    for (const [, specifier = ""] of text.matchAll(SPECIFIER)) {
      await visit(join(dirname(path), specifier.replace(/\.js$/, extension)).replaceAll("\\", "/"));
    }
  };
  for (const start of starts) await visit(start);
  return found;
}

/**
 * Removes the files that no entry point imports: tests, their helpers, and declarations of internals.
 *
 * @param stems The entry points, relative to the folder and without their extension.
 */
export async function removeUnusedFiles(folder: string, stems: readonly string[]): Promise<void> {
  const used = new Set<string>();
  for (const extension of [".js", ".d.ts"] as const) {
    const starts = stems.map((stem) => `${stem}${extension}`);
    for (const path of await importedFiles(folder, starts, extension)) used.add(path);
  }
  for (const path of await filesBelow(folder)) if (!used.has(path)) await rm(`${folder}/${path}`);
}
