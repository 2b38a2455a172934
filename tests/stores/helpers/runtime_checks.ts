/**
 * The store checks of a bundled program under Node and Bun.
 *
 * @module
 */
import { storeChecks } from "@neat/periodic-task/testing";
import { assertEquals } from "@std/assert";
import { bundle, installBun, inTempFolder, missingNode, missingNpm, run } from "../../helpers/runtimes.ts";

const LIMIT_MS = 300_000;
const OPEN = (): Promise<never> => Promise.reject();
const CHECKS = storeChecks({ open: OPEN, openHung: OPEN, openFailing: OPEN }).length;

/** A program, and how it is bundled and started. */
export interface RuntimeProgram {
  /** Its URL. */
  readonly program: string;
  /** The packages of npm, with their versions, that are installed beside the bundle. */
  readonly packages?: readonly string[];
  readonly args: readonly string[];
}

/** Why programs can't run; `undefined` if they can. */
export async function missingRuntimes(): Promise<string | undefined> {
  if (Deno.env.get("NEAT_TEST_STORES") !== "1") return "`deno task test:stores` runs it";
  return await missingNode() ?? await missingNpm();
}

/** Runs a program under Node and Bun as steps. It must print that each check has passed. */
export async function checkRuntimes(
  t: Deno.TestContext,
  { program, packages = [], args }: RuntimeProgram,
): Promise<void> {
  await inTempFolder(async (folder) => {
    const signal = AbortSignal.timeout(LIMIT_MS);
    const externals = packages.map((name) => `--external=${name.replace(/(?<=.)@[^/]*$/, "")}`);
    await bundle(program, `${folder}/bundle.mjs`, ...externals);
    const bun = await installBun(folder, [...packages], { signal });
    for (const [runtime, command] of [["Node", "node"], ["Bun", bun]] as const) {
      await t.step(runtime, async () => {
        const text = await run(command, ["bundle.mjs", ...args], { cwd: folder, signal });
        assertEquals([text.match(/^ok: /gm)?.length, text.endsWith("done\n")], [CHECKS, true], text);
      });
    }
  });
}
