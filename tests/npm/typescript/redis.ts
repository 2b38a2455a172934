/** Uses every name that the store of Redis exports, and has lines that must not compile. */
import { NeatPeriodicTaskScheduler } from "@neat/periodic-task";
import {
  type BunRedisClient,
  checkStore,
  type CheckStoreOptions,
  type Duration,
  type DurationLike,
  type IoredisClient,
  type IoredisCluster,
  type IoredisSubscriber,
  type NodeRedisClient,
  type NodeRedisCluster,
  type NodeRedisNode,
  type NodeRedisSubscriber,
  type RedisClient,
  type RedisServerFinding,
  RedisStore,
  type RedisStoreOptions,
  type StatusEntry,
  type StatusStore,
  type StoreCallOptions,
  StoreCheckError,
} from "@neat/periodic-task/stores/redis";

const answer = (...parts: unknown[]): Promise<unknown> => Promise.resolve(parts);

const subscriber: IoredisSubscriber & NodeRedisSubscriber = {
  connect: answer,
  subscribe: answer,
  unsubscribe: answer,
  disconnect: () => {},
  on: () => {},
};
const ioredis: IoredisClient = { call: answer, duplicate: () => subscriber, options: { keyPrefix: "app:" } };
const ioredisCluster: IoredisCluster = { isCluster: true, call: answer, nodes: () => [ioredis] };
const nodeRedis: NodeRedisClient = { sendCommand: answer, duplicate: () => subscriber };
const node: NodeRedisNode = {};
const nodeRedisCluster: NodeRedisCluster = { sendCommand: answer, masters: [node], nodeClient: () => nodeRedis };
const bun: BunRedisClient = { send: answer, onclose: null };

const clients: readonly RedisClient[] = [ioredis, ioredisCluster, nodeRedis, nodeRedisCluster, bun];
const units: DurationLike = { seconds: 8 };
const requestTimeout: Duration = units;

/** A store on each client. */
export const stores: readonly RedisStore[] = clients.map((client) => {
  const options: RedisStoreOptions = { client, prefix: "tasks:", requestTimeout, watch: false };
  return new RedisStore(options);
});

/** A store is a StatusStore. */
export async function use(store: RedisStore, options: StoreCallOptions & CheckStoreOptions): Promise<unknown> {
  const same: StatusStore = store;
  new NeatPeriodicTaskScheduler({ name: "task", interval: 1_000, timeout: 100, store, task: () => {} });
  const entry: StatusEntry | null = await same.read("task", options);
  const found: RedisServerFinding[] = await store.checkServer(options);
  const problems = found.map(({ problem, message }) => `${problem}: ${message}`);
  for await (const name of store.list(options)) problems.push(name);
  const hints: AsyncIterable<void> | undefined = store.watch?.("task", options);
  try {
    await checkStore(store, options);
  } catch (error) {
    return error instanceof StoreCheckError ? error.message : error;
  }
  return [entry, problems, hints];
}

/** Lines that must not compile. */
export function refused(): unknown[] {
  return [
    // @ts-expect-error: the client is required
    () => new RedisStore({}),
    // @ts-expect-error: an address is not a client
    () => new RedisStore({ client: "redis://localhost" }),
    // @ts-expect-error: the option does not exist
    () => new RedisStore({ client: ioredis, url: "redis://localhost" }),
    // @ts-expect-error: must not be undefined under exactOptionalPropertyTypes
    () => new RedisStore({ client: ioredis, prefix: undefined }),
  ];
}
