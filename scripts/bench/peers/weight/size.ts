import { gzipSync } from "node:zlib";
import { installedPeers } from "../packages.ts";
import { runToEnd } from "../process.ts";
import type { Subject } from "./subjects.ts";

const LIMIT_MS = 60_000;

/** What peers import only if the user has installed it. */
const OPTIONAL = ["typescript", "pg-native", "cloudflare:sockets"];

/** Bytes of what is imported, with all that it needs. */
export interface BundleSize {
  readonly minified: number;
  readonly gzip: number;
}

/** What `npm install` leaves. */
export interface InstalledSize {
  readonly bytes: number;
  readonly packages: number;
}

/** The size of what a script is that imports all of some modules and leaves nothing of them out. */
export async function bundleSize(folder: string, specifiers: readonly string[]): Promise<BundleSize> {
  const { folder: root, node } = await installedPeers();
  const entry = `${folder}/bundle_${specifiers.join("_").replace(/\W+/g, "_")}.mjs`;
  const lines = specifiers.map((specifier) => `export * from "${specifier}";\n`);
  await Deno.writeTextFile(entry, lines.join(""));
  const external = OPTIONAL.map((name) => `--external:${name}`);
  const args = ["--bundle", "--minify", "--platform=node", "--format=esm", "--log-level=error", ...external, entry];
  const script = `${root}/node_modules/esbuild/bin/esbuild`;
  const output = await runToEnd(node, [script, ...args], { limitMs: LIMIT_MS, cwd: folder });
  const minified = new TextEncoder().encode(output);
  return { minified: minified.length, gzip: gzipSync(minified, { level: 9 }).length };
}

async function bytesIn(folder: string): Promise<number> {
  let bytes = 0;
  for await (const { name, isFile, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (isFile) bytes += (await Deno.stat(path)).size;
    else if (isDirectory) bytes += await bytesIn(path);
  }
  return bytes;
}

/** What is installed for one package, itself included. */
export async function installedSize({ folder }: Subject): Promise<InstalledSize> {
  const modules = `${folder}/node_modules`;
  // npm's own list of what it has installed
  const list = `${modules}/.package-lock.json`;
  const { packages } = JSON.parse(await Deno.readTextFile(list)) as { packages: Record<string, unknown> };
  const bytes = await bytesIn(modules) - (await Deno.stat(list)).size;
  return { bytes, packages: Object.keys(packages).length };
}

/** The entry points of a package, as specifiers. */
export async function entryPoints({ folder, specifiers: [name] }: Subject): Promise<string[]> {
  const text = await Deno.readTextFile(`${folder}/node_modules/${name}/package.json`);
  const { exports } = JSON.parse(text) as { exports: Record<string, unknown> };
  return Object.keys(exports).filter((path) => path !== "./package.json").map((path) => path.replace(".", name!));
}
