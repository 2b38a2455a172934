/**
 * Files, where the runtime has them.
 *
 * @module
 */
import type { Attempt } from "./attempt.ts";

/** A file's text, or why there is none. */
export interface FileText {
  readonly text?: string;
  /** What went wrong, without anything of the file. */
  readonly fault?: string;
}

/** The fault of a file that is not there. */
export const MISSING = "there is no such file";

const FAULTS: Readonly<Record<string, string>> = {
  ENOENT: MISSING,
  ENOTDIR: MISSING,
  EISDIR: "it is a folder",
  EACCES: "permission denied",
  EPERM: "permission denied",
};

/**
 * Reads a file.
 *
 * @param attempt What it is read for.
 * @param path Its path.
 * @throws The signal's reason.
 */
export async function readText(attempt: Attempt, path: string): Promise<FileText> {
  attempt.waitingFor = shownPath(path);
  try {
    // asked for when it is needed, as browsers don't have it; bundlers for them take it for optional inside of a "try"
    const { readFile } = await import("node:fs/promises");
    const text = await readFile(path, { encoding: "utf8", signal: attempt.signal });
    // some editors begin a file with it
    return { text: text.replace(/^\uFEFF/, "") };
  } catch (error) {
    attempt.signal.throwIfAborted();
    const { name, code = "" } = error as { name?: string; code?: string };
    if (name === "NotCapable") return { fault: "reading it is denied, see Deno's --allow-read" };
    return { fault: Object.hasOwn(FAULTS, code) ? FAULTS[code]! : "it can't be read here" };
  }
}

/** A path as errors show it: not if it may be the credentials themselves, put where their path belongs. */
export function shownPath(path: string): string {
  return path.length <= 255 && !/[{}"\r\n]/.test(path) ? path : "what doesn't look like a path";
}
