import { ROOT } from "../../internal/processes/deno_command.ts";
import type { Files } from "./core.ts";

/** What the tests need. Nothing else is copied, and nothing of git. */
const COPIED = [
  "mod.ts",
  "deno.json",
  "README.md",
  "src",
  "stores",
  "tests",
  "internal",
  "bench",
  "examples",
  "scripts",
];

/** A copy of the project that holds one fault at a time. */
export class Workspace {
  /** Its root. */
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Copies the project. */
  static async create(): Promise<Workspace> {
    const folder = await Deno.makeTempDir({ prefix: "mutants_" });
    for (const name of COPIED) await copy(new URL(name, ROOT), `${folder}/${name}`);
    return new Workspace(folder);
  }

  /** Writes some files into the copy, for as long as some work takes. */
  async with<T>(files: Files, work: () => Promise<T>): Promise<T> {
    const before = new Map<string, string | undefined>();
    try {
      for (const [path, text] of files) {
        before.set(path, await textAt(`${this.folder}/${path}`));
        await Deno.writeTextFile(`${this.folder}/${path}`, text);
      }
      return await work();
    } finally {
      for (const [path, text] of before) {
        if (text === undefined) await Deno.remove(`${this.folder}/${path}`);
        else await Deno.writeTextFile(`${this.folder}/${path}`, text);
      }
    }
  }

  /** Removes the copy. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.folder, { recursive: true });
  }
}

async function textAt(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

async function copy(from: URL, to: string): Promise<void> {
  if (!(await Deno.lstat(from)).isDirectory) return await Deno.copyFile(from, to);
  await Deno.mkdir(to);
  for await (const { name, isSymlink } of Deno.readDir(from)) {
    if (!isSymlink) await copy(new URL(`${from}/${encodeURIComponent(name)}`), `${to}/${name}`);
  }
}
