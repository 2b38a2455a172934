// Checks what no other tool does: which files import which, and what mod.ts contains.

import { ROOT } from "../internal/processes/deno_command.ts";
import { typescriptFiles } from "./files.ts";
import { ENTRY_POINTS, type ModuleGraph, moduleGraph } from "./module_graph.ts";

/** Longer files are listed as a hint. */
const LONG_FILE_LINES = 250;

/**
 * What the code of a file, or of the files of a folder, must not need, not even by way of other files: imports run one way.
 */
const MUST_NOT_REACH: Record<string, string[]> = {
  "src/core/decision.ts": ["src/time/clock.ts", "src/time/delay.ts", "src/store/", "src/core/claim.ts"],
  "src/record/": ["src/time/clock.ts", "src/time/delay.ts", "src/store/", "src/core/"],
  "src/time/": ["src/record/", "src/store/", "src/core/"],
  "src/store/": ["src/core/", "src/scheduler.ts"],
  "src/core/claim.ts": ["src/core/active_run.ts", "src/core/loop.ts", "src/scheduler.ts"],
  "src/core/active_run.ts": ["src/core/loop.ts", "src/scheduler.ts"],
  "src/core/loop.ts": ["src/scheduler.ts"],
};

/** What the files of a folder must not import. */
const FORBIDDEN_FOLDERS: Record<string, string[]> = {
  "src": ["internal", "bench", "tests", "scripts", "examples"],
  "stores": ["internal", "bench", "tests", "scripts", "examples"],
  "examples": ["internal", "bench", "tests", "scripts"],
  "internal": ["bench", "tests", "scripts"],
  "tests": ["scripts", "bench"],
  "scripts": ["tests", "bench"],
};

function read(path: string): string {
  return Deno.readTextFileSync(new URL(path, ROOT));
}

function longFiles(): string[] {
  return ["src", "stores", "internal", "scripts", "bench"].flatMap(typescriptFiles).flatMap((path) => {
    const lines = read(path).trimEnd().split("\n").length;
    return lines > LONG_FILE_LINES ? [`${path} has ${lines} lines`] : [];
  });
}

function codeInPublicFace(): string[] {
  const rest = read("mod.ts")
    .replace(/\/\*.*?\*\//gs, "")
    .replace(/^\s*\/\/.*$/gm, "")
    .replace(/\bexport\s+(type\s+)?(\{[^}]*\}|\*(\s+as\s+\w+)?)\s+from\s+"[^"]+";/g, "")
    .trim();
  return rest === "" ? [] : [`mod.ts contains more than re-exports: ${rest.split("\n")[0]}`];
}

/** The core is mod.ts and src/ without the other entry points and their folders. */
function isCore(path: string): boolean {
  const isOther =
    /^src\/((control|cron|dashboard)\.ts$|(control|cron|dashboard|monitoring|store_check|testing|simulator)\/)/.test(
      path,
    );
  return path === "mod.ts" || path.startsWith("src/") && !isOther;
}

function foreignImports(graph: ModuleGraph): string[] {
  return [...graph].filter(([path]) => isCore(path)).flatMap(([path, imports]) =>
    imports
      .filter(({ specifier, target }) => !specifier.startsWith(".") || !isCore(target))
      .map(({ specifier }) => `${path} imports ${specifier}; the core imports only its own files`)
  );
}

/** Returns all files that the code of a file needs. */
function reachedFrom(graph: ModuleGraph, start: string): Set<string> {
  const found = new Set<string>();
  const visit = (path: string): void => {
    for (const { target, typeOnly } of graph.get(path) ?? []) {
      if (typeOnly || found.has(target)) continue;
      found.add(target);
      visit(target);
    }
  };
  visit(start);
  return found;
}

function backwardImports(graph: ModuleGraph): string[] {
  return [...graph.keys()].flatMap((path) => {
    const needed = reachedFrom(graph, path);
    const forbidden = Object.entries(MUST_NOT_REACH).flatMap(([rule, targets]) => path.startsWith(rule) ? targets : []);
    return [
      ...needed.has(path) ? [`${path} needs itself by a circle of imports`] : [],
      ...[...needed].filter((target) => forbidden.some((prefix) => target.startsWith(prefix)))
        .map((target) => `${path} needs ${target}`),
    ];
  });
}

function unusedFiles(graph: ModuleGraph): string[] {
  return ["src", "stores"].flatMap(typescriptFiles)
    .filter((path) => !graph.has(path))
    .map((path) => `${path} is not reached from an entry point of deno.json`);
}

/** Returns the relative specifiers of a file, also those of dynamic imports and of URLs. */
function relativeSpecifiers(path: string): string[] {
  const pattern = /(?:\bfrom\s+|\bimport\s+|\bimport\(|\bimport\.meta\.resolve\(|\bnew URL\()"(\.{1,2}\/[^"]+)"/g;
  return [...read(path).matchAll(pattern)].flatMap(([, specifier]) => specifier ?? []);
}

function forbiddenFolders(): string[] {
  return Object.entries(FORBIDDEN_FOLDERS).flatMap(([folder, forbidden]) =>
    typescriptFiles(folder).flatMap((path) =>
      relativeSpecifiers(path)
        .filter((specifier) => {
          const target = new URL(specifier, new URL(path, ROOT)).href.slice(ROOT.href.length);
          return forbidden.some((name) => target.startsWith(`${name}/`));
        })
        .map((specifier) => `${path} imports ${specifier}; ${folder}/ must not import ${forbidden.join(", ")}`)
    )
  );
}

/** Checks the imports between files, and lists long files. */
export async function checkArchitecture(): Promise<void> {
  const graph = await moduleGraph(ENTRY_POINTS);
  const violations = [
    ...Object.keys(MUST_NOT_REACH).filter((rule) => ![...graph.keys()].some((path) => path.startsWith(rule)))
      .map((rule) => `${rule} does not exist`),
    ...codeInPublicFace(),
    ...foreignImports(graph),
    ...backwardImports(graph),
    ...unusedFiles(graph),
    ...forbiddenFolders(),
  ];
  const long = longFiles();
  if (long.length > 0) console.log(`Long files (over ${LONG_FILE_LINES} lines), as a hint:\n  ${long.join("\n  ")}`);
  if (violations.length > 0) {
    throw new Error(`Cannot accept the imports: current value of the violations is\n  ${violations.join("\n  ")}`);
  }
  console.log(`${graph.size} modules follow the architecture`);
}

if (import.meta.main) await checkArchitecture();
