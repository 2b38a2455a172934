import { ROOT } from "../internal/processes/deno_command.ts";

/** Lists the TypeScript files below a folder of the project, relative to its root. Returns none if the folder is missing. */
export function typescriptFiles(folder: string): string[] {
  const files: string[] = [];
  try {
    for (const { name, isDirectory } of Deno.readDirSync(new URL(folder, ROOT))) {
      const path = `${folder}/${name}`;
      if (isDirectory) files.push(...typescriptFiles(path));
      else if (name.endsWith(".ts")) files.push(path);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return files.sort();
}
