import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { ROOT } from "../../internal/processes/deno_command.ts";
import { ENTRIES } from "./manifest.ts";
import { filesBelow } from "./module_files.ts";

/** A relative import of a source in a declaration file. */
const SOURCE_IMPORT = /((?:\bfrom|\bimport)\s*\(?\s*["']\.{1,2}\/[^"']+)\.ts(?=["'])/g;

/** How TypeScript emits an import of a name that is only known at run time. No such name is a relative path. */
const REWRITTEN_IMPORT = /\b__rewriteRelativeImportExtension\(([^()]*)\)/g;

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
    // the only one is that of imports whose names are not known here
    noEmitHelpers: true,
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
  for (const path of await filesBelow(`${folder}/esm`)) {
    const file = `${folder}/esm/${path}`;
    const text = await readFile(file, "utf8");
    // TypeScript rewrites the imports of modules only
    const rewritten = path.endsWith(".d.ts")
      ? text.replace(SOURCE_IMPORT, "$1.js")
      : text.replace(REWRITTEN_IMPORT, "$1");
    if (rewritten !== text) await writeFile(file, rewritten);
  }
}
