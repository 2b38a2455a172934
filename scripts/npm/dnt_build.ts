// deno run -A scripts/npm/dnt_build.ts FOLDER [--without-tests]
//
// Compiles the source with dnt into `<FOLDER>/esm` and `<FOLDER>/script`, with declarations, and runs the tests of the core in Node
// in both formats. build.ts runs this in a process of its own, because dnt can be imported only where JSR can be reached.

import { build, type BuildOptions } from "@deno/dnt";
import config from "../../deno.json" with { type: "json" };
import { standInImports } from "../without_jsr/import_map.ts";
import { ROOT } from "../../internal/processes/deno_command.ts";
import { ENTRIES, OPTIONAL_PEERS } from "./manifest.ts";
import { portableTests } from "./portable_tests.ts";

/**
 * Tells dnt which packages are on npm. It resolves JSR packages at jsr.io alone. With another registry in `JSR_URL`, the tests use
 * the stand-ins from npm, and croner and hono come from there.
 * aws4fetch is on npm alone.
 */
async function packagesOnNpm(folder: string): Promise<Pick<BuildOptions, "importMap" | "mappings">> {
  if (!Deno.env.has("JSR_URL")) {
    const croner = { name: "croner", version: OPTIONAL_PEERS["croner"] ?? "", peerDependency: true };
    const hono = { name: "hono", version: OPTIONAL_PEERS["hono"] ?? "", peerDependency: true };
    return {
      mappings: {
        "jsr:@hexagon/croner": croner,
        "jsr:@hono/hono": hono,
        "jsr:@hono/hono/body-limit": { ...hono, subPath: "body-limit" },
        "jsr:@hono/hono/html": { ...hono, subPath: "html" },
      },
    };
  }
  const path = `${folder}/import_map.json`;
  await Deno.writeTextFile(path, JSON.stringify({ imports: standInImports() }));
  return { importMap: path };
}

/** Where {@linkcode writeTestList} writes, relative to the project: dnt keeps the paths of all files below their common folder. */
const TEST_LIST = ".cache/npm_tests";

/** Writes a module for each test that can run in Node, which imports it. dnt takes one pattern, and it cannot list paths. */
async function writeTestList(): Promise<void> {
  const folder = new URL(`${TEST_LIST}/`, ROOT);
  await Deno.remove(folder, { recursive: true }).catch(() => {});
  await Deno.mkdir(folder, { recursive: true });
  for (const path of portableTests()) {
    const name = path.replaceAll("/", "_");
    await Deno.writeTextFile(new URL(name, folder), `import "../../${path}";\n`);
  }
}

async function buildWithDnt(folder: string, test: boolean): Promise<void> {
  if (test) await writeTestList();
  await build({
    entryPoints: ENTRIES.map(({ subpath, stem }) => ({ name: subpath, path: `./${stem}.ts` })),
    outDir: folder,
    // the tests alone need Deno's API
    shims: { deno: test ? "dev" : false },
    test,
    testPattern: `${TEST_LIST}/*_test.ts`,
    ...await packagesOnNpm(folder),
    typeCheck: "both",
    declaration: "inline",
    scriptModule: "cjs",
    skipSourceOutput: true,
    compilerOptions: { target: "ES2022", lib: ["ESNext", "DOM", "DOM.Iterable"] },
    // the build needs the types, the package does not
    package: { name: config.name, version: config.version, devDependencies: { "@types/node": "^22" } },
  });
}

if (import.meta.main) {
  const [folder] = Deno.args;
  if (!folder) throw new TypeError("Cannot build as there is no folder to build into: current value is undefined");
  await buildWithDnt(folder, !Deno.args.includes("--without-tests"));
}
