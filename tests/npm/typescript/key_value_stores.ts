/** Uses every name that the stores of key-value servers export, and has lines that must not compile. */
import type { StatusStore } from "@neat/periodic-task";
import {
  checkStore,
  type CheckStoreOptions,
  type Duration,
  type DurationLike,
  type EtcdServiceOptions,
  EtcdStore,
  type EtcdStoreOptions,
  type Fetch,
  type StatusEntry,
  type StoreCallOptions,
  StoreCheckError,
} from "@neat/periodic-task/stores/etcd";
import type * as etcd from "@neat/periodic-task/stores/etcd";

const send: Fetch = (address, init) => fetch(address, init);
const units: DurationLike = { seconds: 8 };
const requestTimeout: Duration = units;
const service: EtcdServiceOptions = {
  endpoint: ["https://a.example:2379"],
  user: "tasks",
  password: "secret",
  fetch: send,
  requestTimeout,
  serverTime: true,
};
const etcdOptions: EtcdStoreOptions = { ...service, prefix: "", watch: true };

export const all: readonly (StatusStore & etcd.StatusStore)[] = [
  new EtcdStore(etcdOptions),
  new EtcdStore({ endpoint: "http://127.0.0.1:2379", fetch: globalThis.fetch }),
];

/** All of them can list, and can watch if they are not told otherwise. */
export async function use(store: EtcdStore, options: StoreCallOptions & CheckStoreOptions): Promise<unknown[]> {
  const entry: StatusEntry | null = await store.read("task", options);
  const names: AsyncIterable<string> = store.list(options);
  const hints: AsyncIterable<void> | undefined = store.watch?.("task", options);
  try {
    await checkStore(store, options);
  } catch (error) {
    return [error instanceof StoreCheckError];
  }
  return [entry, names, hints];
}

/** Lines that must not compile. */
export function refused(): unknown[] {
  return [
    // @ts-expect-error: the address is missing
    () => new EtcdStore({ user: "tasks" }),
    // @ts-expect-error: an address is a string
    () => new EtcdStore({ endpoint: 2379 }),
  ];
}
