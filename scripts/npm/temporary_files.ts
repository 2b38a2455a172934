import { dirname } from "node:path";

/** Writes files into a folder, and creates the folders that they are in. */
export async function writeFiles(folder: string, texts: Iterable<[path: string, text: string]>): Promise<void> {
  for (const [path, text] of texts) {
    await Deno.mkdir(`${folder}/${dirname(path)}`, { recursive: true });
    await Deno.writeTextFile(`${folder}/${path}`, text);
  }
}

/** Calls a function with a temporary folder that holds some files, and removes the folder afterwards. */
export async function withFiles(
  texts: Readonly<Record<string, string>>,
  use: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "periodic_task_" });
  try {
    await writeFiles(folder, Object.entries(texts));
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
