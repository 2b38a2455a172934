/**
 * One soak on one store.
 *
 * @module
 */
import type { Findings } from "../../internal/replicas/check_log.ts";
import { type DisruptionCounts, sleep } from "../../internal/replicas/disruption.ts";
import type { Span } from "../../internal/replicas/history.ts";
import { ReplicaProcesses } from "../../internal/replicas/replica_processes.ts";
import { seededRandom } from "../../src/testing/seeded_random.ts";
import { checkFolder, pathsIn, type SoakFacts } from "./check.ts";
import { callsInOutages, totalLengthMs } from "./corrections.ts";
import { disrupt } from "./disrupt.ts";
import { type MemorySample, type MemoryTrend, memoryTrend } from "./memory.ts";
import { type Note, readNotes } from "./notes.ts";
import { outagesOf, type Phase, phaseAt, planPhases } from "./plan.ts";
import type { SoakReplicaOptions } from "./replica.ts";
import { haveOutages } from "./server_outages.ts";
import { type SoakedStore, type StoreName, STORES } from "./soaked_store.ts";

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
  const random = seededRandom(seed);
  const paths = pathsIn(folder);
  await Deno.writeTextFile(paths.notes, "");
  await using scope = new AsyncDisposableStack();
  // set once the server runs, which may have to be built
  let [startMs, phases]: [number, readonly Phase[]] = [Infinity, []];
  const phase = (): Phase["kind"] => phaseAt(phases, Date.now() - startMs);
  const soaked = await STORES[store]({ folder, scope, phase, random: seededRandom(seed + 1) });
  const { settings, isLocal, outageServer } = soaked;
  phases = planPhases(totalMs, random, soaked.kinds);
  startMs = Date.now() + LEAD_MS;
  const replicas = scope.use(new ReplicaProcesses(paths.log, settings, soaked.args, PROGRAM));
  let started = 0;
  const start = (samplesMemory = false): number => {
    const own = { notesPath: paths.notes, seed: seed + 2 + started++, startMs, samplesMemory };
    const options: SoakReplicaOptions = isLocal ? { ...own, phases } : own;
    return replicas.start(JSON.stringify(options));
  };
  const sparedPid = start(true);
  while (started < REPLICAS) start();
  const untilMs = startMs + totalMs - CLOSING_MS;
  const options = { replicas, settings, start: () => void start(), sparedPid, untilMs, signal };
  const [disruptions, serverOutages] = await Promise.all([
    disrupt(options, random),
    outageServer ? haveOutages(outageServer, phases, startMs, signal) : [],
  ]);
  await sleep(signal.aborted ? settings.leaseMs : Math.max(startMs + totalMs - Date.now(), settings.leaseMs));
  const codes = await Promise.all(replicas.pids.map((pid) => replicas.stop(pid)));
  const planned = outagesOf(phases).filter(({ kind }) => kind === "down" || kind === "silent")
    .map(({ fromMs, toMs }) => ({ fromMs: startMs + fromMs, toMs: startMs + toMs }));
  const outages = [...planned, ...serverOutages].sort((one, other) => one.fromMs - other.fromMs);
  for (const { kind } of serverOutages) count(soaked.faults, `server: ${kind}`);
  const facts: SoakFacts = { settings, outages, written: [...soaked.written] };
  await Deno.writeTextFile(paths.facts, JSON.stringify(facts));
  const badStops = Deno.build.os === "windows" ? [] : codes.filter((code) => code !== 0);
  return {
    disruptions,
    crashes: replicas.crashed,
    badStops,
    ...await resultOf(folder, soaked, outages, totalLengthMs(planned)),
  };
}

/** Reads the results from the files of a soak, in which requests were refused for some time. */
async function resultOf(
  folder: string,
  soaked: SoakedStore,
  outages: readonly Span[],
  refusedMs: number,
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
    inOutages: { calls: callsInOutages(entries, outages, REPLICAS), requests: requests / refusedMs * 1_000 },
    unhandled: notes.flatMap((note) => note.type === "unhandled" ? [note.error] : []),
    memory: memoryTrend(notes.flatMap((note): MemorySample[] => note.type === "memory" ? [note.sample] : [])),
  };
}

function withNotedFaults(notes: readonly Note[], known: ReadonlyMap<string, number>): Map<string, number> {
  const faults = new Map(known);
  for (const note of notes) if (note.type === "fault") count(faults, note.label);
  return faults;
}

function count(counts: Map<string, number>, label: string): void {
  counts.set(label, (counts.get(label) ?? 0) + 1);
}
