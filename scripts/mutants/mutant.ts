/** A deliberate fault in the core: a small textual replacement that breaks a promise. */
export interface Mutant {
  /** What is wrong with it, in a few words; its name in the table and on the command line. */
  readonly name: string;
  readonly file: string;
  /** What is replaced: occurs in the file exactly once. */
  readonly old: string;
  readonly new: string;
  /** What is broken by it, and why that matters. */
  readonly breaks: string;
}

/** Why a mutant does not fit the core any more, if so. */
export function misfit({ name, file, old, new: mutated }: Mutant, text: string): string | undefined {
  const times = text.split(old).length - 1;
  if (times !== 1) return `"${name}" replaces a text of ${file} that is there ${times} times, not once: ${old}`;
  return old === mutated ? `"${name}" replaces a text by itself` : undefined;
}

/** The file with the fault in it. */
export function mutate(mutant: Mutant, text: string): string {
  const reason = misfit(mutant, text);
  if (reason) throw new Error(`Cannot make the mutant as ${reason}`);
  // a function, as a $ in the text is no pattern
  return text.replace(mutant.old, () => mutant.new);
}
