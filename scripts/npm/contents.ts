import { stat } from "node:fs/promises";
import { BIN_FILE, ENTRIES, type Format } from "./manifest.ts";
import { filesBelow } from "./module_files.ts";

/** A file of the package. */
export interface PackageFile {
  /** Relative to the package, with `/` as separator. */
  readonly path: string;
  readonly bytes: number;
}

interface Part {
  readonly name: string;
  readonly includes: (path: string) => boolean;
  /** The most bytes that the part may have. */
  readonly limit: number;
}

/** Entry points that tests load and servers don't. */
const FOR_TESTS = /^src\/(testing|simulator)\//;

/** Chunks that only entry points for tests load are named after them. */
const CHUNK_FOR_TESTS = /^chunks\/(simulator|testing|simulator_testing)$/;

const CHUNK = /^chunks\/\w+$/;

/** Whether a path without format and extension is code of the test kit, or of the core, stores and other entry points. */
function isCode(path: string, forTests: boolean): boolean {
  const isKnown = CHUNK.test(path) || ENTRIES.some(({ stem }) => stem === path);
  return isKnown && (FOR_TESTS.test(path) || CHUNK_FOR_TESTS.test(path)) === forTests;
}

function isModule(path: string, format: Format, forTests: boolean): boolean {
  return path.startsWith(`${format}/`) && path.endsWith(".js") && isCode(path.slice(format.length + 1, -3), forTests);
}

function matches(pattern: RegExp): (path: string) => boolean {
  return (path) => pattern.test(path);
}

/** The parts of the package. A file counts for the first part that includes it. */
const PARTS: readonly Part[] = [
  {
    name: "documents and package.json",
    includes: matches(/^(README\.md|LICENSE|CHANGELOG\.md|package\.json)$/),
    limit: 100_000,
  },
  { name: "format markers", includes: matches(/^(esm|script)\/package\.json$/), limit: 100 },
  { name: "program", includes: (path) => path === BIN_FILE, limit: 200 },
  { name: "declarations", includes: matches(/^(esm|script)\/.*\.d\.ts$/), limit: 400_000 },
  { name: "test kit as ES modules", includes: (path) => isModule(path, "esm", true), limit: 210_000 },
  { name: "test kit as CommonJS", includes: (path) => isModule(path, "script", true), limit: 230_000 },
  { name: "core and stores as ES modules", includes: (path) => isModule(path, "esm", false), limit: 700_000 },
  { name: "core and stores as CommonJS", includes: (path) => isModule(path, "script", false), limit: 770_000 },
];

/** Tests and sources are not published, whatever folder they are in. */
const EXCLUDED = /test_runner|_test\.|\.test\.|\.map$|(?<!\.d)\.ts$|node_modules|^(?!.*\/src\/testing\/).*\btests?\//;

/** Returns the bytes of each part. Throws if a file belongs to no part, or if a part exceeds its limit. */
export function contentsOf(files: readonly PackageFile[]): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { path, bytes } of files) {
    const part = PARTS.find(({ includes }) => includes(path));
    if (!part || EXCLUDED.test(path)) {
      throw new Error(`Cannot publish as a file belongs to no part of the package: current value is ${path}`);
    }
    sums.set(part.name, (sums.get(part.name) ?? 0) + bytes);
  }
  for (const { name, limit } of PARTS) {
    const bytes = sums.get(name) ?? 0;
    if (bytes > limit) {
      throw new Error(`Cannot publish as "${name}" is limited to ${limit} bytes: current value is ${bytes}`);
    }
  }
  return sums;
}

/** Prints the size of each part of the package. */
export async function printContents(folder: string): Promise<void> {
  const paths = await filesBelow(folder);
  const files = await Promise.all(
    paths.map(async (path) => ({ path, bytes: (await stat(`${folder}/${path}`)).size })),
  );
  for (const [name, bytes] of contentsOf(files)) console.log(`${String(bytes).padStart(9)} bytes  ${name}`);
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  console.log(`${String(total).padStart(9)} bytes  in ${files.length} files`);
}
