/**
 * Replicas as real processes in real time, some of which are killed, restarted and paused by chance.
 */
import { assertEquals } from "@std/assert";
import { FakeGcs } from "../helpers/fake_gcs.ts";
import { startFakeGcsServer } from "../helpers/fake_gcs_server.ts";
import { FaultServer } from "../helpers/fault_server.ts";
import { checkLog, type Findings } from "./check_log.ts";
import { Crew, type Place } from "./crew.ts";
import type { Entry } from "./log.ts";
import { ON_CLOUD_STORAGE, ON_DENO_KV, type Rules } from "./settings.ts";
import { chance, sleep, type Tally, trouble } from "./trouble.ts";

const REPLICAS = 8;
const RUNS = 30;
/** How long before and after a breach the log is shown. */
const SHOWN_MS = 3_000;

const isWanted = Deno.env.get("NEAT_TEST_STORES") === "1";
const binary = Deno.env.get("NEAT_FAKE_GCS_SERVER");

/** What a test needs, made anew for it. */
type Setting = (folder: string, scope: AsyncDisposableStack) => Place | Promise<Place>;

const onDenoKv: Setting = async (folder) => {
  const path = `${folder}/kv.sqlite3`;
  // of several processes that make a database at the same moment, one may fail, as it "is locked"
  (await Deno.openKv(path)).close();
  return ["--kv", path];
};
const onOurFake: Setting = (_folder, scope) => ["--gcs", scope.use(new FaultServer(new FakeGcs())).url];
const onFakeGcsServer: Setting = async (_folder, scope) => {
  const server = scope.use(await startFakeGcsServer(binary!));
  return ["--gcs", server.url];
};

define("a Deno KV file", ON_DENO_KV, onDenoKv);
define(
  `Cloud Storage (${binary ? "fsouza/fake-gcs-server" : "a fake of our own"})`,
  ON_CLOUD_STORAGE,
  binary ? onFakeGcsServer : onOurFake,
);

function define(store: string, rules: Rules, setting: Setting): void {
  const reason = isWanted ? "" : " (skipped: `deno task test:stores` runs it)";
  Deno.test({
    name: `${REPLICAS} processes on ${store} keep the promises, although they are killed and paused${reason}`,
    ignore: !isWanted,
    fn: async () => {
      const given = Number(Deno.env.get("NEAT_PROCESSES_SEED"));
      const seed = given || Math.ceil(Math.random() * 1e6);
      console.log(`${store}: NEAT_PROCESSES_SEED=${seed}`);
      await play(store, seed, rules, setting);
    },
  });
}

async function play(store: string, seed: number, rules: Rules, setting: Setting): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "periodic_task_" });
  try {
    await using scope = new AsyncDisposableStack();
    const place = await setting(folder, scope);
    const crew = scope.use(new Crew(`${folder}/log`, rules, place));
    for (let count = 0; count < REPLICAS; count++) crew.start();
    const tally = await trouble(crew, RUNS, rules, chance(seed));
    // whoever has slept gets the time to say so
    await sleep(rules.leaseMs);
    const codes = await Promise.all(crew.pids.map((pid) => crew.stop(pid)));
    const kept = Deno.env.get("NEAT_PROCESSES_LOG");
    if (kept) await Deno.copyFile(`${folder}/log`, kept);
    const entries = await crew.read();
    const findings = checkLog(entries, rules);
    console.log(`${store}: ${summary(findings, tally)}`);
    assertEquals(findings.breaches.map(({ message }) => message), [], excerpt(entries, findings));
    // stop() has left nothing that keeps a process up
    if (Deno.build.os !== "windows") assertEquals(codes, codes.map(() => 0));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function summary(findings: Findings, { kills, pauses }: Tally): string {
  const { runs, termsWithoutRun, overtaken, staleWrites, latestMs, spareMs } = findings;
  return [
    `${runs} runs, ${kills} kills, ${pauses} pauses, ${termsWithoutRun} terms claimed but not run`,
    `${overtaken} runs overlapped by others, as a pause outlasted their lease, and reported`,
    `${staleWrites} stale writes, all refused`,
    `claims came at most ${latestMs} ms after the due time, and at least ${spareMs} ms before the deadline`,
  ].join("; ");
}

/** The log around the first breach. */
function excerpt(entries: readonly Entry[], { breaches: [first] }: Findings): string {
  if (!first) return "";
  const shown = entries.filter(({ atMs }) => Math.abs(atMs - first.atMs) <= SHOWN_MS);
  const lines = shown.map(({ atMs, pid, what, ...rest }) => {
    return `${String(atMs - first.atMs).padStart(6)} ms  ${pid}  ${what}  ${JSON.stringify(rest)}`;
  });
  return [first.message, ...lines].join("\n");
}
