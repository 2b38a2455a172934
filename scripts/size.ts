// deno task size
//
// Bundles each entry point and prints its size. Some have a limit. The core (mod.ts) must need no other package.

import { gzipSync } from "node:zlib";
import config from "../deno.json" with { type: "json" };
import { denoOrThrow } from "../internal/processes/deno_command.ts";
import { OPTIONAL_PEERS } from "./npm/manifest.ts";
import { moduleGraph } from "./module_graph.ts";

const CORE = "mod.ts";
/** The most bytes of an entry point, minified and compressed with gzip. */
const LIMITS: Readonly<Record<string, number>> = {
  ".": 22_000,
  "./control": 8_000,
  "./cron": 3_000,
  "./opentelemetry": 8_500,
  "./dashboard": 32_000,
};

/** An entry point is larger than its limit. */
export class SizeLimitError extends Error {
  override name = "SizeLimitError";
}

interface BundleSize {
  readonly minified: number;
  readonly gzip: number;
}

/** Bundles an entry point with all files of the project that it imports. Other packages are left out. */
async function bundleSize(entryPoint: string): Promise<BundleSize> {
  const folder = await Deno.makeTempDir();
  try {
    const output = `${folder}/bundle.js`;
    const external = ["--packages=external", ...Object.keys(OPTIONAL_PEERS).map((name) => `--external=${name}`)];
    const options = ["--quiet", "--minify", "--platform=browser", ...external, `--output=${output}`];
    await denoOrThrow(["bundle", ...options, entryPoint]);
    const minified = await Deno.readFile(output);
    return { minified: minified.length, gzip: gzipSync(minified, { level: 9 }).length };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Prints the size of every entry point, and throws if one exceeds its limit or the core needs another package. */
export async function checkSize(): Promise<void> {
  const foreign = [...(await moduleGraph([CORE])).keys()].filter((path) => path.includes(":"));
  if (foreign.length > 0) {
    throw new Error(`Cannot bundle ${CORE} as it needs other packages: current value is ${foreign.join(", ")}`);
  }
  const entries = Object.entries(config.exports);
  const sizes = await Promise.all(entries.map(([, path]) => bundleSize(path)));
  const width = Math.max(...entries.map(([name]) => name.length));
  for (const [index, { minified, gzip }] of sizes.entries()) {
    const [name = ""] = entries[index] ?? [];
    const limit = LIMITS[name] ?? Infinity;
    const shownLimit = limit < Infinity ? ` (limit ${limit})` : "";
    console.log(`${name.padEnd(width)}  ${minified} bytes minified, ${gzip} with gzip${shownLimit}`);
    if (gzip > limit) {
      throw new SizeLimitError(
        `Cannot accept the size of "${name}" as the limit is ${limit} bytes: current value is ${gzip}`,
      );
    }
  }
}

if (import.meta.main) await checkSize();
