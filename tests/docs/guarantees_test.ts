import { PROMISES } from "@neat/periodic-task/simulator";
import { assertEquals } from "@std/assert";

const PAGE = new URL("../../docs/guarantees.md", import.meta.url);

Deno.test("docs/guarantees.md lists every check of the simulator", async () => {
  const text = await Deno.readTextFile(PAGE);
  const listed = [...text.matchAll(/^\| `([a-z-]+)`/gm)].map(([, name]) => name);
  assertEquals(Object.keys(PROMISES).filter((name) => !listed.includes(name)), []);
});
