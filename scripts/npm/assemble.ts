import { copyFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path/posix";
import { stop, transform, type TransformOptions } from "esbuild";
import { fileURLToPath } from "node:url";
import { ROOT } from "../../internal/processes/deno_command.ts";
import { bundle, TARGET } from "./bundle.ts";
import { completeDeclarations, copyDeclarations, shareDeclarations } from "./declarations.ts";
import { BIN_FILE, BIN_TEXT, ENTRIES, type Format, FORMATS, manifest } from "./manifest.ts";
import { filesBelow, importedFiles, removeUnusedFiles } from "./module_files.ts";
import { findShim, withoutShims } from "./shims.ts";

const DOCUMENTS = ["README.md", "LICENSE", "CHANGELOG.md"];

const STEMS = ENTRIES.map(({ stem }) => stem);

/** The last step of each format. Node can import the exports of the CommonJS by name; it is strict, as ES modules are. */
const OPTIONS: Readonly<Record<Format, TransformOptions>> = {
  esm: TARGET,
  script: { ...TARGET, format: "cjs", platform: "node", banner: '"use strict";' },
};

/** An import of a name that is only known at run time. */
const VARIABLE_IMPORT = /\bimport\((?=[\w$]+\))/g;

/** Makes bundlers leave such an import as it is. */
const FOR_BUNDLERS = "import(/* webpackIgnore: true */ /* @vite-ignore */ ";

/** Returns a module without comments, which are in the declarations. Names and lines stay, for stack traces and debuggers. */
async function published(code: string, format: Format): Promise<string> {
  // esbuild removes all comments only together with the white space, and the second pass formats the code again
  const compact = await transform(code, { ...TARGET, minifyWhitespace: true });
  return (await transform(compact.code, OPTIONS[format])).code.replace(VARIABLE_IMPORT, FOR_BUNDLERS);
}

/**
 * Bundles the modules and writes them in each format. CommonJS is made from the bundled ES modules, file by file: esbuild splits
 * ES modules alone, and a class or a cache that two entry points share must exist once.
 */
async function writeModules(folder: string): Promise<void> {
  const modules = await bundle(`${folder}/esm`, STEMS);
  for (const format of FORMATS) {
    for (const [path, code] of modules) {
      const file = `${folder}/${format}/${path}`;
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, await published(code, format));
    }
  }
}

async function removeShims(folder: string): Promise<void> {
  for (const path of await filesBelow(folder)) {
    if (!/\.(js|d\.ts)$/.test(path)) continue;
    const file = `${folder}/${path}`;
    await writeFile(file, withoutShims(await readFile(file, "utf8")));
  }
}

async function assertNoShims(folder: string): Promise<void> {
  for (const path of await importedFiles(folder, STEMS.map((stem) => `${stem}.js`), ".js")) {
    const found = findShim(path, await readFile(`${folder}/${path}`, "utf8"));
    if (found) {
      throw new Error(`Cannot publish ${path} as it needs Deno or a shim: current value is "${found}"`);
    }
  }
}

/**
 * Makes the npm package from the ES modules and declarations that a builder wrote into `<folder>/esm`. CommonJS is made from them,
 * and has the builder's declarations in `<folder>/script` if it wrote any.
 */
export async function assemblePackage(folder: string): Promise<void> {
  const built = await readdir(folder);
  for (const name of built) {
    if (!FORMATS.some((format) => format === name)) await rm(`${folder}/${name}`, { recursive: true });
  }
  if (!built.includes("script")) await copyDeclarations(folder);
  for (const format of FORMATS) await removeShims(`${folder}/${format}`);
  try {
    await writeModules(folder);
  } finally {
    await stop();
  }
  for (const format of FORMATS) {
    const modules = `${folder}/${format}`;
    await removeUnusedFiles(modules, STEMS);
    await completeDeclarations(modules);
    await assertNoShims(modules);
    const type = format === "esm" ? "module" : "commonjs";
    await writeFile(`${modules}/package.json`, `${JSON.stringify({ type })}\n`);
  }
  await shareDeclarations(folder);
  for (const name of DOCUMENTS) await copyFile(fileURLToPath(new URL(name, ROOT)), `${folder}/${name}`);
  await mkdir(dirname(`${folder}/${BIN_FILE}`), { recursive: true });
  await writeFile(`${folder}/${BIN_FILE}`, BIN_TEXT, { mode: 0o755 });
  await writeFile(`${folder}/package.json`, `${JSON.stringify(manifest(), null, 2)}\n`);
}
