/**
 * Tasks whose records are read by one call of their store.
 *
 * @module
 */
import { type ReadTask, readTaskVersions } from "../control/listed_task.ts";
import type { ReadSettings } from "../control/options.ts";
import type { StatusStore } from "../store/store.ts";

/** What a call has found about a task. A task without a record is `null`. */
export type KnownTask =
  | { readonly kind: "read"; readonly task: ReadTask | null }
  | { readonly kind: "failed"; readonly error: unknown };

/** Tasks that were read, by their stores and names. */
export type KnownTasks = ReadonlyMap<StatusStore, ReadonlyMap<string, KnownTask>>;

/** The number of records of a call, whose limit of 10 seconds a store has to keep. */
const RECORDS_PER_CALL = 500;

/** A store that takes longer than this to fail is not asked again for each record, in milliseconds. */
const QUICK_FAILURE_MS = 1_000;

/**
 * Reads the records of tasks by few calls, where stores can.
 *
 * @param names The names of the tasks, by their stores.
 * @param settings The clock, and the signal that ends the calls.
 * @returns The tasks that were read. Those of a call that fails quickly are left out, so that each can be read by a call of its own: then
 * the error of one record does not hide the others.
 * @throws {unknown} The reason of the signal.
 */
export async function readTasksTogether(
  names: ReadonlyMap<StatusStore, readonly string[]>,
  settings: ReadSettings,
): Promise<KnownTasks> {
  const known = await Promise.all(
    Array.from(names, async ([store, own]) => [store, await readOfStore(store, own, settings)] as const),
  );
  settings.signal?.throwIfAborted();
  return new Map(known);
}

async function readOfStore(
  store: StatusStore,
  names: readonly string[],
  settings: ReadSettings,
): Promise<ReadonlyMap<string, KnownTask>> {
  const found = new Map<string, KnownTask>();
  for (let start = 0; start < names.length; start += RECORDS_PER_CALL) {
    const part = names.slice(start, start + RECORDS_PER_CALL);
    const sentMs = settings.clock.monotonicMs();
    try {
      const tasks = await readTaskVersions({ store, names: part, ...settings });
      if (!tasks) break;
      for (const [name, task] of tasks) found.set(name, { kind: "read", task });
    } catch (error) {
      if (settings.clock.monotonicMs() - sentMs < QUICK_FAILURE_MS) break;
      for (const name of names.slice(start)) found.set(name, { kind: "failed", error });
      break;
    }
  }
  return found;
}
