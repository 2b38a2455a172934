/**
 * One soak on one store.
 *
 * @module
 */
import { FakeGcs } from "../../tests/helpers/fake_gcs.ts";
import { startFakeGcsServer } from "../../tests/helpers/fake_gcs_server.ts";
import { FaultServer } from "../../tests/helpers/fault_server.ts";
import type { Findings } from "../../tests/processes/check_log.ts";
import { Crew } from "../../tests/processes/crew.ts";
import { ON_CLOUD_STORAGE, ON_DENO_KV } from "../../tests/processes/settings.ts";
import type { Span } from "../../tests/processes/story.ts";
import { chance, sleep, type Tally } from "../../tests/processes/trouble.ts";
import { buildFakeGcsServer } from "../servers/fake_gcs_server.ts";
import { checkFolder, type Known, pathsIn } from "./check.ts";
import { judgeMemory, type Memory, type Sample } from "./memory.ts";
import { type Note, readNotes } from "./notes.ts";
import { faultOf, outagesOf, phaseAt, type PhaseKind, phasesOf } from "./plan.ts";
import { FaultProxy } from "./proxy.ts";
import type { Task } from "./replica.ts";
import { trouble } from "./trouble.ts";
import { callsInOutages, lengthMs } from "./truth.ts";

/** The stores that can be soaked. */
export type StoreName = "kv" | "gcs";

/** What a soak has found. */
export interface Result {
  readonly server: string;
  readonly findings: Findings;
  readonly tally: Tally;
  readonly faults: ReadonlyMap<string, number>;
  readonly outages: { readonly count: number; readonly longestMs: number; readonly totalMs: number };
  /** Calls of each scheduler, if an outage was long enough to tell, and requests of all replicas together, a second. */
  readonly inOutages: { readonly calls: number | undefined; readonly requests: number };
  readonly deaths: number;
  /** The exit codes other than 0 of those who were told to stop. */
  readonly badStops: readonly number[];
  readonly unhandled: readonly string[];
  readonly memory: Memory;
}

/** Something between the replicas and what keeps their record. */
interface Setting {
  readonly server: string;
  readonly place: readonly ["--kv" | "--gcs", string];
  /** Faults by kind, as far as they are counted here. */
  readonly faults: Map<string, number>;
  /** The writes that the server is known to have taken. */
  readonly written: Set<string>;
}

/** How many take part. */
export const REPLICAS = 8;
/** Until then the first replicas should have come up. */
const LEAD_MS = 2_000;
/** Trouble ends so long before the soak does. */
const CLOSING_MS = 5_000;
const PROGRAM = { url: import.meta.resolve("./replica.ts"), flags: ["--v8-flags=--expose-gc"] };

/** What to soak. */
export interface Order {
  readonly store: StoreName;
  readonly seed: number;
  readonly totalMs: number;
  /** Where log and notes stay. */
  readonly folder: string;
  /** Ends it early. */
  readonly signal: AbortSignal;
}

/** Soaks a store. */
export async function soak({ store, seed, totalMs, folder, signal }: Order): Promise<Result> {
  const rules = store === "kv" ? ON_DENO_KV : ON_CLOUD_STORAGE;
  const random = chance(seed);
  const phases = phasesOf(totalMs, random);
  const paths = pathsIn(folder);
  await Deno.writeTextFile(paths.notes, "");
  await using scope = new AsyncDisposableStack();
  // not known before the server is there, which may have to be built
  let startMs = Infinity;
  const phase = (): PhaseKind => phaseAt(phases, Date.now() - startMs);
  const setting = store === "kv" ? onDenoKv(folder) : await onCloudStorage(scope, phase, chance(seed + 1));
  startMs = Date.now() + LEAD_MS;
  const crew = scope.use(new Crew(paths.log, rules, setting.place, PROGRAM));
  let started = 0;
  const start = (samplesMemory = false): number => {
    const own = { notesPath: paths.notes, seed: seed + 2 + started++, startMs, samplesMemory };
    const task: Task = store === "kv" ? { ...own, phases } : own;
    return crew.start(JSON.stringify(task));
  };
  const spared = start(true);
  while (started < REPLICAS) start();
  const untilMs = startMs + totalMs - CLOSING_MS;
  const tally = await trouble({ crew, rules, start: () => void start(), spared, untilMs, signal }, random);
  await sleep(signal.aborted ? rules.leaseMs : Math.max(startMs + totalMs - Date.now(), rules.leaseMs));
  const codes = await Promise.all(crew.pids.map((pid) => crew.stop(pid)));
  const outages = outagesOf(phases).map(({ fromMs, toMs }) => ({ fromMs: startMs + fromMs, toMs: startMs + toMs }));
  const known: Known = { rules, outages, written: [...setting.written] };
  await Deno.writeTextFile(paths.known, JSON.stringify(known));
  const badStops = Deno.build.os === "windows" ? [] : codes.filter((code) => code !== 0);
  return { tally, deaths: crew.fallen, badStops, ...await resultOf(folder, setting, outages) };
}

/** What can be told from a soak's folder. */
async function resultOf(
  folder: string,
  setting: Setting,
  outages: readonly Span[],
): Promise<Omit<Result, "tally" | "deaths" | "badStops">> {
  const { entries, ...findings } = await checkFolder(folder);
  const notes = await readNotes(pathsIn(folder).notes);
  const faults = counted(notes, setting.faults);
  const totalMs = lengthMs(outages);
  const longestMs = Math.max(0, ...outages.map(({ fromMs, toMs }) => toMs - fromMs));
  const requests = (faults.get("down") ?? 0) + (faults.get("silent") ?? 0);
  return {
    server: setting.server,
    findings,
    faults,
    outages: { count: outages.length, longestMs, totalMs },
    inOutages: { calls: callsInOutages(entries, outages, REPLICAS), requests: requests / totalMs * 1_000 },
    unhandled: notes.flatMap((note) => note.note === "unhandled" ? [note.error] : []),
    memory: judgeMemory(notes.flatMap((note): Sample[] => note.note === "memory" ? [note.sample] : [])),
  };
}

function onDenoKv(folder: string): Setting {
  return { server: "a Deno KV file", place: ["--kv", `${folder}/kv.sqlite3`], faults: new Map(), written: new Set() };
}

async function onCloudStorage(
  scope: AsyncDisposableStack,
  phase: () => PhaseKind,
  random: () => number,
): Promise<Setting> {
  const built = await buildFakeGcsServer();
  const real = "path" in built ? scope.use(await startFakeGcsServer(built.path)) : undefined;
  const { url } = real ?? scope.use(new FaultServer(new FakeGcs()));
  const faults = new Map<string, number>();
  const written = new Set<string>();
  const proxy = scope.use(
    new FaultProxy({
      port: Number(new URL(url).port),
      faultOf: () => {
        const fault = faultOf(phase(), random);
        if (fault) count(faults, fault.kind);
        return fault;
      },
      onAnswer: (request, status) => {
        const [, write] = /"write":"([^"]+)"/.exec(request) ?? [];
        if (write !== undefined && status === 200) written.add(write);
      },
    }),
  );
  const server = real ? "fsouza/fake-gcs-server" : "a fake of our own";
  return { server, place: ["--gcs", await proxy.listen()], faults, written };
}

function counted(notes: readonly Note[], known: ReadonlyMap<string, number>): Map<string, number> {
  const faults = new Map(known);
  for (const note of notes) if (note.note === "fault") count(faults, note.label);
  return faults;
}

function count(counts: Map<string, number>, label: string): void {
  counts.set(label, (counts.get(label) ?? 0) + 1);
}
