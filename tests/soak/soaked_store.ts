/**
 * The stores of a soak, with a proxy that injects faults where they have a server.
 *
 * @module
 */
import { DatabaseSync } from "node:sqlite";
import type { StoreArguments } from "../../internal/replicas/open_store.ts";
import {
  CLOUD_STORAGE_SETTINGS,
  DENO_KV_SETTINGS,
  REDIS_SETTINGS,
  type ReplicaSettings,
  S3_SETTINGS,
  SQL_SETTINGS,
  SQLITE_SETTINGS,
} from "../../internal/replicas/settings.ts";
import { buildConsul, startConsul } from "../../internal/servers/consul.ts";
import { startEtcd } from "../../internal/servers/etcd.ts";
import { FakeGcs } from "../../internal/servers/fake_gcs.ts";
import { buildFakeGcsServer, startFakeGcsServer } from "../../internal/servers/fake_gcs_server.ts";
import { FaultServer } from "../../internal/servers/fault_server.ts";
import { startMariadb } from "../../internal/servers/mariadb.ts";
import { prepareNats, startNats } from "../../internal/servers/nats.ts";
import { startPostgres } from "../../internal/servers/postgres.ts";
import { startRedis } from "../../internal/servers/redis.ts";
import type { Missing } from "../../internal/servers/server_process.ts";
import { buildVersityGateway, startVersityGateway } from "../../internal/servers/versitygw.ts";
import { MysqlStore } from "../../stores/mysql.ts";
import { PostgresStore } from "../../stores/postgres.ts";
import { FaultProxy } from "./fault_proxy.ts";
import { drawFault, HTTP_KINDS, HTTP_SERVER_KINDS, type PhaseKind, SERVER_KINDS } from "./plan.ts";
import type { OutageServer } from "./server_outages.ts";
import { TcpFaults } from "./tcp_faults.ts";

/** The store of a soak, and what its proxy, if it has one, has recorded. */
export interface SoakedStore {
  readonly server: string;
  readonly args: StoreArguments;
  readonly settings: ReplicaSettings;
  /** The kinds of its phases, each as often as it comes in a round. */
  readonly kinds: readonly PhaseKind[];
  /** Whether the replicas inject the faults, as there is no server to put a proxy before. */
  readonly isLocal: boolean;
  /** What is frozen and restarted in the phases `hung` and `restart`. */
  readonly outageServer?: OutageServer;
  /** The faults injected here, by kind. */
  readonly faults: Map<string, number>;
  /** The ids of the writes that the server has accepted. */
  readonly written: Set<string>;
}

/** What opens a store. */
export interface OpenOptions {
  /** A folder for its files. */
  readonly folder: string;
  /** Ends its servers. */
  readonly scope: AsyncDisposableStack;
  /** Returns the kind of the present phase. */
  readonly phase: () => PhaseKind;
  readonly random: () => number;
}

type OpenStore = (options: OpenOptions) => SoakedStore | Promise<SoakedStore>;

/** The stores that can be soaked. */
export type StoreName = "kv" | "gcs" | "postgres" | "redis" | "mysql" | "sqlite" | "s3" | "etcd" | "consul" | "nats";

/** How to open each store. */
export const STORES: Readonly<Record<StoreName, OpenStore>> = {
  kv: ({ folder }) => onFile("a Deno KV file", ["--kv", `${folder}/kv.sqlite3`], DENO_KV_SETTINGS),
  gcs: onCloudStorage,
  postgres: onPostgres,
  redis: onRedis,
  mysql: onMysql,
  sqlite: ({ folder }) => {
    const path = `${folder}/tasks.sqlite3`;
    const database = new DatabaseSync(path);
    // kept in the file
    database.exec("PRAGMA journal_mode = WAL");
    database.close();
    return onFile("an SQLite file (WAL)", ["--sqlite", path], SQLITE_SETTINGS);
  },
  s3: onS3,
  etcd: onEtcd,
  consul: onConsul,
  nats: onNats,
};

function onFile(server: string, args: StoreArguments, settings: ReplicaSettings): SoakedStore {
  return { server, args, settings, kinds: HTTP_KINDS, isLocal: true, faults: new Map(), written: new Set() };
}

async function onCloudStorage(options: OpenOptions): Promise<SoakedStore> {
  const { scope } = options;
  const built = await buildFakeGcsServer();
  const real = "path" in built ? scope.use(await startFakeGcsServer(built.path)) : undefined;
  const { url } = real ?? scope.use(new FaultServer(new FakeGcs()));
  const { address, ...records } = await httpProxy(options, url);
  return {
    server: real ? "fsouza/fake-gcs-server" : "a fake Cloud Storage",
    args: ["--gcs", address],
    settings: CLOUD_STORAGE_SETTINGS,
    kinds: HTTP_KINDS,
    isLocal: false,
    ...records,
  };
}

