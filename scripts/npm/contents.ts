import { stat } from "node:fs/promises";
import { filesBelow } from "./modules.ts";

/** A file of the package. */
export interface Entry {
  /** Relative to the package, with `/` between its parts. */
  readonly path: string;
  readonly bytes: number;
}

interface Part {
  readonly name: string;
  readonly holds: RegExp;
  /** At most so many bytes. */
  readonly limit: number;
}

/** What the package is made of. A file counts for the first part that holds it; one that none holds must not be there. */
const PARTS: readonly Part[] = [
  { name: "documents and package.json", holds: /^(README\.md|LICENSE|CHANGELOG\.md|package\.json)$/, limit: 90_000 },
  { name: "marks of the formats", holds: /^(esm|script)\/package\.json$/, limit: 100 },
  { name: "declarations", holds: /^(esm|script)\/.*\.d\.ts$/, limit: 120_000 },
  { name: "test kit as ES modules", holds: /^esm\/src\/(testing|simulator)\/mod\.js$/, limit: 100_000 },
  { name: "test kit as CommonJS", holds: /^script\/src\/(testing|simulator)\/mod\.js$/, limit: 110_000 },
  { name: "core and stores as ES modules", holds: /^esm\/(mod|stores\/\w+|chunks\/\w+)\.js$/, limit: 120_000 },
  { name: "core and stores as CommonJS", holds: /^script\/(mod|stores\/\w+|chunks\/\w+)\.js$/, limit: 130_000 },
];

/** No test or source is published, whatever the folder. */
const UNWANTED = /test_runner|_test\.|\.test\.|\.map$|(?<!\.d)\.ts$|node_modules|^(?!.*\/src\/testing\/).*\btests?\//;

/** The bytes of each part that is there. Throws if a file has no place in the package, or a part is above its limit. */
export function contentsOf(entries: readonly Entry[]): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { path, bytes } of entries) {
    const part = PARTS.find(({ holds }) => holds.test(path));
    if (!part || UNWANTED.test(path)) {
      throw new Error(`Cannot publish as a file has no place in it: current value is ${path}`);
    }
    sums.set(part.name, (sums.get(part.name) ?? 0) + bytes);
  }
  for (const { name, limit } of PARTS) {
    const bytes = sums.get(name) ?? 0;
    if (bytes > limit) throw new Error(`Cannot publish as ${name} may take ${limit} bytes: current value is ${bytes}`);
  }
  return sums;
}

/** Prints what the package is made of. */
export async function printContents(folder: string): Promise<void> {
  const paths = await filesBelow(folder);
  const entries = await Promise.all(
    paths.map(async (path) => ({ path, bytes: (await stat(`${folder}/${path}`)).size })),
  );
  for (const [name, bytes] of contentsOf(entries)) console.log(`${String(bytes).padStart(9)} bytes  ${name}`);
  console.log(
    `${String(entries.reduce((sum, { bytes }) => sum + bytes, 0)).padStart(9)} bytes  in ${entries.length} files`,
  );
}
