import { copyFile, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { relative } from "node:path/posix";
import { stop, transform } from "esbuild";
import { fileURLToPath } from "node:url";
import { ROOT } from "../deno_command.ts";
import { ENTRIES, type Format, manifest } from "./manifest.ts";
import { filesBelow, reached, removeUnreached } from "./modules.ts";
import { withoutShims } from "./without_shims.ts";

/** esbuild leaves some comments, unless it takes out all white space too. */
const SLIM = { legalComments: "none", target: "es2022" } as const;

const DOCUMENTS = ["README.md", "LICENSE", "CHANGELOG.md"];

/** The test kit is a third of the code, and no server loads it: it is minified. */
function isTestKit(path: string): boolean {
  return path.startsWith("src/testing/");
}

/** Takes the comments out of code: they are in the declarations, where editors look, and in the source. */
async function withoutComments(code: string, path: string): Promise<string> {
  const bare = await transform(code, { ...SLIM, minifyWhitespace: true, minifyIdentifiers: isTestKit(path) });
  return isTestKit(path) ? bare.code : (await transform(bare.code, SLIM)).code;
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
  try {
    for (const format of formats) {
      const modules = `${folder}/${format}`;
      for (const extension of [".js", ".d.ts"]) await rewrite(modules, extension, withoutShims);
      await removeUnreached(modules, ENTRIES.map(({ stem }) => stem));
      await rewrite(modules, ".js", withoutComments);
      await rewrite(modules, ".d.ts", withDisposal);
      await refuseShims(modules);
      const type = format === "esm" ? "module" : "commonjs";
      await writeFile(`${folder}/${format}/package.json`, `${JSON.stringify({ type })}\n`);
    }
  } finally {
    await stop();
  }
  if (formats.includes("script")) await shareDeclarations(folder);
  for (const name of DOCUMENTS) await copyFile(fileURLToPath(new URL(name, ROOT)), `${folder}/${name}`);
  await writeFile(`${folder}/package.json`, `${JSON.stringify(manifest(formats), null, 2)}\n`);
}
