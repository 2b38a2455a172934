// Run by scripts/build_npm.ts where JSR has dnt: FOLDER [--without-tests]
//
// Builds both module formats and their declarations into `<FOLDER>/esm` and `<FOLDER>/script` with dnt, and runs the tests that need
// nothing of Deno's under Node, in both formats.

import { build } from "@deno/dnt";
import config from "../../deno.json" with { type: "json" };
import { standInImports } from "../without_jsr/import_map.ts";
import { ENTRIES } from "./manifest.ts";

/** Those tests that ask more of Deno than its test runner, which dnt replaces: commands, files, its events for errors. */
const TESTS_OF_DENO = [
  "coordination",
  "demo_report",
  "harm",
  "logging",
  "mutants",
  "trigger_answer",
  "virtual_time",
  "without_jsr",
];

/** All other tests of the core, as a pattern. */
async function testPattern(): Promise<string> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir("tests")) {
    const [, subject] = /^(.*)_test\.ts$/.exec(name) ?? [];
    if (subject && !TESTS_OF_DENO.includes(subject)) names.push(subject);
  }
  return `tests/{${names.sort().join(",")}}_test.ts`;
}

/** dnt knows JSR by jsr.io alone: where another registry stands in for it, the tests get their packages from npm. */
async function importMap(folder: string): Promise<{ importMap?: string }> {
  if (!Deno.env.has("JSR_URL")) return {};
  const path = `${folder}/import_map.json`;
  await Deno.writeTextFile(path, JSON.stringify({ imports: standInImports() }));
  return { importMap: path };
}

export async function buildWithDnt(folder: string, test: boolean): Promise<void> {
  await build({
    entryPoints: ENTRIES.map(({ subpath, stem }) => ({ name: subpath, path: `./${stem}.ts` })),
    outDir: folder,
    // for the tests alone: the package itself must not need it
    shims: { deno: test ? "dev" : false },
    test,
    testPattern: await testPattern(),
    ...await importMap(folder),
    typeCheck: "both",
    declaration: "inline",
    scriptModule: "cjs",
    skipSourceOutput: true,
    compilerOptions: { target: "ES2022", lib: ["ESNext", "DOM", "DOM.Iterable"] },
    // for types alone, while it is built
    package: { name: config.name, version: config.version, devDependencies: { "@types/node": "^22" } },
  });
}

if (import.meta.main) await buildWithDnt(Deno.args[0]!, !Deno.args.includes("--without-tests"));
