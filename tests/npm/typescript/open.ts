/** Uses every name that the entry point for URLs exports, and has lines that must not compile. */
import { NeatPeriodicTaskScheduler } from "@neat/periodic-task";
import {
  checkStore,
  type CheckStoreOptions,
  type OpenedStore,
  openStore,
  type StatusEntry,
  type StatusStore,
  type StoreCallOptions,
  StoreCheckError,
} from "@neat/periodic-task/stores/open";

/** Opens a store, uses it, and closes it. */
export async function use(options: StoreCallOptions & CheckStoreOptions): Promise<unknown> {
  const store: OpenedStore = await openStore("sqlite::memory:");
  const other: OpenedStore = await openStore(new URL("memory:"));
  const same: StatusStore = store;
  new NeatPeriodicTaskScheduler({ name: "task", interval: 1_000, timeout: 100, store, task: () => {} });
  const entry: StatusEntry | null = await same.read("task", options);
  const names: string[] = [];
  for await (const name of other.list(options)) names.push(name);
  try {
    await checkStore(store, options);
  } catch (error) {
    return error instanceof StoreCheckError ? error.message : error;
  } finally {
    await store.close();
    await other[Symbol.asyncDispose]();
  }
  return [entry, names, store.watch];
}

/** Lines that must not compile. */
export function refused(): unknown[] {
  return [
    // @ts-expect-error: the URL is required
    () => openStore(),
    // @ts-expect-error: a client is no URL
    () => openStore({ client: {} }),
    // @ts-expect-error: there are no options
    () => openStore("memory:", { table: "tasks" }),
  ];
}
