import { gzipSync } from "node:zlib";
import { installedPeers } from "../packages.ts";
import { runProcess } from "../../../internal/processes/run_process.ts";
import type { WeighedPackage } from "./installed_packages.ts";

const TIMEOUT_MS = 60_000;

/** Packages that peers import only if they are installed, and the libraries on which entry points of this package stand. */
const OPTIONAL = [
  "typescript",
  "pg-native",
  "cloudflare:sockets",
  "aws4fetch",
  "hono",
  "@nestjs/common",
  "@nestjs/core",
  "@opentelemetry/api",
];

/** The bytes of a bundle with all dependencies. */
export interface BundleSize {
  readonly minified: number;
  readonly gzip: number;
}

/** What `npm install` installs. */
export interface InstalledSize {
  readonly bytes: number;
  readonly packages: number;
}

/** Measures a bundle of all exports of some modules. */
export async function bundleSize(folder: string, specifiers: readonly string[]): Promise<BundleSize> {
  const { folder: root, node } = await installedPeers();
  const entry = `${folder}/bundle_${specifiers.join("_").replace(/\W+/g, "_")}.mjs`;
  const lines = specifiers.map((specifier) => `export * from "${specifier}";\n`);
  await Deno.writeTextFile(entry, lines.join(""));
  const external = OPTIONAL.map((name) => `--external:${name}`);
  const args = ["--bundle", "--minify", "--platform=node", "--format=esm", "--log-level=error", ...external, entry];
  const script = `${root}/node_modules/esbuild/bin/esbuild`;
  const output = await runProcess(node, [script, ...args], { timeoutMs: TIMEOUT_MS, cwd: folder });
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

/** Measures what is installed for a package, with itself. */
export async function installedSize({ folder }: WeighedPackage): Promise<InstalledSize> {
  const modules = `${folder}/node_modules`;
  // npm's list of the installed packages
  const list = `${modules}/.package-lock.json`;
  const { packages } = JSON.parse(await Deno.readTextFile(list)) as { packages: Record<string, unknown> };
  const bytes = await bytesIn(modules) - (await Deno.stat(list)).size;
  return { bytes, packages: Object.keys(packages).length };
}

/** Returns the entry points of a package as specifiers. */
export async function entryPoints({ folder, specifiers: [name] }: WeighedPackage): Promise<string[]> {
  const text = await Deno.readTextFile(`${folder}/node_modules/${name}/package.json`);
  const { exports } = JSON.parse(text) as { exports: Record<string, unknown> };
  return Object.keys(exports).filter((path) => path !== "./package.json").map((path) => path.replace(".", name ?? ""));
}
