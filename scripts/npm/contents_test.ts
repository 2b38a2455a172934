import { assert, assertEquals, assertThrows } from "@std/assert";
import { contentsOf, type PackageFile } from "./contents.ts";
import { ENTRIES } from "./manifest.ts";

function filesOf10Bytes(...paths: string[]): PackageFile[] {
  return paths.map((path) => ({ path, bytes: 10 }));
}

Deno.test("contentsOf() counts modules, declarations, documents and package.json once each", () => {
  const sums = contentsOf(filesOf10Bytes(
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

Deno.test("contentsOf() accepts each entry point of deno.json in both formats", () => {
  const paths = ENTRIES.flatMap(({ stem }) => [`esm/${stem}.js`, `script/${stem}.js`]);
  const sums = contentsOf(filesOf10Bytes(...paths));
  assertEquals([...sums.values()].reduce((sum, bytes) => sum + bytes), 10 * paths.length);
});

Deno.test("contentsOf() refuses a test, a source, a source map, and a file that belongs to no part", () => {
  const refused = [
    "esm/tests/stop_test.js",
    "esm/tests/helpers/fake_store.js",
    "script/tests/helpers/fake_store.js",
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
    "esm/src/testing/simulator/host.js",
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
    const error = assertThrows(
      () => contentsOf(filesOf10Bytes("esm/mod.js", path)),
      Error,
      "Cannot publish as a file belongs to no part of the package",
    );
    assert(error.message.endsWith(path), error.message);
  }
});

Deno.test("contentsOf() refuses a part that exceeds its limit", () => {
  const paths = ["README.md", "esm/package.json", "esm/mod.d.ts", "esm/mod.js", "esm/src/testing/mod.js"];
  const scripts = ["script/mod.js", "script/src/testing/mod.js"];
  for (const path of [...paths, ...scripts]) {
    const tooMuch = assertThrows(() => contentsOf([{ path, bytes: 10_000_000 }]), Error, "Cannot publish as ");
    const limit = Number(/ is limited to (\d+) bytes: /.exec(tooMuch.message)?.[1]);
    contentsOf([{ path, bytes: limit }]);
    const { message } = assertThrows(() => contentsOf([{ path, bytes: limit }, { path, bytes: 1 }]), Error);
    assert(message.endsWith(`is limited to ${limit} bytes: current value is ${limit + 1}`), message);
  }
});
