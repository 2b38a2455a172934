/**
 * Reads files, where the runtime has them.
 *
 * @module
 */
import type { SignInContext } from "./context.ts";

/** The text of a file, or the reason why it can't be read. */
export type FileContent =
  | { readonly text: string; readonly fault?: never }
  | { readonly text?: never; readonly fault: string };

/** The reason of a file that does not exist. */
export const MISSING = "there is no such file";

const FAULTS_BY_CODE: ReadonlyMap<unknown, string> = new Map([
  ["ENOENT", MISSING],
  ["ENOTDIR", MISSING],
  ["EISDIR", "it is a folder"],
  ["EACCES", "permission denied"],
  ["EPERM", "permission denied"],
]);

/**
 * Reads a file.
 *
 * @param context The sign-in that needs it.
 * @param path Its path.
 * @throws The reason of the signal.
 */
export async function readText(context: SignInContext, path: string): Promise<FileContent> {
  const { signal } = context;
  context.waitingFor = shownPath(path);
  try {
    // browsers lack this module; bundlers treat an import inside of "try" as optional
    const { readFile } = await import("node:fs/promises");
    const text = await readFile(path, { encoding: "utf8", signal });
    const byteOrderMark = /^\uFEFF/;
    return { text: text.replace(byteOrderMark, "") };
  } catch (error) {
    signal.throwIfAborted();
    const { name, code } = error as { name?: string; code?: string };
    if (name === "NotCapable") return { fault: "reading it is denied, see Deno's --allow-read" };
    return { fault: FAULTS_BY_CODE.get(code) ?? "it can't be read here" };
  }
}

/** A path as errors show it. Text that is not a path may be the credentials themselves, and is not shown. */
export function shownPath(path: string): string {
  return path.length <= 255 && !/[{}"\r\n]/.test(path) ? path : "a value that is not a path";
}
