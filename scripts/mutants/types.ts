import { runDeno } from "./command.ts";
import type { Core, Files } from "./core.ts";
import type { Mutant } from "./mutant.ts";
import type { Workspace } from "./workspace.ts";

const LIMIT_MS = 300_000;

/**
 * Checks the types of all mutants, as any test would find those that cannot be compiled.
 *
 * The types of a seam are checked where the mutant is declared. A replaced text is checked in a file of its own beside the
 * original, all of them at once, which is much faster.
 *
 * @param workspace A copy of the project.
 * @param core The core.
 * @param imports The arguments that resolve the imports.
 * @param mutants Which.
 */
export async function checkTypes(
  workspace: Workspace,
  core: Core,
  imports: readonly string[],
  mutants: readonly Mutant[],
): Promise<void> {
  const files: Files = new Map(
    mutants.filter(({ change }) => change.kind === "match").flatMap((mutant) =>
      [...core.mutate(mutant)].map(([path, text]) => [besideOf(path, mutant.name), text] as const)
    ),
  );
  const paths = ["scripts/mutants/all.ts", ...files.keys()];
  const { code, output } = await workspace.with(
    files,
    () => runDeno(workspace.folder, ["check", "--quiet", ...imports, ...paths], LIMIT_MS),
  );
  if (code !== 0) throw new Error(`Cannot use the mutants as their types are wrong: current value is\n${output}`);
}

/** A path beside a file, which shows the name of the mutant in the compiler's messages. */
function besideOf(path: string, name: string): string {
  return path.replace(/(?=[^/]+$)/, `${name.replace(/\W+/g, "_")}_`);
}
