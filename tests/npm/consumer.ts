/** Projects that install the package, and the programs that run in them. */
import { assert } from "@std/assert";
import { build } from "esbuild";
import { fileURLToPath } from "node:url";
import { tarball } from "./environment.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const NPM = Deno.build.os === "windows" ? "npm.cmd" : "npm";
const INSTALL = [
  "install",
  "--ignore-scripts",
  "--prefer-offline",
  "--engine-strict=false",
  "--no-audit",
  "--no-fund",
  "--no-update-notifier",
  "--loglevel=error",
];

/** How a module is loaded: by `import` or by `require()`. */
export type Loading = "esm" | "cjs";

/** Both ways of loading a module. */
export const LOADINGS: readonly Loading[] = ["esm", "cjs"];

/** The result of a program. */
export interface Output {
  readonly code: number;
  /** Standard output, and then standard error. */
  readonly text: string;
}

/** The options of a program that runs in a project. */
export interface RunOptions {
  /** The program is killed after this time. The default is two minutes. */
  readonly limitMs?: number;
  readonly env?: Readonly<Record<string, string>>;
}

async function run(program: string, args: readonly string[], cwd: string, options: RunOptions = {}): Promise<Output> {
  const { limitMs = 120_000 } = options;
  const signal = AbortSignal.timeout(limitMs);
  const env = { NO_COLOR: "1", NODE_OPTIONS: "", ...options.env };
  const command = new Deno.Command(program, { args: [...args], cwd, env, signal, stdin: "null" });
  const { code, stdout, stderr } = await command.output();
  const text = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("");
  return { code, text: signal.aborted ? `${text}\nKilled after ${limitMs} ms` : text };
}

/** Installs packages into a folder as npm resolves them, without running their scripts. */
async function install(folder: string, packages: readonly string[]): Promise<void> {
  await Deno.writeTextFile(`${folder}/package.json`, "{}");
  // the prefix is explicit, because a process that `npx` started inherits one in its environment
  const args = [...INSTALL, `--prefix=${folder}`, ...packages];
  const { code, text } = await run(NPM, args, folder, { limitMs: 300_000 });
  assert(code === 0, `npm ${args.join(" ")}\n${text}`);
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

/** The longest name of a folder, which leaves room for an ending. */
const MAX_FOLDER_NAME = 200;

/** Shortens a name that is too long for a folder. */
async function folderName(name: string): Promise<string> {
  if (name.length <= MAX_FOLDER_NAME) return name;
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(name));
  const hash = Array.from(new Uint8Array(digest, 0, 8), (byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${name.slice(0, MAX_FOLDER_NAME)}_${hash}`;
}

/**
 * Returns a folder in which packages from npm are installed. It is kept for later runs. A project inside of it finds the packages,
 * as programs search the `node_modules` of all parent folders.
 */
async function installedPackages(packages: readonly string[]): Promise<string> {
  const name = await folderName(
    packages.map((specifier) => specifier.replace("^", "from-").replace(/[^\w.-]+/g, "-")).join("_"),
  );
  const folder = `${ROOT}.cache/npm_packages/${name}`;
  if (await exists(folder)) return folder;
  const unfinished = `${folder}.${crypto.randomUUID()}`;
  await Deno.mkdir(unfinished, { recursive: true });
  try {
    await install(unfinished, packages);
    await Deno.rename(unfinished, folder);
  } catch (error) {
    await Deno.remove(unfinished, { recursive: true });
    // another process may have installed them in the meantime
    if (!await exists(folder)) throw error;
  }
  return folder;
}

/** A project in a temporary folder that has installed the package. It is removed when it is disposed. */
export class Consumer implements AsyncDisposable {
  readonly folder: string;
  /** The folder of the other packages, which is above the project's. */
  readonly #packagesFolder: string;

  private constructor(folder: string, packagesFolder: string) {
    this.folder = folder;
    this.#packagesFolder = packagesFolder;
  }

  /**
   * Creates a project and installs the package into it.
   *
   * @param packages Other packages from npm that programs of the project find.
   * @param aliases Names under which the package is installed once more.
   */
  static async create(packages: readonly string[] = [], aliases: readonly string[] = []): Promise<Consumer> {
    const parent = packages.length > 0 ? await installedPackages(packages) : undefined;
    const folder = await Deno.makeTempDir({ prefix: "periodic_task_", ...(parent !== undefined && { dir: parent }) });
    const consumer = new Consumer(folder, parent ?? folder);
    try {
      await install(folder, [tarball(), ...aliases.map((name) => `${name}@file:${tarball()}`)]);
    } catch (error) {
      await consumer[Symbol.asyncDispose]();
      throw error;
    }
    return consumer;
  }

  /** The path of a file of another package. */
  packageFile(path: string): string {
    return `${this.#packagesFolder}/node_modules/${path}`;
  }

  /** Writes a file of the project. */
  async write(path: string, text: string): Promise<void> {
    await Deno.writeTextFile(`${this.folder}/${path}`, text);
  }

  /**
   * Bundles a module of the tests into one file of the project. Packages are not included, ours neither: the project has them.
   *
   * @param source Relative to the root of the repository, such as "tests/npm/core_suite.ts".
   * @param target Relative to the project: `.mjs` for an ES module, `.cjs` for CommonJS.
   */
  async bundle(source: string, target: string): Promise<void> {
    await build({
      absWorkingDir: ROOT,
      entryPoints: [source],
      outfile: `${this.folder}/${target}`,
      bundle: true,
      format: target.endsWith(".cjs") ? "cjs" : "esm",
      packages: "external",
      platform: "node",
      logLevel: "error",
    });
  }

  /** Runs a program in the project. */
  run(program: string, args: readonly string[], options?: RunOptions): Promise<Output> {
    return run(program, args, this.folder, options);
  }

  /** Runs a program that must succeed, and returns what it prints. */
  async runOrThrow(program: string, args: readonly string[], options?: RunOptions): Promise<string> {
    const { code, text } = await this.run(program, args, options);
    assert(code === 0, `${program} ${args.join(" ")}\n${text}`);
    return text;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.folder, { recursive: true });
  }
}
