import { copyFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, relative } from "node:path/posix";
import { stop, transform, type TransformOptions } from "esbuild";
import { fileURLToPath } from "node:url";
import { ROOT } from "../../internal/processes/deno_command.ts";
import { bundle, TARGET } from "./bundle.ts";
import { ENTRIES, type Format, manifest } from "./manifest.ts";
import { filesBelow, reached, removeUnreached } from "./modules.ts";
import { withoutShims } from "./without_shims.ts";

const DOCUMENTS = ["README.md", "LICENSE", "CHANGELOG.md"];

/** CommonJS that Node lets ES modules import by names, and that is as strict as the ES modules it is made of. */
const SCRIPT: TransformOptions = { ...TARGET, format: "cjs", platform: "node", banner: '"use strict";' };

/** The test kit is a third of the code, and no server loads it: it is minified. */
function isTestKit(path: string): boolean {
  return /^src\/(testing|simulator)\//.test(path);
}

/**
 * A module as it is published in a format. The comments are taken out: they are in the declarations, where editors look, and in the
 * source. The names of functions are left, but for the test kit's, so that stack traces tell something.
 */
async function published(code: string, path: string, format: Format): Promise<string> {
  const options: TransformOptions = format === "esm" ? TARGET : SCRIPT;
  if (isTestKit(path)) {
    return (await transform(code, { ...options, minifyWhitespace: true, minifyIdentifiers: true })).code;
  }
  // esbuild leaves some comments, unless it takes out all white space too
  const bare = await transform(code, { ...TARGET, minifyWhitespace: true });
  return (await transform(bare.code, options)).code;
}

/**
 * Bundles the modules, and writes them in each format. CommonJS is made of the bundled ES modules, one file of each: esbuild splits
 * nothing else, and a class or a cache that two entry points share must not be there twice.
 */
async function writeModules(folder: string, formats: readonly Format[]): Promise<void> {
  const modules = await bundle(`${folder}/esm`, ENTRIES.map(({ stem }) => stem));
  for (const format of formats) {
    for (const [path, code] of modules) {
      const file = `${folder}/${format}/${path}`;
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, await published(code, path, format));
    }
  }
}

/** Rewrites the files of some kind below a folder. */
async function rewrite(
  folder: string,
  extension: string,
  change: (text: string, path: string) => string | Promise<string>,
): Promise<void> {
  for (const path of await filesBelow(folder)) {
    if (!path.endsWith(extension)) continue;
    const file = `${folder}/${path}`;
    await writeFile(file, await change(await readFile(file, "utf8"), path));
  }
}

/**
 * Has the declarations of the ES modules name those of the CommonJS modules, as both declare the same. It halves what is
 * installed, and a type is one and the same to TypeScript, whichever way it was imported.
 */
async function shareDeclarations(folder: string): Promise<void> {
  for (const path of await filesBelow(`${folder}/esm`)) if (path.endsWith(".d.ts")) await rm(`${folder}/esm/${path}`);
  for (const { stem } of ENTRIES) {
    const target = relative(`esm/${stem}/..`, `script/${stem}.js`);
    await writeFile(`${folder}/esm/${stem}.d.ts`, `export * from "${target}";\n`);
  }
}

/** Declares what `await using` asks for to those whose `lib` is older than it, if only their TypeScript knows it. */
function withDisposal(declarations: string): string {
  const needsIt = declarations.includes("Symbol.asyncDispose") && !declarations.includes('lib="esnext.disposable"');
  return needsIt ? `/// <reference lib="esnext.disposable" />\n${declarations}` : declarations;
}

async function refuseShims(folder: string): Promise<void> {
  for (const path of await reached(folder, ENTRIES.map(({ stem }) => `${stem}.js`), ".js")) {
    const code = await readFile(`${folder}/${path}`, "utf8");
    const found = /_dnt\.|\bDeno\s*\.|globalThis\.Deno|\bdntShim/.exec(`${path}\n${code}`)?.[0];
    if (found) {
      throw new Error(`Cannot publish ${path} as it must not need Deno or a shim: current value is "${found}"`);
    }
  }
}

/** Makes a package, ready to be packed, of what a builder has put into `<folder>/esm` and maybe `<folder>/script`. */
export async function finish(folder: string, formats: readonly Format[]): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!formats.some((format) => format === name)) await rm(`${folder}/${name}`, { recursive: true });
  }
  await rewrite(`${folder}/esm`, ".js", withoutShims);
  for (const format of formats) await rewrite(`${folder}/${format}`, ".d.ts", withoutShims);
  try {
    await writeModules(folder, formats);
  } finally {
    await stop();
  }
  for (const format of formats) {
    const modules = `${folder}/${format}`;
    await removeUnreached(modules, ENTRIES.map(({ stem }) => stem));
    await rewrite(modules, ".d.ts", withDisposal);
    await refuseShims(modules);
    const type = format === "esm" ? "module" : "commonjs";
    await writeFile(`${modules}/package.json`, `${JSON.stringify({ type })}\n`);
  }
  if (formats.includes("script")) await shareDeclarations(folder);
  for (const name of DOCUMENTS) await copyFile(fileURLToPath(new URL(name, ROOT)), `${folder}/${name}`);
  await writeFile(`${folder}/package.json`, `${JSON.stringify(manifest(formats), null, 2)}\n`);
}
