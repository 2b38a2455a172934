import { fileURLToPath } from "node:url";
import config from "../../deno.json" with { type: "json" };
import { ROOT } from "../../internal/processes/deno_command.ts";

/** The stand-ins of this folder by the names that tests and scripts import. */
const STAND_INS = {
  "@deno/dnt": "./dnt.ts",
  "@std/assert": "./assert.ts",
  "@std/async": "./async.ts",
  "@std/async/deadline": "./async.ts",
  "@std/async/delay": "./async.ts",
  "@std/log": "./log.ts",
  "@std/testing/time": "./fake_time.ts",
};

/** Returns the imports from JSR that the published package needs, with their equivalents on npm. */
export function npmEquivalents(): Record<"croner" | "hono", string> {
  return {
    croner: config.imports.croner.replace("jsr:@hexagon/croner@", "npm:croner@"),
    hono: config.imports.hono.replace("jsr:@hono/hono@", "npm:hono@"),
  };
}

/**
 * Returns the project's imports with stand-ins for those from JSR.
 *
 * An import map replaces the `imports` of deno.json, so it repeats the npm packages of that list.
 */
export function standInImports(): Record<string, string> {
  const imports: Record<string, string> = npmEquivalents();
  for (const [name, target] of Object.entries({ ...config.imports, ...imports })) {
    if (!target.startsWith("npm:")) continue;
    imports[name] = target;
    imports[`${name}/`] = `${target.replace("npm:", "npm:/")}/`;
  }
  for (const [name, path] of Object.entries(STAND_INS)) {
    imports[name] = new URL(path, import.meta.url).href;
  }
  return imports;
}

/** Returns the arguments with which any `deno` command resolves the project's imports without JSR. */
export function importMapArgs(): string[] {
  // a file, as Deno accepts no data URL in a workspace
  const folder = new URL(".cache/", ROOT);
  const file = new URL("import_map.json", folder);
  const text = JSON.stringify({ imports: standInImports() }, null, 2);
  Deno.mkdirSync(folder, { recursive: true });
  if (readIfPresent(file) !== text) {
    // renamed, as another process may be reading the file
    const unfinished = new URL(`import_map_${crypto.randomUUID()}.json`, folder);
    Deno.writeTextFileSync(unfinished, text);
    Deno.renameSync(unfinished, file);
  }
  return [`--import-map=${fileURLToPath(file)}`];
}

function readIfPresent(file: URL): string | undefined {
  try {
    return Deno.readTextFileSync(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
