import { type Logger, NeatPeriodicTaskScheduler, type StatusStore } from "@neat/periodic-task";
import { DenoKvStore, type Kv } from "@neat/periodic-task/stores/deno-kv";
import { GcsStore } from "@neat/periodic-task/stores/gcs";
import { type Emit, errorEvent, load, type ReplicaRequest, type StartReplica, taskNames } from "./protocol.ts";
import { PostgresStore } from "./postgres_store.ts";

const SILENT: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/** Emits an event for each command to a database. */
function watchedKv(kv: Kv, emit: Emit): Kv {
  return {
    get: (...args) => {
      emit({ type: "command", atMs: Date.now() });
      return kv.get(...args);
    },
    atomic: () => {
      const operation = kv.atomic();
      const commit = operation.commit.bind(operation);
      operation.commit = () => {
        emit({ type: "command", atMs: Date.now() });
        return commit();
      };
      return operation;
    },
  };
}

async function openStore(url: string, emit: Emit): Promise<StatusStore> {
  if (url.startsWith("http:")) return new GcsStore({ bucket: "bucket", apiEndpoint: url, token: () => "token" });
  if (url.startsWith("postgres:")) return await PostgresStore.open(url);
  const { openKv } = await load<{ openKv(path: string): Promise<Kv> }>("@deno/kv");
  return new DenoKvStore({ kv: watchedKv(await openKv(url.replace(/^kv:/, "")), emit) });
}

/** Emits an event for each call to a store. */
function watchedStore(store: StatusStore, emit: Emit): StatusStore {
  return {
    read: (key, options) => {
      emit({ type: "call", kind: "read", atMs: Date.now() });
      return store.read(key, options);
    },
    write: async (key, value, version, options) => {
      const sentMs = Date.now();
      emit({ type: "call", kind: "write", atMs: sentMs });
      const next = await store.write(key, value, version, options);
      if (next !== null) emit({ type: "written", sentMs, atMs: Date.now() });
      return next;
    },
  };
}

/** A scheduler for each task. Without a lease by timeout, the timeout is longer than every run. */
export const startPeriodicTask: StartReplica = async (request: ReplicaRequest, runTask, emit) => {
  const { storeUrl, intervalMs, lease, minCycleMs, clockToleranceMs } = request;
  const store = watchedStore(await openStore(storeUrl, emit), emit);
  const timeout = lease?.by === "timeout" ? lease.ms : 60_000;
  for (const name of taskNames(request)) {
    const scheduler = new NeatPeriodicTaskScheduler({
      name,
      interval: intervalMs,
      timeout,
      store,
      log: SILENT,
      task: (run) => runTask(name, run.scheduled.getTime()),
      ...(lease?.by === "heartbeat" ? { heartbeatTimeout: lease.ms } : {}),
      ...(minCycleMs === undefined ? {} : { minCycle: minCycleMs }),
      ...(clockToleranceMs === undefined ? {} : { clockTolerance: clockToleranceMs }),
    });
    scheduler.addEventListener("storeerror", ({ error }) => emit(errorEvent(error)));
    scheduler.start();
  }
};
