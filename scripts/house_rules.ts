import { ROOT } from "./deno_command.ts";
import { typescriptFiles } from "./files.ts";
import { ENTRY_POINTS, type ModuleGraph, moduleGraph } from "./module_graph.ts";

const MAX_LINES = 250;

/** What a file's code must not need, not even by way of others: the arrows of the design run one way. */
const MUST_NOT_REACH: Record<string, string[]> = {
  "src/decision.ts": ["src/clock.ts", "src/store.ts", "src/store_call.ts", "src/claim.ts", "src/run.ts"],
  "src/status.ts": ["src/clock.ts", "src/store.ts", "src/store_call.ts", "src/claim.ts", "src/run.ts"],
  "src/store.ts": ["src/claim.ts", "src/run.ts", "src/scheduler.ts"],
  "src/claim.ts": ["src/run.ts", "src/scheduler.ts"],
  "src/run.ts": ["src/scheduler.ts"],
};

function read(path: string): string {
  return Deno.readTextFileSync(new URL(path, ROOT));
}

function longFiles(): string[] {
  return ["src", "stores", "scripts"].flatMap(typescriptFiles).flatMap((path) => {
    const lines = read(path).trimEnd().split("\n").length;
    return lines > MAX_LINES ? [`${path} has ${lines} lines; ${MAX_LINES} are allowed`] : [];
  });
}

function codeInPublicFace(): string[] {
  const rest = read("mod.ts")
    .replace(/\/\*.*?\*\//gs, "")
    .replace(/^\s*\/\/.*$/gm, "")
    .replace(/\bexport\s+(type\s+)?(\{[^}]*\}|\*(\s+as\s+\w+)?)\s+from\s+"[^"]+";/g, "")
    .trim();
  return rest === "" ? [] : [`mod.ts holds more than re-exports: ${rest.split("\n")[0]}`];
}

/** The core is mod.ts and src/ but for the exported test kit. */
function isCore(path: string): boolean {
  return path === "mod.ts" || path.startsWith("src/") && !/^src\/(testing|simulator)\//.test(path);
}

function foreignImports(graph: ModuleGraph): string[] {
  return [...graph].filter(([path]) => isCore(path)).flatMap(([path, imports]) =>
    imports
      .filter(({ specifier, target }) => !specifier.startsWith(".") || !isCore(target))
      .map(({ specifier }) => `${path} imports ${specifier}; the core imports only files of its own`)
  );
}

/** All whose code the code of a file needs. */
function reached(graph: ModuleGraph, start: string): Set<string> {
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
    const needs = reached(graph, path);
    return [path, ...MUST_NOT_REACH[path] ?? []]
      .filter((target) => needs.has(target))
      .map((target) => target === path ? `${path} needs itself: its imports go round` : `${path} needs ${target}`);
  });
}

function unusedFiles(graph: ModuleGraph): string[] {
  return ["src", "stores"].flatMap(typescriptFiles)
    .filter((path) => !graph.has(path))
    .map((path) => `${path} is reached from no entry point of deno.json`);
}

/** Checks what no other tool does. */
export async function checkHouseRules(): Promise<void> {
  const graph = await moduleGraph(ENTRY_POINTS);
  const breaches = [
    ...Object.keys(MUST_NOT_REACH).filter((path) => !graph.has(path)).map((path) => `${path} is not there`),
    ...longFiles(),
    ...codeInPublicFace(),
    ...foreignImports(graph),
    ...backwardImports(graph),
    ...unusedFiles(graph),
  ];
  if (breaches.length > 0) {
    throw new Error(`Cannot accept the files as rules of the house are broken:\n  ${breaches.join("\n  ")}`);
  }
  console.log(`${graph.size} modules follow the rules of the house`);
}
