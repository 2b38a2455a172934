import { readFile, writeFile } from "node:fs/promises";
import { basename, dirname, relative } from "node:path";
import { build, type Metafile } from "esbuild";
import { OPTIONAL_PEERS } from "./manifest.ts";

/** The esbuild options that every step uses. */
export const TARGET = { format: "esm", target: "es2022", legalComments: "none" } as const;

/** The entry point that every other one loads: a program that uses a store or the test kit uses the scheduler too. */
const CORE = "mod";

/**
 * Modules that an entry point loads although it does not use them. esbuild makes one chunk for the modules that the same entry
 * points load, so this prevents a small chunk for a module that only some of the stores use.
 */
const ALSO_LOADED: Readonly<Record<string, readonly string[]>> = {
  "stores/consul": ["stores/sign_in/credential_cache", "stores/sign_in/network_fault"],
  "stores/etcd": ["stores/http/url"],
  "stores/firestore": ["stores/http/url"],
};

/** Imports that esbuild leaves as they are: Node's modules, optional peers, and the files that dnt adds, which a later step refuses. */
const EXTERNAL = [
  "node:*",
  ...Object.keys(OPTIONAL_PEERS),
  "*/_dnt.polyfills.js",
  "*/_dnt.shims.js",
  "*/_dnt.test_shims.js",
];

/** Adds imports to the entry points, so that esbuild assigns modules to fewer chunks. */
async function addImports(folder: string, stems: readonly string[]): Promise<void> {
  for (const stem of stems) {
    if (stem === CORE) continue;
    const file = `${folder}/${stem}.js`;
    const up = "../".repeat(stem.split("/").length - 1) || "./";
    const imports = [CORE, ...(ALSO_LOADED[stem] ?? [])].map((other) => `import "${up}${other}.js";\n`);
    await writeFile(file, imports.join("") + await readFile(file, "utf8"));
  }
}

type Outputs = Metafile["outputs"];

/** Returns a file and those that it imports, directly or not, without lazy imports. */
function importedOutputs(path: string, outputs: Outputs, found: Set<string> = new Set()): Set<string> {
  if (found.has(path) || !outputs[path]) return found;
  found.add(path);
  for (const { path: other, kind } of outputs[path].imports) {
    if (kind === "import-statement") importedOutputs(other, outputs, found);
  }
  return found;
}

/** A module's name in the names of chunks: "core", "gcs", or the folder's name for a `mod.js` such as that of `./testing`. */
function shortName(stem: string): string {
  if (stem === CORE) return "core";
  return basename(stem) === "mod" ? basename(dirname(stem)) : basename(stem);
}

/**
 * Chooses names for the chunks, which esbuild names by hashes, because they appear in stack traces. A lazily imported module keeps
 * its name, the chunk of the core is "core", and every other chunk is named after the entry points that load it.
 *
 * @returns The new name of each chunk by its old one.
 */
function chunkNames(outputs: Outputs, stems: readonly string[]): Map<string, string> {
  const starts = new Map<string, string>();
  for (const [path, { entryPoint }] of Object.entries(outputs)) {
    if (entryPoint !== undefined) starts.set(path, entryPoint.replace(/\.js$/, ""));
  }
  const usersOf = (path: string): string[] =>
    [...starts].filter(([start]) => importedOutputs(start, outputs).has(path)).map(([, stem]) => stem).sort();
  const names = new Map<string, string>();
  for (const path of Object.keys(outputs)) {
    const start = starts.get(path);
    if (start !== undefined && stems.includes(start)) continue;
    const users = usersOf(path);
    const lazyUsers = users.filter((user) => !stems.includes(user));
    const named = users.includes(CORE) ? [CORE, ...lazyUsers] : users;
    const name = (start === undefined ? named : [start]).map(shortName).join("_");
    if ([...names.values()].includes(name)) {
      throw new Error(`Cannot name a chunk as another has this name: current value is "${name}"`);
    }
    names.set(basename(path, ".js"), name);
  }
  return names;
}

/**
 * Bundles ES modules. Each entry point stays in its place, and the modules that several entry points share are in a few chunks,
 * because every file takes time to load. Lazily imported modules stay separate.
 *
 * @param folder Holds the modules. Nothing is written to it, except that the entry points get additional imports.
 * @param stems The entry points: their paths in the folder without the extension. One of them is the core.
 * @returns The code by path.
 */
export async function bundle(folder: string, stems: readonly string[]): Promise<Map<string, string>> {
  await addImports(folder, stems);
  const { outputFiles, metafile, warnings } = await build({
    ...TARGET,
    absWorkingDir: folder,
    entryPoints: stems.map((stem) => `${stem}.js`),
    outbase: ".",
    outdir: ".",
    chunkNames: "chunks/[name]-[hash]",
    bundle: true,
    splitting: true,
    platform: "neutral",
    external: EXTERNAL,
    metafile: true,
    write: false,
    allowOverwrite: true,
    logLevel: "silent",
  });
  const [warning] = warnings;
  if (warning) throw new Error(`Cannot bundle as esbuild warns: current value is "${warning.text}"`);
  const renames = [...chunkNames(metafile.outputs, stems)];
  const rename = (text: string): string => renames.reduce((all, [from, to]) => all.replaceAll(from, to), text);
  return new Map(outputFiles.map(({ path, text }) => {
    return [rename(relative(folder, path).replaceAll("\\", "/")), rename(text)];
  }));
}
