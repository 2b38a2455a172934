import { readFile, writeFile } from "node:fs/promises";
import { basename, relative } from "node:path";
import { build, type Metafile } from "esbuild";

/** What esbuild aims at, whatever it does here. */
export const TARGET = { format: "esm", target: "es2022", legalComments: "none" } as const;

/** The entry point that all others load: whoever uses a store or the test kit uses it too. */
const CORE = "mod";

/**
 * What else an entry point loads, although it has no use for it. esbuild makes a chunk of the modules that the same entry points
 * load, so this keeps a module that only some of the stores need from being a chunk by itself.
 */
const ALONG: Readonly<Record<string, readonly string[]>> = { "stores/firestore": ["stores/http/url"] };

/** What esbuild leaves where it is: Node's modules, and what dnt adds, so that it is found and refused later. */
const EXTERNAL = ["node:*", "*/_dnt.polyfills.js", "*/_dnt.shims.js", "*/_dnt.test_shims.js"];

/** Has the modules of some entry points be loaded together. They are rewritten, which nobody sees: they are bundled next. */
async function loadAlong(folder: string, stems: readonly string[]): Promise<void> {
  for (const stem of stems) {
    if (stem === CORE) continue;
    const file = `${folder}/${stem}.js`;
    const up = "../".repeat(stem.split("/").length - 1) || "./";
    const imports = [CORE, ...(ALONG[stem] ?? [])].map((other) => `import "${up}${other}.js";\n`);
    await writeFile(file, imports.join("") + await readFile(file, "utf8"));
  }
}

type Outputs = Metafile["outputs"];

/** What is loaded with a file, itself included, before any of it runs. */
function loadedWith(path: string, outputs: Outputs, found: Set<string> = new Set()): Set<string> {
  if (found.has(path) || !outputs[path]) return found;
  found.add(path);
  for (const { path: other, kind } of outputs[path].imports) {
    if (kind === "import-statement") loadedWith(other, outputs, found);
  }
  return found;
}

/**
 * Names for the chunks, which esbuild has named by their hashes: they show in stack traces. What is imported lazily keeps its own
 * name, what the core loads is the core, and any other is called after those who load it.
 */
function chunkNames(outputs: Outputs, stems: readonly string[]): Map<string, string> {
  const starts = new Map<string, string>();
  for (const [path, { entryPoint }] of Object.entries(outputs)) {
    if (entryPoint !== undefined) starts.set(path, entryPoint.replace(/\.js$/, ""));
  }
  const usersOf = (path: string): string[] =>
    [...starts].filter(([start]) => loadedWith(start, outputs).has(path)).map(([, stem]) => stem).sort();
  const names = new Map<string, string>();
  for (const path of Object.keys(outputs)) {
    const start = starts.get(path);
    if (start !== undefined && stems.includes(start)) continue;
    const users = usersOf(path);
    const callers = users.includes(CORE) ? ["core", ...users.filter((user) => !stems.includes(user))] : users;
    const name = (start === undefined ? callers : [start]).map((stem) => basename(stem)).join("_");
    if ([...names.values()].includes(name)) {
      throw new Error(`Cannot name a chunk as its name is taken: current value is ${name}`);
    }
    names.set(basename(path, ".js"), name);
  }
  return names;
}

/**
 * Bundles ES modules: each entry point is in its place then, and what several of them need is in few chunks, as every file that is
 * loaded takes time. What is imported lazily stays apart.
 *
 * @param stems The entry points: their paths in the folder, without the extension. One of them is the core.
 * @returns The code by path. The folder's files are left as they were, but for the entry points.
 */
export async function bundle(folder: string, stems: readonly string[]): Promise<Map<string, string>> {
  await loadAlong(folder, stems);
  const { outputFiles, metafile, warnings } = await build({
    ...TARGET,
    absWorkingDir: folder,
    entryPoints: stems.map((stem) => `${stem}.js`),
    outbase: ".",
    outdir: ".",
    chunkNames: "chunks/[name]-[hash]",
    bundle: true,
    splitting: true,
    // numbers in the places of their names, which no bundler puts there once modules are one; what has a name of its own keeps it
    minifySyntax: true,
    platform: "neutral",
    external: EXTERNAL,
    metafile: true,
    write: false,
    allowOverwrite: true,
    logLevel: "silent",
  });
  const [warning] = warnings;
  if (warning) throw new Error(`Cannot bundle as esbuild warns: current value is ${warning.text}`);
  const renamed = [...chunkNames(metafile.outputs, stems)];
  const named = (text: string): string => renamed.reduce((all, [name, better]) => all.replaceAll(name, better), text);
  return new Map(outputFiles.map(({ path, text }) => {
    return [named(relative(folder, path).replaceAll("\\", "/")), named(text)];
  }));
}
