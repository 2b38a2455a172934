/**
 * What replicas of a soak note beside their log: of their memory, the faults in their store, and what nobody has caught.
 *
 * @module
 */
import type { Sample } from "./memory.ts";

/** A line of the notes. */
export type Note =
  | { readonly note: "memory"; readonly sample: Sample }
  | { readonly note: "fault"; readonly label: string }
  | { readonly note: "unhandled"; readonly error: string };

/** Appends a line to the notes. */
export function takeNote(path: string, note: Note): void {
  Deno.writeTextFileSync(path, `${JSON.stringify(note)}\n`, { append: true });
}

/** Reads all notes. */
export async function readNotes(path: string): Promise<Note[]> {
  const text = await Deno.readTextFile(path);
  return text.split("\n").slice(0, -1).map((line) => JSON.parse(line));
}
