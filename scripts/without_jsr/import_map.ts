import config from "../../deno.json" with { type: "json" };

/** The stand-ins of this folder, by the names that the tests import. @deno/dnt has none: no test needs it. */
const STAND_INS = {
  "@std/assert": "./assert.ts",
  "@std/async": "./async.ts",
  "@std/async/deadline": "./async.ts",
  "@std/async/delay": "./async.ts",
  "@std/log": "./log.ts",
  "@std/testing/time": "./fake_time.ts",
};

/**
 * The arguments that let any `deno` command resolve the project's imports where JSR cannot be reached.
 *
 * An import map replaces the `imports` of deno.json, so the npm packages of that list are carried over.
 */
export function importMapArgs(): string[] {
  const imports: Record<string, string> = {};
  for (const [name, target] of Object.entries(config.imports)) {
    if (!target.startsWith("npm:")) continue;
    imports[name] = target;
    imports[`${name}/`] = `${target.replace("npm:", "npm:/")}/`;
  }
  for (const [name, path] of Object.entries(STAND_INS)) {
    imports[name] = new URL(path, import.meta.url).href;
  }
  return [`--import-map=data:application/json,${encodeURIComponent(JSON.stringify({ imports }))}`];
}
