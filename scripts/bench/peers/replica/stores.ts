import { FakeGcs } from "../../../../tests/helpers/fake_gcs.ts";
import { FaultServer } from "../../../../tests/helpers/fault_server.ts";
import { type Postgres, startPostgres } from "../../../servers/postgres.ts";
import { startRedis } from "../../../servers/redis.ts";
import type { Missing } from "../../../servers/server_process.ts";
import type { ContestantName, Note } from "./order.ts";
import { sleep } from "./process.ts";

/** What keeps what replicas share. */
export type StoreKind = "Deno KV" | "Cloud Storage" | "PostgreSQL" | "Redis";

/** Who takes part, and on what. */
export interface Contestant {
  readonly name: string;
  readonly is: ContestantName;
  readonly store: StoreKind;
}

type Key = "kv" | "gcs" | "postgres" | "bullMq" | "pgBoss" | "graphileWorker" | "nodeCron" | "agenda";

/** This package on its stores, and the peers. */
export const CONTESTANTS: Readonly<Record<Key, Contestant>> = {
  kv: { name: "this package, Deno KV file", is: "ours", store: "Deno KV" },
  gcs: { name: "this package, Cloud Storage", is: "ours", store: "Cloud Storage" },
  postgres: { name: "this package, PostgreSQL", is: "ours", store: "PostgreSQL" },
  bullMq: { name: "BullMQ", is: "BullMQ", store: "Redis" },
  pgBoss: { name: "pg-boss", is: "pg-boss", store: "PostgreSQL" },
  graphileWorker: { name: "graphile-worker", is: "graphile-worker", store: "PostgreSQL" },
  nodeCron: { name: "node-cron with a lock in Redis", is: "node-cron", store: "Redis" },
  agenda: { name: "agenda", is: "agenda", store: "PostgreSQL" },
};

/** Commands that a store was asked, counted. */
export interface Count {
  /** Those that clients sent. */
  readonly sent: number;
  /** With those that run inside scripts and functions on the server. */
  readonly all: number;
}

/** A store that is empty at first and that nobody else uses. */
export interface OpenStore {
  /** Where replicas find it. */
  readonly at: string;
  /** The port of its server, if it has one. */
  readonly port: number | undefined;
  /** Counts what it is asked for a while. The notes are those of its replicas. */
  countFor(ms: number, notes: () => readonly Note[]): Promise<Count>;
}

/** Stores for those who are measured, on servers that end when this is disposed of. */
export class Stores implements AsyncDisposable {
  readonly #scope = new AsyncDisposableStack();
  readonly #versions: Record<string, string> = {};
  readonly #missing = new Map<StoreKind, string>();
  #postgres: Promise<Postgres | Missing> | undefined;
  #databases = 0;

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#scope.disposeAsync();
  }

  /** Of the servers that were started. */
  get versions(): Readonly<Record<string, string>> {
    return this.#versions;
  }

  /** Which servers are missing, and how to come by them: a sentence each. */
  get missing(): string[] {
    return [...this.#missing].map(([store, reason]) => `Not measured on ${store}, as ${reason}.`);
  }

  /** A new store, unless this machine has no server for it. */
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
    // of several that create a file at the same moment one may fail
    (await Deno.openKv(path)).close();
    const countFor = async (ms: number, notes: () => readonly Note[]): Promise<Count> => {
      const fromMs = Date.now();
      await sleep(ms);
      const toMs = fromMs + ms;
      // the last ones are on their way
      await sleep(100);
      const sent = notes().filter((note) => note.what === "command" && note.atMs >= fromMs && note.atMs < toMs).length;
      return { sent, all: sent };
    };
    return { at: `kv:${path}`, port: undefined, countFor };
  }

  #openGcs(): OpenStore {
    const service = new FakeGcs();
    let requests = 0;
    service.script = () => {
      requests++;
      // it would keep them all
      service.requests.length = 0;
      return undefined;
    };
    const server = this.#scope.use(new FaultServer(service));
    const countFor = difference(() => Promise.resolve({ sent: requests, all: requests }));
    return { at: server.url, port: Number(new URL(server.url).port), countFor };
  }

  async #openPostgres(): Promise<OpenStore | Missing> {
    const server = await (this.#postgres ??= startPostgres());
    if ("reason" in server) return server;
    if (!("PostgreSQL" in this.#versions)) this.#scope.use(server);
    this.#versions["PostgreSQL"] = server.version;
    const name = `bench_${this.#databases++}`;
    const at = await server.createDatabase(name);
    return { at, port: server.port, countFor: difference(() => server.statements(name)) };
  }

  async #openRedis(): Promise<OpenStore | Missing> {
    const server = await startRedis();
    if ("reason" in server) return server;
    this.#scope.use(server);
    this.#versions["Redis"] = server.version;
    const countFor = async (ms: number): Promise<Count> => {
      const before = await server.commands();
      const sent = await server.countSent();
      await sleep(ms);
      const [after, count] = await Promise.all([server.commands(), sent.stop()]);
      return { sent: count, all: after - before };
    };
    return { at: `redis://127.0.0.1:${server.port}`, port: server.port, countFor };
  }
}

/** What a count rises by in a while. */
function difference(count: () => Promise<Count>): OpenStore["countFor"] {
  return async (ms) => {
    const before = await count();
    await sleep(ms);
    const after = await count();
    return { sent: after.sent - before.sent, all: after.all - before.all };
  };
}
