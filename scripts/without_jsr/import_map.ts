import config from "../../deno.json" with { type: "json" };

/** The stand-ins of this folder, by the names that the tests and scripts import. */
const STAND_INS = {
  "@deno/dnt": "./dnt.ts",
  "@std/assert": "./assert.ts",
  "@std/async": "./async.ts",
  "@std/async/deadline": "./async.ts",
  "@std/async/delay": "./async.ts",
  "@std/log": "./log.ts",
  "@std/testing/time": "./fake_time.ts",
};

/**
 * The project's imports with stand-ins for those from JSR.
 *
 * An import map replaces the `imports` of deno.json, so the npm packages of that list are carried over.
 */
export function standInImports(): Record<string, string> {
  const imports: Record<string, string> = {};
  for (const [name, target] of Object.entries(config.imports)) {
    if (!target.startsWith("npm:")) continue;
    imports[name] = target;
    imports[`${name}/`] = `${target.replace("npm:", "npm:/")}/`;
  }
  for (const [name, path] of Object.entries(STAND_INS)) {
    imports[name] = new URL(path, import.meta.url).href;
  }
  return imports;
}

/** The arguments that let any `deno` command resolve the project's imports where JSR cannot be reached. */
export function importMapArgs(): string[] {
  return [`--import-map=data:application/json,${encodeURIComponent(JSON.stringify({ imports: standInImports() }))}`];
}
