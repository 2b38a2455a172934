import { ended } from "./child.ts";
import { type Mutant, mutate } from "./mutant.ts";

const LIMIT_MS = 300_000;

/**
 * Sees that the types of all mutants fit, as anything would find those that can't even be compiled.
 *
 * All at once, which is much quicker: each mutated file lies beside the original for a while, under a name of its own.
 *
 * @param folder A copy of the project.
 * @param imports The arguments that resolve the imports.
 * @param mutants Which.
 */
export async function checkTypes(
  folder: string,
  imports: readonly string[],
  mutants: readonly Mutant[],
): Promise<void> {
  const paths = mutants.map(({ file }, index) => file.replace(/(?=[^/]+$)/, `mutant_${index}_`));
  for (const [index, mutant] of mutants.entries()) {
    const text = await Deno.readTextFile(`${folder}/${mutant.file}`);
    await Deno.writeTextFile(`${folder}/${paths[index]}`, mutate(mutant, text));
  }
  const { code, output } = await ended(folder, ["check", "--quiet", ...imports, ...paths], LIMIT_MS);
  for (const path of paths) await Deno.remove(`${folder}/${path}`);
  if (code !== 0) throw new Error(`Cannot judge the mutants as their types don't fit: current value is\n${output}`);
}
