/**
 * The error about wrong arguments.
 *
 * @module
 */
import { nearestName } from "../nearest_name.ts";

/** The arguments are wrong. The message is for people. */
export class UsageError extends Error {
  override readonly name: string = "UsageError";
  /** The command whose help explains the arguments, if the command is known. */
  readonly command: string | undefined;

  constructor(message: string, command?: string) {
    super(message);
    this.command = command;
  }
}

/**
 * Returns a hint at the known name that is probably meant, such as ` (did you mean "list"?)`.
 *
 * @param name The unknown name.
 * @param known The known names.
 */
export function suggestion(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known) ??
    known.find((other) => sortedLetters(other) === sortedLetters(name) || (name.length > 1 && other.startsWith(name)));
  return nearest === undefined ? "" : ` (did you mean "${nearest}"?)`;
}

/** Swapped letters are two differences. */
function sortedLetters(name: string): string {
  return [...name].sort().join("");
}
