// How `deno task build:npm` puts the modules of the package into few files, without a build.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { dirname } from "node:path";
import { pathToFileURL } from "node:url";
import { stop } from "esbuild";
import { bundle } from "../../scripts/npm/bundle.ts";

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
  "stores/one.js": 'import { ask } from "./net/ask.js"; export const one = () => ask(1);',
  "stores/two.js": 'import { ask } from "./net/ask.js"; export const two = () => ask(2);',
  "stores/net/ask.js": 'import { Counter } from "../../src/counter.js"; export const ask = (by) => Counter.made += by;',
  "src/testing/mod.js":
    'import { limit } from "../numbers.js"; import { check } from "./check.js"; export const test = () => check(limit);',
  "src/testing/check.js": "export const check = (limit) => `at most ${limit}`;",
};

/** A test without sanitizers: esbuild's process ends a moment after it was told to. */
function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, fn, sanitizeOps: false, sanitizeResources: false });
}

/** Bundles modules, and calls back with the folder that has the outcome in it, and no more. */
async function withBundle(
  texts: Record<string, string>,
  use: (modules: Map<string, string>, folder: string) => void | Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "periodic_task_" });
  const write = async (path: string, text: string): Promise<void> => {
    await Deno.mkdir(`${folder}/${dirname(path)}`, { recursive: true });
    await Deno.writeTextFile(`${folder}/${path}`, text);
  };
  try {
    for (const [path, text] of Object.entries(texts)) await write(`source/${path}`, text);
    const modules = await bundle(`${folder}/source`, STEMS);
    for (const [path, text] of modules) await write(`bundle/${path}`, text);
    await use(modules, `${folder}/bundle`);
  } finally {
    await stop();
    await Deno.remove(folder, { recursive: true });
  }
}

test("entry points stay where they are, what all share is one chunk, and what some share another", () =>
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

test("a chunk has no hash in its name or in what names it, and functions keep their names", () =>
  withBundle(TEXTS, (modules) => {
    const code = [...modules.values()].join("\n");
    assertEquals(/chunk-|-[A-Z0-9]{8}\b/.exec(code)?.[0], undefined);
    assert(code.includes("function twice(number)"), code);
  }));

test("what entry points share is there once, and what is imported lazily is loaded when it is asked for", () =>
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

test("a package that is imported fails, rather than being published", async () => {
  const texts = { ...TEXTS, "src/later.js": 'export { size } from "some-package";' };
  await assertRejects(() => withBundle(texts, () => {}), Error, 'Could not resolve "some-package"');
});

test("what dnt adds is left where it is, to be found", () =>
  withBundle(
    { ...TEXTS, "stores/net/ask.js": 'import "../../_dnt.polyfills.js"; export const ask = () => 0;' },
    (modules) => {
      assert(modules.get("chunks/one_two.js")!.includes('"../../_dnt.polyfills.js"'));
    },
  ));
