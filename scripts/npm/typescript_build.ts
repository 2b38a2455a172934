import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { ROOT } from "../deno_command.ts";
import { ENTRIES } from "./manifest.ts";
import { filesBelow } from "./module_files.ts";

/** A relative import of a source in a declaration file. */
const SOURCE_IMPORT = /((?:\bfrom|\bimport)\s*\(?\s*["']\.{1,2}\/[^"']+)\.ts(?=["'])/g;

/** The options that decide what dnt emits, and those that let TypeScript compile imports of `.ts` files. */
function compilerOptions(folder: string): ts.CompilerOptions {
  return {
    target: ts.ScriptTarget.ES2022,
    lib: ["lib.esnext.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts"],
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    declaration: true,
    strict: true,
    types: [],
    // `deno check` does this
    noCheck: true,
    rewriteRelativeImportExtensions: true,
    rootDir: fileURLToPath(ROOT),
    outDir: `${folder}/esm`,
  };
}

/**
 * Compiles ES modules and their declarations into `<folder>/esm` with TypeScript, as dnt does. TypeScript comes from npm, so this
 * works where JSR cannot be reached.
 */
export async function buildWithTypeScript(folder: string): Promise<void> {
  const entries = ENTRIES.map(({ stem }) => fileURLToPath(new URL(`${stem}.ts`, ROOT)));
  const { diagnostics } = ts.createProgram(entries, compilerOptions(folder)).emit();
  const [diagnostic] = diagnostics;
  if (diagnostic) {
    const text = ts.flattenDiagnosticMessageText(diagnostic.messageText, "\n");
    throw new Error(`Cannot compile the source as TypeScript reports an error: current value is "${text}"`);
  }
  // TypeScript rewrites the imports of modules only
  for (const path of (await filesBelow(`${folder}/esm`)).filter((path) => path.endsWith(".d.ts"))) {
    const file = `${folder}/esm/${path}`;
    await writeFile(file, (await readFile(file, "utf8")).replace(SOURCE_IMPORT, "$1.js"));
  }
}
