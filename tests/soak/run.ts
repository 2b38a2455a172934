/**
 * One soak on one store.
 *
 * @module
 */
import type { Findings } from "../../internal/replicas/check_log.ts";
import { type DisruptionCounts, sleep } from "../../internal/replicas/disruption.ts";
import type { Span } from "../../internal/replicas/history.ts";
import { ReplicaProcesses, type StoreArguments } from "../../internal/replicas/replica_processes.ts";
import { CLOUD_STORAGE_SETTINGS, DENO_KV_SETTINGS } from "../../internal/replicas/settings.ts";
import { FakeGcs } from "../../internal/servers/fake_gcs.ts";
import { buildFakeGcsServer, startFakeGcsServer } from "../../internal/servers/fake_gcs_server.ts";
import { FaultServer } from "../../internal/servers/fault_server.ts";
import { seededRandom } from "../../src/testing/seeded_random.ts";
import { checkFolder, pathsIn, type SoakFacts } from "./check.ts";
import { callsInOutages, totalLengthMs } from "./corrections.ts";
import { disrupt } from "./disrupt.ts";
import { FaultProxy } from "./fault_proxy.ts";
import { type MemorySample, type MemoryTrend, memoryTrend } from "./memory.ts";
import { type Note, readNotes } from "./notes.ts";
import { drawFault, outagesOf, phaseAt, type PhaseKind, planPhases } from "./plan.ts";
import type { SoakReplicaOptions } from "./replica.ts";

/** The stores that can be soaked. */
export type StoreName = "kv" | "gcs";

/** The results of a soak. */
export interface SoakResult {
  readonly server: string;
  readonly findings: Findings;
  readonly disruptions: DisruptionCounts;
  readonly faults: ReadonlyMap<string, number>;
  readonly outages: { readonly count: number; readonly longestMs: number; readonly totalMs: number };
  /** Calls of each scheduler a second, if an outage was long enough, and requests of all replicas together a second. */
  readonly inOutages: { readonly calls: number | undefined; readonly requests: number };
  readonly crashes: number;
  /** The exit codes other than 0 of processes that were asked to stop. */
  readonly badStops: readonly number[];
  readonly unhandled: readonly string[];
  readonly memory: MemoryTrend;
}

/** The store of a soak, and what its proxy, if it has one, has recorded. */
interface SoakedStore {
  readonly server: string;
  readonly args: StoreArguments;
  /** The faults injected here, by kind. */
  readonly faults: Map<string, number>;
  /** The ids of the writes that the server has accepted. */
  readonly written: Set<string>;
}

/** The number of replicas. */
export const REPLICAS = 8;
/** By then the first replicas should have started. */
const LEAD_MS = 2_000;
/** Disruptions end this long before the soak does. */
const CLOSING_MS = 5_000;
const PROGRAM = { url: import.meta.resolve("./replica.ts"), flags: ["--v8-flags=--expose-gc"] };

/** Options of {@linkcode soak}. */
export interface SoakOptions {
  readonly store: StoreName;
  readonly seed: number;
  readonly totalMs: number;
  /** The folder for the log and the notes. */
  readonly folder: string;
  /** Ends the soak early. */
  readonly signal: AbortSignal;
}

