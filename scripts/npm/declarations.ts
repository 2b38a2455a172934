import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, relative } from "node:path/posix";
import { ENTRIES } from "./manifest.ts";
import { filesBelow } from "./module_files.ts";

async function declarationsBelow(folder: string): Promise<string[]> {
  return (await filesBelow(folder)).filter((path) => path.endsWith(".d.ts"));
}

/** Gives CommonJS the declarations of the ES modules, which declare the same. */
export async function copyDeclarations(folder: string): Promise<void> {
  for (const path of await declarationsBelow(`${folder}/esm`)) {
    const target = `${folder}/script/${path}`;
    await mkdir(dirname(target), { recursive: true });
    await copyFile(`${folder}/esm/${path}`, target);
  }
}

/**
 * Replaces the declarations of the ES modules with one file for each entry point that exports those of CommonJS. The package is
 * smaller, and TypeScript sees one type in a program that uses both formats.
 */
export async function shareDeclarations(folder: string): Promise<void> {
  for (const path of await declarationsBelow(`${folder}/esm`)) await rm(`${folder}/esm/${path}`);
  for (const { stem } of ENTRIES) {
    const target = relative(`esm/${stem}/..`, `script/${stem}.js`);
    await writeFile(`${folder}/esm/${stem}.d.ts`, `export * from "${target}";\n`);
  }
}

/** Declares `Symbol.asyncDispose` and `Symbol.dispose` for projects whose `lib` is older than it. */
function withDisposal(declarations: string): string {
  const needsIt = /Symbol\.(asyncD|d)ispose/.test(declarations) && !declarations.includes('lib="esnext.disposable"');
  return needsIt ? `/// <reference lib="esnext.disposable" />\n${declarations}` : declarations;
}

/** Rewrites the declarations below a folder so that they stand alone. */
export async function completeDeclarations(folder: string): Promise<void> {
  for (const path of await declarationsBelow(folder)) {
    const file = `${folder}/${path}`;
    await writeFile(file, withDisposal(await readFile(file, "utf8")));
  }
}
