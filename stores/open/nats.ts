/**
 * `nats:`.
 *
 * @module
 */
import { cannot } from "../../src/errors.ts";
import type { NatsKv } from "../nats/bucket.ts";
import type { StoreAddress } from "./address.ts";
import { createClient, type DriverPackage, exportsOf } from "./drivers.ts";
import { LazyKv } from "./lazy_kv.ts";
import { DEFAULT_LIMIT_MS, defined, OPEN, type Scheme } from "./scheme.ts";

/** A connection that the store owns. */
interface NatsConnection {
  close(): Promise<void>;
}

type Connect = (options: object) => Promise<NatsConnection>;

interface BucketManager {
  create(name: string, options: object): Promise<NatsKv>;
  open(name: string, options: object): Promise<NatsKv>;
}

type NewManager = (connection: NatsConnection) => BucketManager;

interface TransportModule {
  readonly connect: Connect;
}

interface KvModule {
  readonly Kvm: new (connection: NatsConnection) => BucketManager;
}

const PORT = 4222;
const RANGE = "^3.0.0";

const TRANSPORTS: readonly DriverPackage<Connect>[] = [{
  name: "@nats-io/transport-node",
  range: RANGE,
  create: (module: TransportModule) => exportsOf(module, "connect").connect,
}];

const BUCKETS: readonly DriverPackage<NewManager>[] = [{
  name: "@nats-io/kv",
  range: RANGE,
  create(module: KvModule) {
    const { Kvm } = exportsOf(module, "Kvm");
    return (connection) => new Kvm(connection);
  },
}];

function bucketOf({ name }: StoreAddress): string {
  if (name !== undefined && /^[\w-]+$/.test(name)) return name;
  throw new RangeError(cannot(OPEN, "its URL must name the bucket, as nats://HOST/my-bucket does", name));
}

/** The options of a connection, which is made again whenever it is lost. */
function connectionOptions(address: StoreAddress, limitMs: number): object {
  const { host, port = PORT, user, password: pass } = address;
  const server = `${host.includes(":") ? `[${host}]` : host || "127.0.0.1"}:${port}`;
  return {
    servers: server,
    ...defined({ user, pass, token: address.text("token") }),
    ...(address.flag("tls") && { tls: {} }),
    timeout: limitMs,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 500,
  };
}

/** A bucket of NATS JetStream. */
export const NATS: Scheme = {
  names: ["nats"],
  example: "nats://USER:PASSWORD@HOST:PORT/BUCKET",
  parameters: ["createBucket", "prefix", "timeout", "tls", "token", "watch"],
  parts: { host: true, user: true, port: true },
  async open(address) {
    const { NatsStore } = await import("../nats.ts");
    const bucket = bucketOf(address);
    const limitMs = address.timeoutMs ?? DEFAULT_LIMIT_MS;
    const connecting = connectionOptions(address, limitMs);
    const creates = address.flag("createBucket") ?? true;
    const watch = address.flag("watch") ?? true;
    const options = { watch, ...defined({ prefix: address.text("prefix"), requestTimeout: address.timeoutMs }) };
    const connect = await createClient(TRANSPORTS);
    const managerOf = await createClient(BUCKETS);
    const kv = new LazyKv({
      openKv: async () => {
        const connection = await connect(connecting);
        try {
          const manager = managerOf(connection);
          const settings = { history: 1, allow_direct: false };
          const opened = await (creates ? manager.create(bucket, settings) : manager.open(bucket, settings));
          return { opened, close: () => connection.close() };
        } catch (error) {
          await connection.close();
          throw error;
        }
      },
      storeOn: ({ opened }) => new NatsStore({ kv: opened, ...options }),
      limitMs,
    });
    return { store: kv.storeFor(watch), prepare: () => kv.prepare(), limitMs, close: () => kv.close() };
  },
};