/** Soaks a store. */
export async function soak({ store, seed, totalMs, folder, signal }: SoakOptions): Promise<SoakResult> {
  const settings = store === "kv" ? DENO_KV_SETTINGS : CLOUD_STORAGE_SETTINGS;
  const random = seededRandom(seed);
  const phases = planPhases(totalMs, random);
  const paths = pathsIn(folder);
  await Deno.writeTextFile(paths.notes, "");
  await using scope = new AsyncDisposableStack();
  // set once the server runs, which may have to be built
  let startMs = Infinity;
  const phase = (): PhaseKind => phaseAt(phases, Date.now() - startMs);
  const soaked = store === "kv" ? onDenoKv(folder) : await onCloudStorage(scope, phase, seededRandom(seed + 1));
  startMs = Date.now() + LEAD_MS;
  const replicas = scope.use(new ReplicaProcesses(paths.log, settings, soaked.args, PROGRAM));
  let started = 0;
  const start = (samplesMemory = false): number => {
    const own = { notesPath: paths.notes, seed: seed + 2 + started++, startMs, samplesMemory };
    const options: SoakReplicaOptions = store === "kv" ? { ...own, phases } : own;
    return replicas.start(JSON.stringify(options));
  };
  const sparedPid = start(true);
  while (started < REPLICAS) start();
  const untilMs = startMs + totalMs - CLOSING_MS;
  const options = { replicas, settings, start: () => void start(), sparedPid, untilMs, signal };
  const disruptions = await disrupt(options, random);
  await sleep(signal.aborted ? settings.leaseMs : Math.max(startMs + totalMs - Date.now(), settings.leaseMs));
  const codes = await Promise.all(replicas.pids.map((pid) => replicas.stop(pid)));
  const outages = outagesOf(phases).map(({ fromMs, toMs }) => ({ fromMs: startMs + fromMs, toMs: startMs + toMs }));
  const facts: SoakFacts = { settings, outages, written: [...soaked.written] };
  await Deno.writeTextFile(paths.facts, JSON.stringify(facts));
  const badStops = Deno.build.os === "windows" ? [] : codes.filter((code) => code !== 0);
  return { disruptions, crashes: replicas.crashed, badStops, ...await resultOf(folder, soaked, outages) };
}

/** Reads the results from the files of a soak. */
async function resultOf(
  folder: string,
  soaked: SoakedStore,
  outages: readonly Span[],
): Promise<Omit<SoakResult, "disruptions" | "crashes" | "badStops">> {
  const { entries, ...findings } = await checkFolder(folder);
  const notes = await readNotes(pathsIn(folder).notes);
  const faults = withNotedFaults(notes, soaked.faults);
  const totalMs = totalLengthMs(outages);
  const longestMs = Math.max(0, ...outages.map(({ fromMs, toMs }) => toMs - fromMs));
  const requests = (faults.get("down") ?? 0) + (faults.get("silent") ?? 0);
  return {
    server: soaked.server,
    findings,
    faults,
    outages: { count: outages.length, longestMs, totalMs },
    inOutages: { calls: callsInOutages(entries, outages, REPLICAS), requests: requests / totalMs * 1_000 },
    unhandled: notes.flatMap((note) => note.type === "unhandled" ? [note.error] : []),
    memory: memoryTrend(notes.flatMap((note): MemorySample[] => note.type === "memory" ? [note.sample] : [])),
  };
}

function onDenoKv(folder: string): SoakedStore {
  return { server: "a Deno KV file", args: ["--kv", `${folder}/kv.sqlite3`], faults: new Map(), written: new Set() };
}

async function onCloudStorage(
  scope: AsyncDisposableStack,
  phase: () => PhaseKind,
  random: () => number,
): Promise<SoakedStore> {
  const built = await buildFakeGcsServer();
  const real = "path" in built ? scope.use(await startFakeGcsServer(built.path)) : undefined;
  const { url } = real ?? scope.use(new FaultServer(new FakeGcs()));
  const faults = new Map<string, number>();
  const written = new Set<string>();
  const proxy = scope.use(
    new FaultProxy({
      port: Number(new URL(url).port),
      nextFault: () => {
        const fault = drawFault(phase(), random);
        if (fault) count(faults, fault.kind);
        return fault;
      },
      onAnswer: (request, status) => {
        const [, write] = /"write":"([^"]+)"/.exec(request) ?? [];
        if (write !== undefined && status === 200) written.add(write);
      },
    }),
  );
  const server = real ? "fsouza/fake-gcs-server" : "a fake Cloud Storage";
  return { server, args: ["--gcs", await proxy.listen()], faults, written };
}

function withNotedFaults(notes: readonly Note[], known: ReadonlyMap<string, number>): Map<string, number> {
  const faults = new Map(known);
  for (const note of notes) if (note.type === "fault") count(faults, note.label);
  return faults;
}

function count(counts: Map<string, number>, label: string): void {
  counts.set(label, (counts.get(label) ?? 0) + 1);
}
