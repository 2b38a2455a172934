import { cp } from "node:fs/promises";
import config from "../deno.json" with { type: "json" };
import { denoOrThrow, ROOT } from "../internal/processes/deno_command.ts";
import { isOnJsr } from "./jsr.ts";
import { npmEquivalents } from "./without_jsr/import_map.ts";

/**
 * Checks what would be published. It uses a copy outside of Git, where Deno does not complain about uncommitted changes: the check
 * is for them.
 */
export async function publishDryRun(): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    // every member of the workspace must exist
    const members = config.workspace.map((member) => `${member.replace("./", "")}/deno.json`);
    for (const name of [...config.publish.include, ...members]) {
      try {
        await cp(new URL(name, ROOT), `${folder}/${name}`, { recursive: true });
      } catch (error) {
        // as in publishing itself, missing files are left out
        if ((error as { code?: string }).code !== "ENOENT") throw error;
      }
    }
    if (!await isOnJsr("@hexagon/croner")) await importFromNpm(folder);
    await denoOrThrow(["publish", "--dry-run"], { cwd: folder });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Lets the copy import packages from npm instead of JSR, which cannot be reached. */
async function importFromNpm(folder: string): Promise<void> {
  const imports = { ...config.imports, ...npmEquivalents() };
  await Deno.writeTextFile(`${folder}/deno.json`, JSON.stringify({ ...config, imports }));
}

if (import.meta.main) await publishDryRun();
