import { assert, assertEquals } from "@std/assert";
import config from "../../deno.json" with { type: "json" };
import { nameOf } from "./installed_package.ts";
import { readSources } from "./typescript_project.ts";

/** Returns the names that sources import from an entry point: in braces, or as properties of a namespace. */
function namesFrom(specifier: string, sources: string): Set<string> {
  const names = new Set<string>();
  const imports = sources.matchAll(/^import (?:\{(.*?)\}|type \* as (\w+)) from "(.*?)";$/gms);
  for (const [, braces, namespace, from] of imports) {
    if (from !== specifier) continue;
    for (const name of braces?.split(",") ?? []) names.add(name.trim().replace(/^type /, ""));
    if (!namespace) continue;
    for (const [, name = ""] of sources.matchAll(new RegExp(`\\b${namespace}\\.(\\w+)`, "g"))) names.add(name);
  }
  return names;
}

interface Documentation {
  readonly nodes: Readonly<Record<string, { readonly symbols: readonly { readonly name: string }[] }>>;
}

/** Returns the names that an entry point exports, types included. */
async function exportedNames(file: string): Promise<string[]> {
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["doc", "--json", file],
    cwd: new URL("../../", import.meta.url),
    stdin: "null",
    stderr: "inherit",
  }).output();
  assert(success, file);
  const documentation: Documentation = JSON.parse(new TextDecoder().decode(stdout));
  return Object.values(documentation.nodes).flatMap(({ symbols }) => symbols.map(({ name }) => name));
}

Deno.test("the projects in TypeScript use every name that the package exports", async () => {
  const sources = [...(await readSources()).values()].join("\n");
  for (const [subpath, file] of Object.entries(config.exports)) {
    const names = await exportedNames(file);
    assert(names.length > 3, subpath);
    const used = namesFrom(nameOf(subpath), sources);
    assertEquals(names.filter((name) => !used.has(name)), [], subpath);
  }
});
