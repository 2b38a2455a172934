import { assertEquals, assertRejects } from "@std/assert";
import { filesBelow, importedFiles, removeUnusedFiles } from "./module_files.ts";
import { withFiles } from "./temporary_files.ts";

Deno.test("filesBelow() lists files with slashes, sorted, and without the folders", () =>
  withFiles({ "b/c/d.js": "", "b/a.js": "", "e.js": "" }, async (folder) => {
    assertEquals(await filesBelow(folder), ["b/a.js", "b/c/d.js", "e.js"]);
  }));

Deno.test("importedFiles() follows every form of import, and circles", () => {
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
    const found = await importedFiles(folder, ["mod.js"], ".js");
    assertEquals([...found].sort(), ["mod.js", "side.js", "src/a.js", "src/b.js", "src/c.js", "src/d.js"]);
  });
});

Deno.test("importedFiles() rejects when an imported file is missing", () =>
  withFiles({ "mod.js": 'import "./gone.js";' }, async (folder) => {
    await assertRejects(() => importedFiles(folder, ["mod.js"], ".js"), Deno.errors.NotFound);
  }));

Deno.test("removeUnusedFiles() keeps code that code imports, and declarations that declarations import", () => {
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
    await removeUnusedFiles(folder, ["mod"]);
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
