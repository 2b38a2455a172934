/**
 * Tests on a server of NATS.
 *
 * @module
 */
import { Kvm, type KvOptions } from "@nats-io/kv";
import { connect, type ConnectionOptions, type NatsConnection } from "@nats-io/transport-node";
import { type Nats, type NatsOptions, startNats } from "../../../internal/servers/nats.ts";
import { NatsStore, type NatsStoreOptions } from "../../../stores/nats.ts";

const isThorough = Deno.env.get("NEAT_TEST_STORES") === "1";
const binary = Deno.env.get("NEAT_NATS_SERVER");
const missing = !isThorough ? "`deno task test:stores` starts it" : binary ? undefined : "there is no nats-server";

/** A store with its connection. */
export interface OpenStore extends AsyncDisposable {
  readonly store: NatsStore;
  readonly connection: NatsConnection;
}

/** How a store is opened. */
export interface OpenOptions {
  readonly connection?: ConnectionOptions;
  readonly bucket?: Partial<KvOptions>;
  readonly store?: Omit<NatsStoreOptions, "kv">;
}

/** Connects, and opens a store on the bucket, which is created if there is none. */
export async function openStore(servers: string, options: OpenOptions = {}): Promise<OpenStore> {
  const reconnecting = { maxReconnectAttempts: -1, reconnectTimeWait: 100 };
  const connection = await connect({ servers, ...reconnecting, ...options.connection });
  const kv = await new Kvm(connection).create("tasks", { history: 1, allow_direct: false, ...options.bucket });
  return {
    store: new NatsStore({ kv, ...options.store }),
    connection,
    [Symbol.asyncDispose]: () => connection.close(),
  };
}

/** Defines a test with a server of its own, which runs with `deno task test:stores` alone. */
export function serverTest(
  name: string,
  fn: (t: Deno.TestContext, nats: Nats) => Promise<void>,
  { missing: reason = missing, ...options }: NatsOptions & { readonly missing?: string | undefined } = {},
): void {
  Deno.test({
    name: reason === undefined ? name : `${name} (skipped: ${reason})`,
    ignore: reason !== undefined,
    // the client leaves timers of requests that nobody waits for
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async (t) => {
      await using nats = await startNats(binary ?? "", options);
      await fn(t, nats);
    },
  });
}
