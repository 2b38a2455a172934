import { assert, assertEquals, assertRejects } from "@std/assert";
import { pathToFileURL } from "node:url";
import { stop } from "esbuild";
import { bundle } from "./bundle.ts";
import { withFiles, writeFiles } from "./temporary_files.ts";

const STEMS = ["mod", "stores/one", "stores/two", "src/testing/mod"];

const TEXTS = {
  "mod.js": `
export { Counter } from "./src/counter.js";
export { twice } from "./src/numbers.js";
export const size = async () => (await import("./src/later.js")).size;
`,
  "src/counter.js": 'import { limit } from "./numbers.js"; export class Counter { static made = 0; limit = limit; }',
  "src/numbers.js": "export const limit = 3; export function twice(number) { return number * 2; }",
  "src/later.js": 'import { twice } from "./numbers.js"; globalThis.loadedLater = true; export const size = twice(2);',
  "stores/one.js": 'import { count } from "./net/count.js"; export const one = () => count(1);',
  "stores/two.js": 'import { count } from "./net/count.js"; export const two = () => count(2);',
  "stores/net/count.js":
    'import { Counter } from "../../src/counter.js"; export const count = (by) => Counter.made += by;',
  "src/testing/mod.js":
    'import { limit } from "../numbers.js"; import { check } from "./check.js"; export const test = () => check(limit);',
  "src/testing/check.js": "export const check = (limit) => `at most ${limit}`;",
};

/** Defines a test without sanitizers, because esbuild's process ends some time after `stop()`. */
function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, fn, sanitizeOps: false, sanitizeResources: false });
}

/** Bundles modules, and calls a function with the result and a folder that holds nothing else. */
function withBundle(
  texts: Readonly<Record<string, string>>,
  use: (modules: Map<string, string>, folder: string) => void | Promise<void>,
): Promise<void> {
  return withFiles(texts, async (source) => {
    try {
      const modules = await bundle(source, STEMS);
      await withFiles({}, async (folder) => {
        await writeFiles(folder, modules);
        await use(modules, folder);
      });
    } finally {
      await stop();
    }
  });
}

test("bundle() keeps entry points in their places, and makes one chunk for each set of users", () =>
  withBundle(TEXTS, (modules) => {
    assertEquals([...modules.keys()].sort(), [
      "chunks/core.js",
      "chunks/core_later.js",
      "chunks/later.js",
      "chunks/one_two.js",
      "mod.js",
      "src/testing/mod.js",
      "stores/one.js",
      "stores/two.js",
    ]);
  }));

test("bundle() names a chunk of two mod.js files after their folders", () => {
  const shared = 'import { check } from "../testing/check.js"; export const other = () => check(1);';
  return withFiles({ ...TEXTS, "src/simulator/mod.js": shared }, async (folder) => {
    try {
      const modules = await bundle(folder, [...STEMS, "src/simulator/mod"]);
      assert(modules.has("chunks/simulator_testing.js"), [...modules.keys()].join(", "));
    } finally {
      await stop();
    }
  });
});

test("bundle() puts no hash into a chunk's name or its importers, and functions keep their names", () =>
  withBundle(TEXTS, (modules) => {
    const code = [...modules.values()].join("\n");
    assertEquals(/chunk-|-[A-Z0-9]{8}\b/.exec(code)?.[0], undefined);
    assert(code.includes("function twice(number)"), code);
  }));

test("bundle() includes shared modules once, and loads lazy imports on demand", () =>
  withBundle(TEXTS, async (_modules, folder) => {
    const load = (path: string) => import(pathToFileURL(`${folder}/${path}`).href);
    const [core, one, two, kit] = await Promise.all(STEMS.map((stem) => load(`${stem}.js`)));
    assertEquals([one.one(), two.two(), core.Counter.made], [1, 3, 3]);
    assertEquals([core.Counter.name, core.twice(4), kit.test()], ["Counter", 8, "at most 3"]);
    assertEquals("loadedLater" in globalThis, false);
    try {
      assertEquals(await core.size(), 4);
      assertEquals("loadedLater" in globalThis, true);
    } finally {
      Reflect.deleteProperty(globalThis, "loadedLater");
    }
  }));

test("bundle() fails on an import of a package", async () => {
  const texts = { ...TEXTS, "src/later.js": 'export { size } from "some-package";' };
  await assertRejects(() => withBundle(texts, () => {}), Error, 'Could not resolve "some-package"');
});

test("bundle() keeps imports of optional peers", () => {
  const texts = {
    ...TEXTS,
    "stores/one.js": 'import { Cron } from "croner"; export const one = () => new Cron("@daily");',
  };
  return withBundle(texts, (modules) => {
    assert(modules.get("stores/one.js")?.includes('import { Cron } from "croner";'));
  });
});

test("bundle() keeps imports of dnt's files, for a later step to refuse", () => {
  const texts = {
    ...TEXTS,
    "stores/net/count.js": 'import "../../_dnt.polyfills.js"; export const count = () => 0;',
  };
  return withBundle(texts, (modules) => {
    assert(modules.get("chunks/one_two.js")?.includes('"../../_dnt.polyfills.js"'));
  });
});
