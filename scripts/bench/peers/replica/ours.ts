import { type Logger, NeatPeriodicTaskScheduler, type StatusStore } from "@neat/periodic-task";
import { DenoKvStore, type Kv } from "@neat/periodic-task/stores/deno-kv";
import { GcsStore } from "@neat/periodic-task/stores/gcs";
import { errorNote, load, type Order, type Starter, taskNames, type Tell } from "./order.ts";
import { PostgresStore } from "./postgres_store.ts";

const SILENT: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/** Tells of all that is asked of a database. */
function watched(kv: Kv, tell: Tell): Kv {
  return {
    get: (...args) => {
      tell({ what: "command", atMs: Date.now() });
      return kv.get(...args);
    },
    atomic: () => {
      const operation = kv.atomic();
      const commit = operation.commit.bind(operation);
      operation.commit = () => {
        tell({ what: "command", atMs: Date.now() });
        return commit();
      };
      return operation;
    },
  };
}

async function openStore(at: string, tell: Tell): Promise<StatusStore> {
  if (at.startsWith("http:")) return new GcsStore({ bucket: "bucket", apiEndpoint: at, token: () => "token" });
  if (at.startsWith("postgres:")) return await PostgresStore.open(at);
  const { openKv } = await load<{ openKv(path: string): Promise<Kv> }>("@deno/kv");
  return new DenoKvStore({ kv: watched(await openKv(at.replace(/^kv:/, "")), tell) });
}

/** Tells of all calls to a store. */
function told(store: StatusStore, tell: Tell): StatusStore {
  return {
    read: (key, options) => {
      tell({ what: "call", kind: "read", atMs: Date.now() });
      return store.read(key, options);
    },
    write: async (key, value, version, options) => {
      const sentMs = Date.now();
      tell({ what: "call", kind: "write", atMs: sentMs });
      const next = await store.write(key, value, version, options);
      if (next !== null) tell({ what: "written", sentMs, atMs: Date.now() });
      return next;
    },
  };
}

/** A scheduler for each task. A run fails no sooner than it would be taken for dead. */
export const startOurs: Starter = async (order: Order, body, tell) => {
  const { at, intervalMs, lease, minCycleMs, clockToleranceMs } = order;
  const store = told(await openStore(at, tell), tell);
  const timeout = lease?.by === "timeout" ? lease.ms : 60_000;
  for (const name of taskNames(order)) {
    const scheduler = new NeatPeriodicTaskScheduler({
      name,
      interval: intervalMs,
      timeout,
      store,
      log: SILENT,
      task: (run) => body(name, run.scheduled.getTime()),
      ...(lease?.by === "heartbeat" ? { heartbeatTimeout: lease.ms } : {}),
      ...(minCycleMs === undefined ? {} : { minCycle: minCycleMs }),
      ...(clockToleranceMs === undefined ? {} : { clockTolerance: clockToleranceMs }),
    });
    scheduler.addEventListener("storeerror", ({ error }) => tell(errorNote(error)));
    scheduler.start();
  }
};
