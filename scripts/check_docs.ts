// deno run -A scripts/check_docs.ts
//
// Checks the pages for people: links to files and headings, names of tasks, JSON, and the TypeScript examples, which are
// type-checked and run. An example that cannot run here, as it needs a server or a signal, begins with "```ts no-run".

import { dirname } from "node:path/posix";
import config from "../deno.json" with { type: "json" };
import { denoOrThrow, ROOT } from "./deno_command.ts";
import type { Page } from "./docs/markdown.ts";
import {
  brokenJson,
  deadLinks,
  longPage,
  type Project,
  runnable,
  uncheckedExamples,
  unknownTasks,
  unlinkedPages,
} from "./docs/problems.ts";
import { importArgs } from "./jsr.ts";
import { standInImports } from "./without_jsr/import_map.ts";

const FOLDER = "docs/";
const README = "README.md";
const MAX_README_LINES = 250;

/** The folders that hold nothing of the project. */
const FOREIGN = ["coverage", "node_modules", "npm"];

/** The paths of the Markdown files below a folder. */
function markdownFiles(folder: string): string[] {
  return [...Deno.readDirSync(new URL(`./${folder}`, ROOT))].flatMap(({ name, isDirectory }) => {
    if (name.startsWith(".") || FOREIGN.includes(name)) return [];
    if (isDirectory) return markdownFiles(`${folder}${name}/`);
    return name.endsWith(".md") ? [`${folder}${name}`] : [];
  });
}

function pages(): Page[] {
  return markdownFiles("").sort().map((path) => ({ path, text: Deno.readTextFileSync(new URL(path, ROOT)) }));
}

const project: Project = {
  exists: (path) => {
    try {
      Deno.statSync(new URL(path, ROOT));
      return true;
    } catch {
      return false;
    }
  },
  tasks: Object.keys(config.tasks),
};

/** The import map for examples in a folder elsewhere, where deno.json does not apply. */
function exampleImports(isOnJsr: boolean): string[] {
  const imports: Record<string, string> = isOnJsr ? { ...config.imports } : standInImports();
  for (const [subpath, target] of Object.entries(config.exports)) {
    imports[`${config.name}${subpath.slice(1)}`] = new URL(target, ROOT).href;
  }
  return [`--import-map=data:application/json,${encodeURIComponent(JSON.stringify({ imports }))}`];
}

/** Runs the examples of copies of the pages in a temporary folder. Their types are checked elsewhere. */
async function runExamples(all: readonly Page[], imports: string[]): Promise<number> {
  const folder = await Deno.makeTempDir();
  try {
    const paths: string[] = [];
    let examples = 0;
    for (const { page, count } of all.map(runnable)) {
      if (count === 0) continue;
      examples += count;
      await Deno.mkdir(`${folder}/${dirname(page.path)}`, { recursive: true });
      await Deno.writeTextFile(`${folder}/${page.path}`, page.text);
      paths.push(page.path);
    }
    const flags = ["--no-check", "--no-config", "--unstable-kv", "--parallel", "--reporter=dot"];
    await denoOrThrow(["test", "-A", "--quiet", ...flags, ...imports, "--doc", ...paths], { cwd: folder });
    return examples;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/**
 * Checks all pages.
 *
 * @param imports The arguments with which `deno` resolves the project's imports.
 * @throws {Error} If something is wrong with a page.
 */
export async function checkDocs(imports: string[]): Promise<void> {
  const all = pages();
  const problems = [
    ...deadLinks(all, project),
    ...unlinkedPages(all, README, FOLDER),
    ...all.filter(({ path }) => path === README).flatMap((page) => longPage(page, MAX_README_LINES)),
    ...unknownTasks(all, project),
    ...brokenJson(all),
    ...uncheckedExamples(all),
  ];
  if (problems.length > 0) throw new Error(`Cannot accept the documentation:\n  ${problems.join("\n  ")}`);
  const paths = all.map(({ path }) => path);
  await denoOrThrow(["check", "--quiet", ...imports, "--doc-only", ...paths]);
  const examples = await runExamples(all, exampleImports(imports.length === 0));
  console.log(`${all.length} pages: no dead link; all examples are type-checked, and ${examples} were run`);
}

if (import.meta.main) {
  try {
    await checkDocs(await importArgs());
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    Deno.exit(1);
  }
}
