/**
 * Changes of the record that no scheduler makes.
 *
 * @module
 */
import { newId } from "../record/ids.ts";
import { longestWaitMs } from "./due_time_settings.ts";
import type { Environment } from "./environment.ts";
import type { TamperingPlan } from "./plan.ts";
import type { SimulatedStore } from "./simulated_store.ts";

const FOREIGN_DATA = {
  foreign: { format: "something-else" },
  newer: { format: "neat-periodic-task-status", version: 2 },
};

/** Schedules what the plan says: the record is replaced by foreign data for a while, or a run is requested. */
export function scheduleTampering(environment: Environment, store: SimulatedStore): void {
  for (const plan of environment.plan.tampering) {
    environment.clock.at(plan.atMs, () => tamper(environment, store, plan));
  }
}

function tamper(environment: Environment, store: SimulatedStore, { kind, lengthMs }: TamperingPlan): void {
  const { stats, trace, history } = environment;
  const { value } = store;
  if (!value || history.record.kind !== "status") return;
  stats.countFault(kind === "requested" ? "requestRun" : "foreignRecord");
  trace.add(undefined, "tampering", kind);
  if (kind === "requested") store.put(withRequest(value, lengthMs));
  else replaceForAWhile(environment, store, value, encode(FOREIGN_DATA[kind]), lengthMs);
}

function replaceForAWhile(
  { clock, history }: Environment,
  store: SimulatedStore,
  value: Uint8Array,
  replacement: Uint8Array,
  lengthMs: number,
): void {
  store.put(replacement);
  clock.after(lengthMs, () => {
    // a replica of the original overwrites what it cannot read
    if (store.value === replacement) store.put(value);
    // a scheduler checks again an interval after it has found foreign data
    for (const scheduler of history.schedulers) {
      scheduler.undisturbedMs = clock.elapsedMs + 1.2 * longestWaitMs(scheduler.settings);
    }
  });
}

function withRequest(value: Uint8Array, afterMs: number): Uint8Array {
  const record = JSON.parse(new TextDecoder().decode(value));
  const requested = new Date(Date.parse(record.started) + afterMs).toISOString();
  return encode({ ...record, requested, write: newId() });
}

function encode(fields: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(fields));
}
