import { assert, assertEquals } from "@std/assert";
import { portableTests } from "./portable_tests.ts";

Deno.test("portableTests() selects tests of the core that use nothing of Deno but its test runner", async () => {
  const paths = portableTests();
  assert(paths.length > 30, `${paths.length} tests are portable`);
  for (const path of paths) {
    const text = await Deno.readTextFile(new URL(`../../${path}`, import.meta.url));
    assertEquals(/new Deno\.|Deno\.(exec|read|write|Command)/.exec(text)?.[0], undefined, path);
  }
});
