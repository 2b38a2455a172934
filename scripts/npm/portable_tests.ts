import { dirname, join } from "node:path/posix";
import { typescriptFiles } from "../files.ts";
import { ROOT } from "../../internal/processes/deno_command.ts";

/** Uses of Deno beyond its test runner. Deno alone dispatches the event. */
const NEEDS_DENO = /\bDeno\.(?!test\b|TestContext\b)|\bunhandledrejection\b/;

const IMPORT = /^(?:import|.*\bfrom) "([^"]+)"(?: with .*)?;$/gm;

/** Folders below tests/ that are not about the core. */
const NOT_CORE = /^tests\/(cron|npm|integration|processes|soak|stores|testing|simulator|fake_time|loggers|bench)\//;

/** Packages that dnt can map to npm for a test in Node. */
const PORTABLE_PACKAGES = ["@std/assert", "@std/async", "@std/testing", "fast-check"];

function isPortableImport(specifier: string): boolean {
  return specifier.startsWith("node:") ||
    PORTABLE_PACKAGES.some((name) => specifier === name || specifier.startsWith(`${name}/`));
}

/** Whether a file of the project, and every file that it imports, needs nothing of Deno but its test runner. */
function isPortable(path: string, visited: Set<string>): boolean {
  if (visited.has(path)) return true;
  visited.add(path);
  if (!/^(mod\.ts$|src\/|stores\/|internal\/|tests\/)/.test(path)) return false;
  const text = Deno.readTextFileSync(new URL(path, ROOT));
  const code = text.replace(/\/\*\*.*?\*\//gs, "").replace(/^\s*\/\/.*$/gm, "");
  if (NEEDS_DENO.test(code)) return false;
  return [...code.matchAll(IMPORT)].every(([, specifier = ""]) =>
    specifier.startsWith(".") ? isPortable(join(dirname(path), specifier), visited) : isPortableImport(specifier)
  );
}

/** Returns the tests of the core that can run in Node: they need nothing of Deno but its test runner. */
export function portableTests(): string[] {
  return typescriptFiles("tests")
    .filter((path) => path.endsWith("_test.ts") && !NOT_CORE.test(path))
    .filter((path) => isPortable(path, new Set()));
}
