/**
 * The judgement on the log that a soak has left, from what is in its folder alone.
 *
 * @module
 */
import { checkLog, type Findings } from "../../tests/processes/check_log.ts";
import type { Entry } from "../../tests/processes/log.ts";
import type { Rules } from "../../tests/processes/settings.ts";
import type { Span } from "../../tests/processes/story.ts";
import { corrected } from "./truth.ts";

/** What a soak leaves beside its log. */
export interface Known {
  readonly rules: Rules;
  /** When the store could not be reached. */
  readonly outages: readonly Span[];
  /** The ids of the writes that the server is known to have taken. */
  readonly written: readonly string[];
}

/** Where in a soak's folder what it leaves is. */
export function pathsIn(folder: string): { readonly log: string; readonly notes: string; readonly known: string } {
  return { log: `${folder}/log`, notes: `${folder}/notes`, known: `${folder}/known.json` };
}

/** Judges the log in a folder. */
export async function checkFolder(folder: string): Promise<Findings & { readonly entries: readonly Entry[] }> {
  const paths = pathsIn(folder);
  const { rules, outages, written }: Known = JSON.parse(await Deno.readTextFile(paths.known));
  const lines = (await Deno.readTextFile(paths.log)).split("\n").slice(0, -1);
  const entries = lines.map((line): Entry => JSON.parse(line));
  return { ...checkLog(corrected(entries, outages, new Set(written)), rules), entries };
}
