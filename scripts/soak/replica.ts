// deno run -A --unstable-kv --v8-flags=--expose-gc scripts/soak/replica.ts LOG RULES (--kv FILE | --gcs ENDPOINT) TASK
//
// A replica as the tests with real processes have it, with what a soak wants besides: faults in a store that has no proxy,
// samples of its memory, and notes of rejections that nobody has handled.

import { FaultyStore } from "../../src/testing/faulty_store.ts";
import { takePart } from "../../tests/processes/replica.ts";
import { chance } from "../../tests/processes/trouble.ts";
import { takeNote } from "./notes.ts";
import { type Phase, phaseAt } from "./plan.ts";
import { storeFaultOf } from "./store_faults.ts";

/** What the replica is to do. */
export interface Task {
  readonly notesPath: string;
  readonly seed: number;
  readonly startMs: number;
  /** When its store has faults, and of what kind; none if absent. */
  readonly phases?: readonly Phase[];
  readonly samplesMemory: boolean;
}

const SAMPLE_MS = 1_000;

function watchRejections({ notesPath }: Task): void {
  addEventListener("unhandledrejection", (event) => {
    // it counts as a failure anyway, and the process may show more
    event.preventDefault();
    const { reason } = event;
    takeNote(notesPath, { note: "unhandled", error: reason instanceof Error ? `${reason.stack}` : String(reason) });
  });
}

function sampleMemory({ notesPath }: Task): void {
  const { gc } = globalThis as { gc?: () => void };
  setInterval(() => {
    gc?.();
    const { rss, heapUsed } = Deno.memoryUsage();
    takeNote(notesPath, { note: "memory", sample: { atMs: Date.now(), rssBytes: rss, heapBytes: heapUsed } });
  }, SAMPLE_MS);
}

async function main(): Promise<void> {
  const task: Task = JSON.parse(Deno.args.at(-1)!);
  const { phases, seed, startMs, notesPath } = task;
  watchRejections(task);
  if (task.samplesMemory) sampleMemory(task);
  const random = chance(seed);
  await takePart(
    phases && ((store) =>
      new FaultyStore(store, {
        script: () => {
          const found = storeFaultOf(phaseAt(phases, Date.now() - startMs), random);
          if (found) takeNote(notesPath, { note: "fault", label: found.label });
          return found?.fault;
        },
      })),
  );
}

if (import.meta.main) await main();
