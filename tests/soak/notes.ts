/**
 * Notes that replicas of a soak write beside their log: memory samples, store faults and unhandled rejections.
 *
 * @module
 */
import type { MemorySample } from "./memory.ts";

/** A line of the notes. */
export type Note =
  | { readonly type: "memory"; readonly sample: MemorySample }
  | { readonly type: "fault"; readonly label: string }
  | { readonly type: "unhandled"; readonly error: string };

/** Appends a line to the notes. */
export function appendNote(path: string, note: Note): void {
  Deno.writeTextFileSync(path, `${JSON.stringify(note)}\n`, { append: true });
}

/** Reads all notes. */
export async function readNotes(path: string): Promise<Note[]> {
  const text = await Deno.readTextFile(path);
  return text.split("\n").slice(0, -1).map((line) => JSON.parse(line));
}
