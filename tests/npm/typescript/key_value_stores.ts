/** Uses every name that the stores of key-value servers export, and has lines that must not compile. */
import type { StatusStore } from "@neat/periodic-task";
import { type ConsulServiceOptions, ConsulStore, type ConsulStoreOptions } from "@neat/periodic-task/stores/consul";
import type * as consul from "@neat/periodic-task/stores/consul";
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
import {
  type NatsIterator,
  type NatsKv,
  type NatsKvEntry,
  type NatsKvStatus,
  NatsStore,
  type NatsStoreOptions,
  type NatsWatchOptions,
} from "@neat/periodic-task/stores/nats";
import type * as nats from "@neat/periodic-task/stores/nats";

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

const token: consul.TokenSource = (options) => options?.fresh ? "fresh" : "kept";
const agent: ConsulServiceOptions = {
  endpoint: "https://a.example:8501",
  token,
  datacenter: "dc1",
  fetch: send,
  requestTimeout,
};
const consulOptions: ConsulStoreOptions = { ...agent, prefix: "", watch: false };

/** A bucket with the methods that the store calls. */
export class OwnBucket implements NatsKv {
  readonly #entry: NatsKvEntry = { key: "task", value: new Uint8Array(), revision: 1, operation: "PUT" };

  get(key: string): Promise<NatsKvEntry | null> {
    return Promise.resolve({ ...this.#entry, key });
  }

  create(_key: string, _data: Uint8Array): Promise<number> {
    return Promise.resolve(1);
  }

  update(_key: string, _data: Uint8Array, version: number): Promise<number> {
    return Promise.resolve(version + 1);
  }

  keys(_filter?: string): Promise<NatsIterator<string>> {
    return Promise.reject(new Error("no keys"));
  }

  status(): Promise<NatsKvStatus> {
    return Promise.resolve({ streamInfo: { config: { allow_direct: false } } });
  }

  watch(_options: NatsWatchOptions): Promise<NatsIterator<NatsKvEntry>> {
    return Promise.reject(new Error("no watch"));
  }
}

const natsOptions: NatsStoreOptions = { kv: new OwnBucket(), prefix: "", requestTimeout, watch: true };

export const all: readonly (StatusStore & etcd.StatusStore & consul.StatusStore & nats.StatusStore)[] = [
  new NatsStore(natsOptions),
  new ConsulStore(consulOptions),
  new ConsulStore({ token: "static" }),
  new ConsulStore(),
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

/** Entry points that export the same name export the same type. */
export async function same(
  entries: [etcd.StatusEntry, consul.StatusEntry, nats.StatusEntry],
  options: [etcd.StoreCallOptions, consul.StoreCallOptions, nats.StoreCallOptions],
  times: [etcd.Duration, consul.Duration, nats.Duration, etcd.DurationLike, consul.DurationLike, nats.DurationLike],
  fetches: [etcd.Fetch, consul.Fetch],
): Promise<unknown[]> {
  const checks: (etcd.CheckStoreOptions & consul.CheckStoreOptions & nats.CheckStoreOptions)[] = [{ list: true }];
  const check: typeof etcd.checkStore & typeof consul.checkStore & typeof nats.checkStore = checkStore;
  const errors: (etcd.StoreCheckError | consul.StoreCheckError | nats.StoreCheckError)[] = [];
  await check(new ConsulStore(), checks[0]);
  return [entries, options, times, fetches, errors];
}

/** Lines that must not compile. */
export function refused(): unknown[] {
  return [
    // @ts-expect-error: the address is missing
    () => new EtcdStore({ user: "tasks" }),
    // @ts-expect-error: a token is a string
    () => new ConsulStore({ token: () => 42 }),
    // @ts-expect-error: a bucket is not an address
    () => new NatsStore({ kv: "nats://127.0.0.1" }),
    // @ts-expect-error: an address is a string
    () => new EtcdStore({ endpoint: 2379 }),
  ];
}
