// deno task size
//
// Bundles mod.ts and prints how much of it a browser would download. It must be small and whole by itself.

import { gzipSync } from "node:zlib";
import { denoOrThrow } from "./deno_command.ts";
import { moduleGraph } from "./module_graph.ts";

const ENTRY_POINT = "mod.ts";
const LIMIT_BYTES = 14_000;

async function bundle(): Promise<Uint8Array> {
  const folder = await Deno.makeTempDir();
  try {
    const output = `${folder}/bundle.js`;
    await denoOrThrow(["bundle", "--quiet", "--minify", "--platform=browser", `--output=${output}`, ENTRY_POINT]);
    return await Deno.readFile(output);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Prints and judges the size. */
export async function checkSize(): Promise<void> {
  const foreign = [...(await moduleGraph([ENTRY_POINT])).keys()].filter((path) => path.includes(":"));
  if (foreign.length > 0) {
    throw new Error(`Cannot bundle ${ENTRY_POINT} as it needs other packages: current value is ${foreign.join(", ")}`);
  }
  const minified = await bundle();
  const compressed = gzipSync(minified, { level: 9 });
  console.log(
    `${ENTRY_POINT}: ${minified.length} bytes minified, ${compressed.length} with gzip (limit ${LIMIT_BYTES})`,
  );
  if (compressed.length > LIMIT_BYTES) {
    throw new Error(
      `Cannot accept the size as the limit is ${LIMIT_BYTES} bytes: current value is ${compressed.length}`,
    );
  }
}

if (import.meta.main) await checkSize();
