/**
 * Replicas as real processes in real time, some of which are killed, restarted and paused at random.
 */
import { assertEquals } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { checkLog, type Findings } from "../../internal/replicas/check_log.ts";
import { type DisruptionCounts, sleep } from "../../internal/replicas/disruption.ts";
import type { LogEntry } from "../../internal/replicas/log.ts";
import type { StoreArguments } from "../../internal/replicas/open_store.ts";
import { ReplicaProcesses } from "../../internal/replicas/replica_processes.ts";
import {
  CLOUD_STORAGE_SETTINGS,
  DENO_KV_SETTINGS,
  REDIS_SETTINGS,
  type ReplicaSettings,
  SQLITE_SETTINGS,
} from "../../internal/replicas/settings.ts";
import { FakeGcs } from "../../internal/servers/fake_gcs.ts";
import { startFakeGcsServer } from "../../internal/servers/fake_gcs_server.ts";
import { FaultServer } from "../../internal/servers/fault_server.ts";
import { findRedis, startRedis } from "../../internal/servers/redis.ts";
import { seededRandom } from "../../src/testing/seeded_random.ts";
import { disrupt } from "./disrupt.ts";

const REPLICAS = 8;
const RUNS = 30;
/** How long before and after a violation the log is shown. */
const SHOWN_MS = 3_000;

const isWanted = Deno.env.get("NEAT_TEST_STORES") === "1";
const binary = Deno.env.get("NEAT_FAKE_GCS_SERVER");

/** Opens a store for one test. */
type OpenStore = (folder: string, scope: AsyncDisposableStack) => StoreArguments | Promise<StoreArguments>;

const openDenoKv: OpenStore = async (folder) => {
  const path = `${folder}/kv.sqlite3`;
  // created here, as processes that create a database at the same moment may fail with "is locked"
  (await Deno.openKv(path)).close();
  return ["--kv", path];
};
const openSqlite = (mode: string): OpenStore => (folder) => {
  const path = `${folder}/tasks.sqlite3`;
  const database = new DatabaseSync(path);
  // kept in the file
  database.exec(`PRAGMA journal_mode = ${mode}`);
  database.close();
  return ["--sqlite", path];
};
const openFakeGcs: OpenStore = (_folder, scope) => ["--gcs", scope.use(new FaultServer(new FakeGcs())).url];
const openFakeGcsServer = (binary: string): OpenStore => async (_folder, scope) => {
  const server = scope.use(await startFakeGcsServer(binary));
  return ["--gcs", server.url];
};

const openRedis: OpenStore = async (_folder, scope) => {
  const server = await startRedis();
  if ("reason" in server) throw new Error(server.reason);
  scope.use(server);
  return ["--redis", `redis://127.0.0.1:${server.port}`];
};

define("a Deno KV file", DENO_KV_SETTINGS, openDenoKv);
for (const mode of ["WAL", "DELETE"]) define(`an SQLite file (${mode})`, SQLITE_SETTINGS, openSqlite(mode));
define(
  `Cloud Storage (${binary ? "fsouza/fake-gcs-server" : "a fake server"})`,
  CLOUD_STORAGE_SETTINGS,
  binary ? openFakeGcsServer(binary) : openFakeGcs,
);
define("Redis", REDIS_SETTINGS, openRedis, await findRedis() ? undefined : "there is no redis-server");

function define(store: string, settings: ReplicaSettings, openStore: OpenStore, missing?: string): void {
  const skipped = isWanted ? missing : "`deno task test:stores` runs it";
  const reason = skipped ? ` (skipped: ${skipped})` : "";
  Deno.test({
    name: `${REPLICAS} replicas on ${store} keep the promises while processes are killed and paused${reason}`,
    ignore: skipped !== undefined,
    fn: async () => {
      const given = Number(Deno.env.get("NEAT_PROCESSES_SEED"));
      const seed = given || Math.ceil(Math.random() * 1e6);
      console.log(`${store}: NEAT_PROCESSES_SEED=${seed}`);
      await runReplicas(store, seed, settings, openStore);
    },
  });
}

async function runReplicas(
  store: string,
  seed: number,
  settings: ReplicaSettings,
  openStore: OpenStore,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "periodic_task_" });
  try {
    await using scope = new AsyncDisposableStack();
    const args = await openStore(folder, scope);
    const replicas = scope.use(new ReplicaProcesses(`${folder}/log`, settings, args));
    for (let count = 0; count < REPLICAS; count++) replicas.start();
    const counts = await disrupt(replicas, RUNS, settings, seededRandom(seed));
    // a replica that was paused needs the time to report it
    await sleep(settings.leaseMs);
    const codes = await Promise.all(replicas.pids.map((pid) => replicas.stop(pid)));
    const kept = Deno.env.get("NEAT_PROCESSES_LOG");
    if (kept) await Deno.copyFile(`${folder}/log`, kept);
    const entries = await replicas.read();
    const findings = checkLog(entries, settings);
    console.log(`${store}: ${summary(findings, counts)}`);
    assertEquals(findings.violations.map(({ message }) => message), [], excerpt(entries, findings));
    // stop() leaves nothing that keeps a process running
    if (Deno.build.os !== "windows") assertEquals(codes, codes.map(() => 0));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function summary(findings: Findings, { kills, pauses }: DisruptionCounts): string {
  const { runs, termsWithoutRun, overtaken, staleWrites, maxClaimDelayMs, minSlackMs } = findings;
  return [
    `${runs} runs, ${kills} kills, ${pauses} pauses, ${termsWithoutRun} terms claimed but not run`,
    `${overtaken} runs overlapped by others, as a pause outlasted their lease, and reported`,
    `${staleWrites} stale writes, all refused`,
    `claims came at most ${maxClaimDelayMs} ms after the due time, and at least ${minSlackMs} ms before the deadline`,
  ].join("; ");
}

/** The log around the first violation. */
function excerpt(entries: readonly LogEntry[], { violations: [first] }: Findings): string {
  if (!first) return "";
  const shown = entries.filter(({ atMs }) => Math.abs(atMs - first.atMs) <= SHOWN_MS);
  const lines = shown.map(({ atMs, pid, type, ...rest }) => {
    return `${String(atMs - first.atMs).padStart(6)} ms  ${pid}  ${type}  ${JSON.stringify(rest)}`;
  });
  return [first.message, ...lines].join("\n");
}
