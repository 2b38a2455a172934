/**
 * Checks the log that a soak has left in its folder.
 *
 * @module
 */
import { checkLog, type Findings } from "../../internal/replicas/check_log.ts";
import type { Span } from "../../internal/replicas/history.ts";
import { type LogEntry, parseLog } from "../../internal/replicas/log.ts";
import type { ReplicaSettings } from "../../internal/replicas/settings.ts";
import { correctedLog } from "./corrections.ts";

/** What a soak knows beside the log of its replicas. */
export interface SoakFacts {
  readonly settings: ReplicaSettings;
  /** When the store could not be reached. */
  readonly outages: readonly Span[];
  /** The ids of the writes that the server has accepted. */
  readonly written: readonly string[];
}

/** Returns the paths of the files in a soak's folder. */
export function pathsIn(folder: string): { readonly log: string; readonly notes: string; readonly facts: string } {
  return { log: `${folder}/log`, notes: `${folder}/notes`, facts: `${folder}/facts.json` };
}

/** Checks the log in a folder. */
export async function checkFolder(folder: string): Promise<Findings & { readonly entries: readonly LogEntry[] }> {
  const paths = pathsIn(folder);
  const { settings, outages, written }: SoakFacts = JSON.parse(await Deno.readTextFile(paths.facts));
  const entries = parseLog(await Deno.readTextFile(paths.log));
  return { ...checkLog(correctedLog(entries, outages, new Set(written)), settings), entries };
}
