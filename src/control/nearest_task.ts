/**
 * Suggests a task for a name that has no record.
 *
 * @module
 */
import { nearestName } from "../nearest_name.ts";
import { withDeadline } from "../store/deadline.ts";
import type { StatusStore } from "../store/store.ts";
import type { ReadSettings } from "./options.ts";
import { taskNames } from "./task_names.ts";

/** The longest wait for a suggestion, in milliseconds. */
const LIMIT_MS = 3_000;

/** The maximum number of names that are compared. */
const MAX_NAMES = 1_000;

/** Returns the nearest name in the store. Returns `undefined` if there is none, or if the store cannot list its records. */
export async function nearestTask(
  store: StatusStore,
  name: string,
  { clock, signal }: ReadSettings,
): Promise<string | undefined> {
  const list = (options: { signal: AbortSignal }): Promise<string[]> => firstNames(store, { clock, ...options });
  try {
    return nearestName(name, await withDeadline(clock, LIMIT_MS, signal, list));
  } catch {
    // the error about the unknown task is more important than that of the listing
    return undefined;
  }
}

async function firstNames(store: StatusStore, settings: ReadSettings): Promise<string[]> {
  const names: string[] = [];
  for await (const name of taskNames(store, settings)) {
    if (names.push(name) >= MAX_NAMES) break;
  }
  return names;
}