async function onS3(options: OpenOptions): Promise<SoakedStore> {
  const server = options.scope.use(await startVersityGateway(found(await buildVersityGateway()).path));
  const { address, ...records } = await httpProxy(options, server.url);
  const location = new URL(address);
  location.username = server.credentials.accessKeyId;
  location.password = server.credentials.secretAccessKey;
  return {
    server: "S3 (versitygw)",
    args: ["--s3", location.href],
    settings: S3_SETTINGS,
    kinds: HTTP_SERVER_KINDS,
    isLocal: false,
    outageServer: server,
    ...records,
  };
}

async function httpProxy(
  { scope, phase, random }: OpenOptions,
  url: string,
): Promise<Pick<SoakedStore, "faults" | "written"> & { readonly address: string }> {
  const faults = new Map<string, number>();
  const written = new Set<string>();
  const proxy = scope.use(
    new FaultProxy({
      port: Number(new URL(url).port),
      nextFault: () => {
        const fault = drawFault(phase(), random);
        if (fault) faults.set(fault.kind, (faults.get(fault.kind) ?? 0) + 1);
        return fault;
      },
      onAnswer: (request, status) => {
        const [, write] = /"write":"([^"]+)"/.exec(request) ?? [];
        if (write !== undefined && status === 200) written.add(write);
      },
    }),
  );
  return { faults, written, address: await proxy.listen() };
}

async function onPostgres(options: OpenOptions): Promise<SoakedStore> {
  const server = options.scope.use(found(await startPostgres({ countsStatements: false })));
  const url = await server.createDatabase("soak");
  const { default: { Pool } } = await import("pg");
  const client = new Pool({ connectionString: url, max: 2 });
  await new PostgresStore({ client }).createTable();
  await client.end();
  const tcp = tcpProxy(options, server.port);
  return {
    server: `PostgreSQL ${server.version}`,
    args: ["--postgres", url.replace(`:${server.port}/`, `:${tcp.port}/`)],
    settings: SQL_SETTINGS,
    outageServer: server,
    ...tcp.store,
  };
}

async function onMysql(options: OpenOptions): Promise<SoakedStore> {
  const server = options.scope.use(found(await startMariadb()));
  const url = await server.createDatabase("soak");
  const { createPool } = await import("mysql2/promise");
  const client = createPool(url);
  await new MysqlStore({ client }).createTable();
  await client.end();
  const tcp = tcpProxy(options, server.port);
  return {
    server: `MariaDB ${server.version}`,
    args: ["--mysql", url.replace(`:${server.port}/`, `:${tcp.port}/`)],
    settings: SQL_SETTINGS,
    outageServer: server,
    ...tcp.store,
  };
}

async function onRedis(options: OpenOptions): Promise<SoakedStore> {
  const settings = { appendonly: "yes", appendfsync: "always" };
  const server = options.scope.use(found(await startRedis({ settings })));
  const tcp = tcpProxy(options, server.port);
  const { start, freeze, thaw, crash: stop } = server;
  return {
    server: `Redis ${server.version}`,
    args: ["--redis", `redis://127.0.0.1:${tcp.port}`],
    settings: REDIS_SETTINGS,
    outageServer: { start, stop, freeze, thaw },
    ...tcp.store,
  };
}

async function onEtcd(options: OpenOptions): Promise<SoakedStore> {
  const server = options.scope.use(found(await startEtcd()));
  const tcp = tcpProxy(options, server.port);
  const { start, freeze, thaw, crash: stop } = server;
  return {
    server: `etcd ${server.version}`,
    args: ["--etcd", `http://127.0.0.1:${tcp.port}`],
    settings: CLOUD_STORAGE_SETTINGS,
    outageServer: { start, stop, freeze, thaw },
    ...tcp.store,
  };
}

async function onConsul(options: OpenOptions): Promise<SoakedStore> {
  const server = options.scope.use(await startConsul(found(await buildConsul()).path));
  const tcp = tcpProxy(options, server.port);
  const { start, freeze, thaw, crash: stop } = server;
  return {
    server: `Consul ${server.version}`,
    args: ["--consul", `http://127.0.0.1:${tcp.port}`],
    settings: DENO_KV_SETTINGS,
    outageServer: { start, stop, freeze, thaw },
    ...tcp.store,
  };
}

async function onNats(options: OpenOptions): Promise<SoakedStore> {
  const server = options.scope.use(await startNats(found(await prepareNats()).path));
  const tcp = tcpProxy(options, server.port);
  const { start, freeze, thaw, crash: stop } = server;
  return {
    server: `NATS ${server.version}`,
    args: ["--nats", `127.0.0.1:${tcp.port}`],
    settings: DENO_KV_SETTINGS,
    outageServer: { start, stop, freeze, thaw },
    ...tcp.store,
  };
}

function tcpProxy(
  { scope, phase, random }: OpenOptions,
  serverPort: number,
): { readonly port: number; readonly store: Pick<SoakedStore, "kinds" | "isLocal" | "faults" | "written"> } {
  const { port, faults } = scope.use(new TcpFaults(serverPort, phase, random));
  // drivers either do not repeat a write, or the store finds its own
  return { port, store: { kinds: SERVER_KINDS, isLocal: false, faults, written: new Set() } };
}

function found<T extends object>(server: T | Missing): T {
  if ("reason" in server) throw new Error(`Cannot soak the store as ${server.reason}`);
  return server;
}
