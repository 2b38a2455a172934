import { assert, assertEquals } from "@std/assert";
import config from "../../deno.json" with { type: "json" };
import { AWS4FETCH } from "./aws4fetch.ts";
import { Consumer, type Loading } from "./consumer.ts";
import { CRONER } from "./croner.ts";
import { OPENTELEMETRY_API } from "./opentelemetry.ts";
import { HONO } from "./hono.ts";
import { packageTest } from "./environment.ts";
import { nestPackages } from "./nestjs.ts";
import { IN_MODULES, InstalledPackage, nameOf, STEMS } from "./installed_package.ts";
import { forEachProgram } from "./programs.ts";

/** A function that returns the names that a module exports. Classes and functions must have the names that they are exported by. */
const EXPORTS_OF = `
function exportsOf({ ...all }) {
  const renamed = Object.keys(all).find((key) => typeof all[key] === "function" && all[key].name !== key);
  if (renamed) throw new Error(renamed + " has the name " + all[renamed].name);
  return Object.keys(all).sort();
}
`;

/** Programs that load entry points by their names, then load files, and print what the entry points export. */
const PROGRAMS: Readonly<Record<Loading, string>> = {
  esm: `
const { names, files } = JSON.parse(process.argv[2]);
const found = {};
for (const name of names) found[name] = exportsOf(await import(name));
for (const file of files) await import(file);
console.log(JSON.stringify(found));
`,
  cjs: `
const { names, files } = JSON.parse(process.argv[2]);
const found = {};
for (const name of names) found[name] = exportsOf(require(name));
for (const file of files) require(file);
console.log(JSON.stringify(found));
`,
};

packageTest("each entry point has the exports of its source, and loading a file has no side effect", async (t) => {
  const packages = [CRONER, AWS4FETCH, HONO, OPENTELEMETRY_API, ...nestPackages(11)];
  await using consumer = await Consumer.create(packages);
  const installed = await InstalledPackage.in(consumer.folder);
  const expected: Record<string, string[]> = {};
  for (const [subpath, source] of Object.entries(config.exports)) {
    const module = await import(new URL(`../../${source}`, import.meta.url).href);
    expected[nameOf(subpath)] = Object.keys(module).sort();
  }
  const write = async (loading: Loading): Promise<string> => {
    const file = loading === "esm" ? "names.mjs" : "names.cjs";
    await consumer.write(file, PROGRAMS[loading] + EXPORTS_OF);
    return file;
  };
  await forEachProgram(t, write, async ({ runtime, loading, file }) => {
    const folder = loading === "esm" ? "esm/" : "script/";
    const modules = installed.files.filter((path) => path.startsWith(folder) && path.endsWith(".js"));
    assert(modules.length > STEMS.length);
    const input = { names: Object.keys(expected), files: modules.map((path) => `./${IN_MODULES}/${path}`) };
    const output = await consumer.runOrThrow(runtime.path, [file, JSON.stringify(input)]);
    assert(output.startsWith("{") && output.endsWith("}\n"), output);
    assertEquals(JSON.parse(output), expected);
  });
});
