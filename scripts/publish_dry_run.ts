import { cp } from "node:fs/promises";
import config from "../deno.json" with { type: "json" };
import { denoOrThrow, ROOT } from "./deno_command.ts";

/**
 * Checks what would be published, without allowances. It is done on a copy outside of Git, where Deno has no word on
 * uncommitted changes: they are what the check is wanted for.
 */
export async function publishDryRun(): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    for (const name of config.publish.include) {
      try {
        await cp(new URL(name, ROOT), `${folder}/${name}`, { recursive: true });
      } catch (error) {
        // As in publishing itself, what isn't there is left out.
        if ((error as { code?: string }).code !== "ENOENT") throw error;
      }
    }
    await denoOrThrow(["publish", "--dry-run"], { cwd: folder });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
