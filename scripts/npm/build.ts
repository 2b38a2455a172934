import { denoOrThrow } from "../../internal/processes/deno_command.ts";
import { isOnJsr } from "../jsr.ts";
import { finish } from "./finish.ts";
import type { Format } from "./manifest.ts";
import { buildWithPack } from "./pack_build.ts";
import { mustRun, NPM } from "./run.ts";

/** What turns the source into JavaScript and declarations. */
export type Builder = "dnt" | "pack";

/** The builder that can be had, which is said. */
export async function availableBuilder(): Promise<Builder> {
  if (await isOnJsr("@deno/dnt")) return "dnt";
  console.log("JSR, which has dnt, cannot be reached: `deno pack` stands in for it, and CommonJS is left out.");
  return "pack";
}

/** Builds the package into an empty folder. Answers with the formats that it has. */
export async function build(folder: string, builder: Builder, args: readonly string[]): Promise<readonly Format[]> {
  const formats: readonly Format[] = builder === "dnt" ? ["esm", "script"] : ["esm"];
  if (builder === "dnt") await denoOrThrow(["run", "-A", "scripts/npm/dnt_build.ts", folder, ...args]);
  else await buildWithPack(folder);
  await finish(folder, formats);
  return formats;
}

/** Packs what was built as npm publishes it. Answers with the tarball's path in another folder. */
export async function pack(folder: string, destination: string): Promise<string> {
  const output = await mustRun(NPM, ["pack", "--json", `--pack-destination=${destination}`], { cwd: folder });
  const [packed] = JSON.parse(output) as [{ readonly filename: string }];
  return `${destination}/${packed.filename}`;
}
