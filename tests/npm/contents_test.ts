// What `deno task build:npm` lets into the package, and what its package.json says, without a build.

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { dirname } from "node:path";
import config from "../../deno.json" with { type: "json" };
import { contentsOf, type Entry } from "../../scripts/npm/contents.ts";
import { withKnownKeys } from "../../scripts/npm/known_keys.ts";
import { ENTRIES, type Format, manifest } from "../../scripts/npm/manifest.ts";
import { filesBelow, reached, removeUnreached } from "../../scripts/npm/modules.ts";
import { withoutShims } from "../../scripts/npm/without_shims.ts";

const BOTH: readonly Format[] = ["esm", "script"];

function entries(...paths: string[]): Entry[] {
  return paths.map((path) => ({ path, bytes: 10 }));
}

/** Calls back with a temporary folder that holds these files. */
async function withFiles(texts: Record<string, string>, use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "periodic_task_" });
  try {
    for (const [path, text] of Object.entries(texts)) {
      await Deno.mkdir(`${folder}/${dirname(path)}`, { recursive: true });
      await Deno.writeTextFile(`${folder}/${path}`, text);
    }
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** All conditions of an `exports` field, and what each object of them begins with. */
function conditionsIn(value: unknown): { objects: string[][]; targets: string[] } {
  if (typeof value === "string") return { objects: [], targets: [value] };
  const inner = Object.values(value as object).map(conditionsIn);
  return {
    objects: [Object.keys(value as object), ...inner.flatMap(({ objects }) => objects)],
    targets: inner.flatMap(({ targets }) => targets),
  };
}

Deno.test("the package is made of modules, their declarations, documents and package.json, each counted once", () => {
  const sums = contentsOf(entries(
    "README.md",
    "LICENSE",
    "CHANGELOG.md",
    "package.json",
    "esm/package.json",
    "esm/mod.js",
    "esm/mod.d.ts",
    "esm/src/testing/mod.js",
    "esm/chunks/core.js",
    "script/mod.js",
    "script/src/testing/mod.js",
  ));
  assertEquals([...sums.values()].reduce((sum, bytes) => sum + bytes), 110);
  assertEquals(sums.get("documents and package.json"), 40);
  assertEquals(sums.get("declarations"), 10);
  assertEquals(sums.get("core and stores as ES modules"), 20);
  assertEquals(sums.get("test kit as ES modules"), 10);
});

Deno.test("a test, a source, a source map or a file without a place in it is not published", () => {
  const refused = [
    "esm/tests/stop_test.js",
    "esm/tests/helpers/world.js",
    "script/tests/helpers/world.js",
    "esm/src/stop_test.js",
    "esm/src/testing/store_checks_test.js",
    "esm/src/stop.test.js",
    "esm/src/stop_test.d.ts",
    "esm/mod.js.map",
    "esm/mod.d.ts.map",
    "esm/mod.ts",
    "esm/src/testing/mod.ts",
    "src/mod.ts",
    "mod.js",
    "test_runner.js",
    "esm/test_runner.js",
    "esm/src/scheduler.js",
    "esm/src/simulator/simulation.js",
    "esm/stores/gcs/object.js",
    "script/src/testing/store_checks.js",
    "esm/node_modules/dep/index.js",
    "node_modules/dep/index.js",
    "deno.json",
    ".npmrc",
    "package-lock.json",
    "docs/README.md",
    "esm/README.md",
    "esm/data.json",
  ];
  for (const path of refused) {
    const error = assertThrows(() => contentsOf(entries("esm/mod.js", path)), Error, "Cannot publish as a file has no");
    assert(error.message.endsWith(path), error.message);
  }
});

Deno.test("each part has a limit, above which it is not published", () => {
  const paths = ["README.md", "esm/package.json", "esm/mod.d.ts", "esm/mod.js", "esm/src/testing/mod.js"];
  const scripts = ["script/mod.js", "script/src/testing/mod.js"];
  for (const path of [...paths, ...scripts]) {
    const tooMuch = assertThrows(() => contentsOf([{ path, bytes: 10_000_000 }]), Error, "Cannot publish as ");
    const limit = Number(/ may take (\d+) bytes: /.exec(tooMuch.message)?.[1]);
    contentsOf([{ path, bytes: limit }]);
    const { message } = assertThrows(() => contentsOf([{ path, bytes: limit }, { path, bytes: 1 }]), Error);
    assert(message.endsWith(`may take ${limit} bytes: current value is ${limit + 1}`), message);
  }
});

Deno.test("the files below a folder are listed with slashes, sorted, and without the folders", () =>
  withFiles({ "b/c/d.js": "", "b/a.js": "", "e.js": "" }, async (folder) => {
    assertEquals(await filesBelow(folder), ["b/a.js", "b/c/d.js", "e.js"]);
  }));

Deno.test("what a module needs is found, directly or not, in any way of importing, and in circles", () => {
  const texts = {
    "mod.js": 'import { a } from "./src/a.js";\nexport * from "./src/b.js";\nimport x from "some-package";',
    "src/a.js": 'import{b}from"./b.js";import"../side.js";import fs from "node:fs";',
    "src/b.js": 'const later = await import("./c.js");',
    "src/c.js": 'const d = require("./d.js"); import "../mod.js";',
    "src/d.js": "",
    "src/lonely.js": 'import "../mod.js";',
    "side.js": "",
  };
  return withFiles(texts, async (folder) => {
    const found = await reached(folder, ["mod.js"], ".js");
    assertEquals([...found].sort(), ["mod.js", "side.js", "src/a.js", "src/b.js", "src/c.js", "src/d.js"]);
  });
});

Deno.test("an import of a file that is not there fails, rather than being published", () =>
  withFiles({ "mod.js": 'import "./gone.js";' }, async (folder) => {
    await assertRejects(() => reached(folder, ["mod.js"], ".js"), Deno.errors.NotFound);
  }));

Deno.test("code is kept where code needs it, declarations where declarations do, and all else is removed", () => {
  const texts = {
    "mod.js": 'export * from "./a.js";',
    "mod.d.ts": 'export { type A } from "./types.js";',
    "a.js": 'import "./internal.js";',
    "a.d.ts": "",
    "internal.js": "",
    "internal.d.ts": "",
    "types.js": "",
    "types.d.ts": 'export type A = import("./more.js").More;',
    "more.d.ts": "",
    "tests/a_test.js": 'import "../a.js";',
  };
  return withFiles(texts, async (folder) => {
    await removeUnreached(folder, ["mod"]);
    assertEquals(await filesBelow(folder), [
      "a.js",
      "internal.js",
      "mod.d.ts",
      "mod.js",
      "more.d.ts",
      "types.d.ts",
    ]);
  });
});

Deno.test("what dnt adds unasked is taken out of either format, and nothing else", () => {
  const code = "export const now = () => globalThis.performance.now();\n";
  const shimmed = code.replace("globalThis", "dntShim.dntGlobalThis");
  const additions = [
    'import "./_dnt.polyfills.js";\n',
    'require("../_dnt.polyfills.js");\n',
    'import * as dntShim from "../../_dnt.shims.js";\n',
    'const dntShim = __importStar(require("./_dnt.shims.js"));\n',
  ];
  for (const addition of additions) assertEquals(withoutShims(addition + shimmed), code);
  const own = 'import { a } from "./a.js";\nconst { b } = require("./b.js");\n';
  assertEquals(withoutShims(own + code), own + code);
});

Deno.test("the keys of methods that `deno pack` works out apart are put back in their places", () => {
  const code = `var _computedKey, _computedKey1;
import { a } from "./a.js";
_computedKey = Symbol.iterator, _computedKey1 = Symbol.asyncDispose;
export class Group {
  [_computedKey]() {}
  async [_computedKey1]() {}
}
`;
  const keyed = `import { a } from "./a.js";
export class Group {
  [Symbol.iterator]() {}
  async [Symbol.asyncDispose]() {}
}
`;
  assertEquals(withKnownKeys(code), keyed);
  assertEquals(withKnownKeys(keyed), keyed);
});

Deno.test("the entry points of the npm package are those of deno.json", () => {
  assertEquals(ENTRIES.map(({ subpath }) => subpath), Object.keys(config.exports));
  for (const { subpath, stem } of ENTRIES) {
    assertEquals(`./${stem}.ts`, config.exports[subpath as keyof typeof config.exports]);
  }
});

for (const formats of [["esm"], BOTH] as const) {
  Deno.test(`package.json names each entry point once, with types first, as ${formats.join(" and ")}`, () => {
    const { exports, main, types, version } = manifest(formats) as Record<string, unknown> & { exports: object };
    assertEquals(version, config.version);
    assertEquals(Object.keys(exports), [...Object.keys(config.exports), "./package.json"]);
    const { objects, targets } = conditionsIn(exports);
    for (const keys of objects.slice(1)) {
      assert(keys[0] === "types" || keys.join() === "import,require", `conditions in this order: ${keys}`);
    }
    // each has code and its declarations in each format, and package.json is there as it is
    assertEquals(targets.length, 2 * ENTRIES.length * formats.length + 1);
    assertEquals(new Set(targets).size, targets.length);
    for (const format of BOTH) {
      const used = targets.some((target) => target.startsWith(`./${format}/`));
      assertEquals(used, formats.some((offered) => offered === format), format);
    }
    for (const target of [main, types]) assert(targets.includes(target as string), `${target}`);
  });
}

Deno.test("package.json asks for no package, but tells which one an entry point may need", () => {
  const { dependencies, devDependencies, scripts, ...told } = manifest(BOTH);
  assertEquals([dependencies, devDependencies, scripts], [undefined, undefined, undefined]);
  assertEquals(Object.keys(told.peerDependencies as object), ["@deno/kv"]);
  assertEquals(told.peerDependenciesMeta, { "@deno/kv": { optional: true } });
});
