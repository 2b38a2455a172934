// deno run -A --unstable-kv --v8-flags=--expose-gc tests/soak/replica.ts LOG SETTINGS (--kv FILE | --gcs ENDPOINT) OPTIONS
//
// A replica of internal/replicas with store faults, memory samples and notes of unhandled rejections.

import { runReplica } from "../../internal/replicas/replica.ts";
import { FaultyStore } from "../../src/testing/faulty_store.ts";
import { seededRandom } from "../../src/testing/seeded_random.ts";
import { appendNote } from "./notes.ts";
import { type Phase, phaseAt } from "./plan.ts";
import { drawStoreFault } from "./store_faults.ts";

/** The last argument of the program, as JSON. */
export interface SoakReplicaOptions {
  readonly notesPath: string;
  readonly seed: number;
  readonly startMs: number;
  /** The phases of faults in its store; none if absent. */
  readonly phases?: readonly Phase[];
  readonly samplesMemory: boolean;
}

const SAMPLE_MS = 1_000;

function noteRejections({ notesPath }: SoakReplicaOptions): void {
  addEventListener("unhandledrejection", (event) => {
    // the note counts as a failure; the process goes on and may note more
    event.preventDefault();
    const { reason } = event;
    appendNote(notesPath, { type: "unhandled", error: reason instanceof Error ? `${reason.stack}` : String(reason) });
  });
}

function sampleMemory({ notesPath }: SoakReplicaOptions): void {
  const { gc } = globalThis as { gc?: () => void };
  setInterval(() => {
    gc?.();
    const { rss, heapUsed } = Deno.memoryUsage();
    appendNote(notesPath, { type: "memory", sample: { atMs: Date.now(), rssBytes: rss, heapBytes: heapUsed } });
  }, SAMPLE_MS);
}

async function main(): Promise<void> {
  const options: SoakReplicaOptions = JSON.parse(Deno.args.at(-1) ?? "");
  const { phases, seed, startMs, notesPath } = options;
  noteRejections(options);
  if (options.samplesMemory) sampleMemory(options);
  const random = seededRandom(seed);
  await runReplica(
    phases && ((store) =>
      new FaultyStore(store, {
        script: () => {
          const found = drawStoreFault(phaseAt(phases, Date.now() - startMs), random);
          if (found) appendNote(notesPath, { type: "fault", label: found.label });
          return found?.fault;
        },
      })),
  );
}

if (import.meta.main) await main();
