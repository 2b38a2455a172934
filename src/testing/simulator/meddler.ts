/**
 * Someone who puts other data in the record's place for a while, or asks for a run through the record.
 *
 * @module
 */
import type { RecordStore } from "./record_store.ts";
import type { World } from "./world.ts";

const OTHERS = { foreign: { format: "something-else" }, newer: { format: "neat-periodic-task-status", version: 2 } };

/** Plans what someone else does to the record. */
export function meddle({ time, plan, stats, trace, history }: World, store: RecordStore): void {
  for (const { kind, atMs, forMs } of plan.meddling) {
    time.at(atMs, () => {
      const { value } = store;
      if (!value || (history.record.kind !== "status")) return;
      stats.fault(kind === "requested" ? "request" : "foreign");
      trace.note(undefined, "meddling", kind);
      if (kind === "requested") {
        const record = JSON.parse(new TextDecoder().decode(value));
        const requested = new Date(Date.parse(record.started) + forMs).toISOString();
        return store.put(new TextEncoder().encode(JSON.stringify({ ...record, requested })));
      }
      const others = new TextEncoder().encode(JSON.stringify(OTHERS[kind]));
      store.put(others);
      time.after(forMs, () => {
        // a replica of the original overwrites what it can't read
        if (store.value === others) store.put(value);
        // each looks again an interval after it has found what is not ours
        for (const scheduler of history.schedulers) {
          scheduler.undisturbedMs = time.nowMs + 1.2 * scheduler.lengths.intervalMs;
        }
      });
    });
  }
}
