import { ROOT } from "../../internal/processes/deno_command.ts";
import { type Mutant, mutate } from "./mutant.ts";

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
  static async make(): Promise<Workspace> {
    const folder = await Deno.makeTempDir({ prefix: "mutants_" });
    for (const name of COPIED) await copy(new URL(name, ROOT), `${folder}/${name}`);
    return new Workspace(folder);
  }

  /** Puts a fault into the copy, for as long as some work takes. */
  async with<T>(mutant: Mutant, work: () => Promise<T>): Promise<T> {
    const path = `${this.folder}/${mutant.file}`;
    const text = await Deno.readTextFile(path);
    await Deno.writeTextFile(path, mutate(mutant, text));
    try {
      return await work();
    } finally {
      await Deno.writeTextFile(path, text);
    }
  }

  /** Removes the copy. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.folder, { recursive: true });
  }
}

async function copy(from: URL, to: string): Promise<void> {
  if (!(await Deno.lstat(from)).isDirectory) return await Deno.copyFile(from, to);
  await Deno.mkdir(to);
  for await (const { name, isSymlink } of Deno.readDir(from)) {
    if (!isSymlink) await copy(new URL(`${from}/${encodeURIComponent(name)}`), `${to}/${name}`);
  }
}
