import { FakeGcs } from "../../../internal/servers/fake_gcs.ts";
import { FaultServer } from "../../../internal/servers/fault_server.ts";
import { type Postgres, startPostgres } from "../../../internal/servers/postgres.ts";
import { startRedis } from "../../../internal/servers/redis.ts";
import type { Missing } from "../../../internal/servers/server_process.ts";
import type { ReplicaEvent, ReplicaKind } from "./protocol.ts";
import { sleep } from "./replica_process.ts";

/** The store that replicas share. */
export type StoreKind = "Deno KV" | "Cloud Storage" | "PostgreSQL" | "Redis";

/** A scheduler on a store. */
export interface Candidate {
  readonly name: string;
  readonly kind: ReplicaKind;
  readonly store: StoreKind;
}

type Key = "kv" | "gcs" | "postgres" | "bullMq" | "pgBoss" | "graphileWorker" | "nodeCron" | "agenda";

/** This package on its stores, and the peers. */
export const CANDIDATES: Readonly<Record<Key, Candidate>> = {
  kv: { name: "this package, Deno KV file", kind: "periodic-task", store: "Deno KV" },
  gcs: { name: "this package, Cloud Storage", kind: "periodic-task", store: "Cloud Storage" },
  postgres: { name: "this package, PostgreSQL", kind: "periodic-task", store: "PostgreSQL" },
  bullMq: { name: "BullMQ", kind: "BullMQ", store: "Redis" },
  pgBoss: { name: "pg-boss", kind: "pg-boss", store: "PostgreSQL" },
  graphileWorker: { name: "graphile-worker", kind: "graphile-worker", store: "PostgreSQL" },
  nodeCron: { name: "node-cron with a lock in Redis", kind: "node-cron", store: "Redis" },
  agenda: { name: "agenda", kind: "agenda", store: "PostgreSQL" },
};

/** Numbers of store commands. */
export interface CommandCount {
  /** Commands sent by clients. */
  readonly sent: number;
  /** The same with those inside scripts and functions on the server. */
  readonly all: number;
}

/** An empty store for one measurement. */
export interface OpenStore {
  /** The URL for replicas. */
  readonly url: string;
  /** The port of its server, if it has one. */
  readonly port: number | undefined;
  /** Counts the commands in some time. The events are those of its replicas. */
  countFor(ms: number, events: () => readonly ReplicaEvent[]): Promise<CommandCount>;
}

/** Opens stores for measurements. Disposing of it ends their servers. */
export class Stores implements AsyncDisposable {
  readonly #scope = new AsyncDisposableStack();
  readonly #versions: Record<string, string> = {};
  readonly #missing = new Map<StoreKind, string>();
  #postgres: Promise<Postgres | Missing> | undefined;
  #databases = 0;

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#scope.disposeAsync();
  }

  /** The versions of the started servers. */
  get versions(): Readonly<Record<string, string>> {
    return this.#versions;
  }

  /** Says which servers are missing and how to get them, a sentence each. */
  get missing(): string[] {
    return [...this.#missing].map(([store, reason]) => `Not measured on ${store}, as ${reason}.`);
  }

  /** Opens a new store. Returns nothing if this machine has no server for it. */
  async open(kind: StoreKind): Promise<OpenStore | undefined> {
    const opened = await this.#open(kind);
    if (!("reason" in opened)) return opened;
    if (!this.#missing.has(kind)) console.log(`  ${kind} is skipped: ${opened.reason}`);
    this.#missing.set(kind, opened.reason);
    return undefined;
  }

  #open(kind: StoreKind): Promise<OpenStore | Missing> {
    switch (kind) {
      case "Deno KV":
        return this.#openKv();
      case "Cloud Storage":
        return Promise.resolve(this.#openGcs());
      case "PostgreSQL":
        return this.#openPostgres();
      case "Redis":
        return this.#openRedis();
    }
  }

  async #openKv(): Promise<OpenStore> {
    const folder = await Deno.makeTempDir({ prefix: "periodic_task_kv_" });
    this.#scope.defer(() => Deno.remove(folder, { recursive: true }));
    const path = `${folder}/tasks.sqlite3`;
    // created here, as processes that create a file at the same moment may fail
    (await Deno.openKv(path)).close();
    const countFor = async (ms: number, events: () => readonly ReplicaEvent[]): Promise<CommandCount> => {
      const fromMs = Date.now();
      await sleep(ms);
      const toMs = fromMs + ms;
      // the last events may still be on their way
      await sleep(100);
      const isCounted = (event: ReplicaEvent): boolean =>
        event.type === "command" && event.atMs >= fromMs && event.atMs < toMs;
      const sent = events().filter(isCounted).length;
      return { sent, all: sent };
    };
    return { url: `kv:${path}`, port: undefined, countFor };
  }

  #openGcs(): OpenStore {
    const service = new FakeGcs();
    let requests = 0;
    service.script = () => {
      requests++;
      // the requests would pile up
      service.requests.length = 0;
      return undefined;
    };
    const server = this.#scope.use(new FaultServer(service));
    const countFor = difference(() => Promise.resolve({ sent: requests, all: requests }));
    return { url: server.url, port: Number(new URL(server.url).port), countFor };
  }

  async #openPostgres(): Promise<OpenStore | Missing> {
    const server = await (this.#postgres ??= startPostgres());
    if ("reason" in server) return server;
    if (!("PostgreSQL" in this.#versions)) this.#scope.use(server);
    this.#versions["PostgreSQL"] = server.version;
    const name = `bench_${this.#databases++}`;
    const url = await server.createDatabase(name);
    return { url, port: server.port, countFor: difference(() => server.statements(name)) };
  }

  async #openRedis(): Promise<OpenStore | Missing> {
    const server = await startRedis();
    if ("reason" in server) return server;
    this.#scope.use(server);
    this.#versions["Redis"] = server.version;
    const countFor = async (ms: number): Promise<CommandCount> => {
      const before = await server.commands();
      const sent = await server.countSent();
      await sleep(ms);
      const [after, count] = await Promise.all([server.commands(), sent.stop()]);
      return { sent: count, all: after - before };
    };
    return { url: `redis://127.0.0.1:${server.port}`, port: server.port, countFor };
  }
}

/** Counts by the difference of two readings. */
function difference(read: () => Promise<CommandCount>): OpenStore["countFor"] {
  return async (ms) => {
    const before = await read();
    await sleep(ms);
    const after = await read();
    return { sent: after.sent - before.sent, all: after.all - before.all };
  };
}
