/** The files of the installed package, and how they import each other. */
import { assert } from "@std/assert";
import { dirname, join, relative } from "node:path";
import config from "../../deno.json" with { type: "json" };

/** Where a project has the package. */
export const IN_MODULES: string = `node_modules/${config.name}`;

/** The entry points that deno.json exports, such as "./stores/gcs". */
export const SUBPATHS: readonly string[] = Object.keys(config.exports);

/** The paths of the entry points without `./` and their extension. */
export const STEMS: readonly string[] = Object.values(config.exports).map((path) => path.replace(/^\.\/|\.ts$/g, ""));

/** The folders of the module formats. */
export const FORMATS = ["esm", "script"] as const;

/** Returns the name by which a program imports an entry point. */
export function nameOf(subpath: string): string {
  return `${config.name}${subpath.slice(1)}`;
}

/** Returns the files below a folder, relative to it, sorted, with `/` as separator. */
export async function listFiles(folder: string): Promise<string[]> {
  const files: string[] = [];
  const visit = async (path: string): Promise<void> => {
    for await (const { name, isDirectory } of Deno.readDir(path)) {
      if (isDirectory) await visit(join(path, name));
      else files.push(relative(folder, join(path, name)).replaceAll("\\", "/"));
    }
  };
  await visit(folder);
  return files.sort();
}

/** Relative imports, lazy ones included. */
const IMPORT = /\b(?:from|import|require)\s*\(?\s*["'](\.{1,2}\/[^"']+)["']/g;

/** Relative imports that load a module at once. */
const EAGER_IMPORT = /\b(?:from|import|require\()\s*["'](\.{1,2}\/[^"']+)["']/g;

/** The package in the folder of a project. */
export class InstalledPackage {
  readonly folder: string;
  readonly files: readonly string[];
  readonly manifest: Readonly<Record<string, unknown>>;

  private constructor(folder: string, files: readonly string[], manifest: Readonly<Record<string, unknown>>) {
    this.folder = folder;
    this.files = files;
    this.manifest = manifest;
  }

  /** Reads the package that is installed in a project. */
  static async in(project: string): Promise<InstalledPackage> {
    const folder = `${project}/${IN_MODULES}`;
    const manifest = JSON.parse(await Deno.readTextFile(`${folder}/package.json`));
    return new InstalledPackage(folder, await listFiles(folder), manifest);
  }

  /** Returns the text of a file. */
  text(file: string): Promise<string> {
    return Deno.readTextFile(`${this.folder}/${file}`);
  }

  /** Returns the files that end so, with their texts. */
  async texts(ending: string): Promise<[file: string, text: string][]> {
    const files = this.files.filter((file) => file.endsWith(ending));
    assert(files.length > STEMS.length, `${files.length} files end with ${ending}`);
    return await Promise.all(files.map(async (file): Promise<[string, string]> => [file, await this.text(file)]));
  }

  /** Returns the files that a file imports, directly or not, and itself. Without `lazy`, those that are loaded at once. */
  async imports(start: string, { lazy }: { readonly lazy: boolean }): Promise<Set<string>> {
    const extension = start.endsWith(".d.ts") ? ".d.ts" : ".js";
    const found = new Set<string>();
    const visit = async (file: string): Promise<void> => {
      if (found.has(file)) return;
      found.add(file);
      for (const [, specifier = ""] of (await this.text(file)).matchAll(lazy ? IMPORT : EAGER_IMPORT)) {
        await visit(join(dirname(file), specifier.replace(/\.js$/, extension)).replaceAll("\\", "/"));
      }
    };
    await visit(start);
    return found;
  }
}
