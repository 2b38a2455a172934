/**
 * Examines a store.
 *
 * @module
 */
import { CHECK_KEY, checkStore } from "../../store_check/check_store.ts";
import { StoreCheckError } from "../../store_check/store_check_error.ts";
import { withDeadline } from "../../store/deadline.ts";
import { MAX_CALL_MS } from "../../store/record_store.ts";
import type { StatusEntry } from "../../store/store.ts";
import type { Clock } from "../../time/clock.ts";
import { shortDuration } from "../duration_text.ts";
import { messageOf, type StoreAccess } from "../store_access.ts";
import { type Finding, finding } from "./findings.ts";

/** How many reads and how many writes are measured. */
const SAMPLES = 5;

/** Slower calls make runs late. In milliseconds. */
const SLOW_MS = 1_000;

/** From this difference on, due times in store time are converted by whole minutes. In milliseconds. */
const LARGE_OFFSET_MS = 30_000;

/** The record that `checkStore` writes too. */
const RECORD = '{"format":"neat-periodic-task-check","write":"doctor-';

/** Examines a store, one check after another. Ends early if the store does not answer. Rejects only after the signal. */
export async function* examine(
  { store, redact }: StoreAccess,
  clock: Clock,
  signal: AbortSignal,
): AsyncGenerator<Finding, void, void> {
  const call = <T>(run: (options: { readonly signal: AbortSignal }) => Promise<T>): Promise<T> =>
    withDeadline(clock, MAX_CALL_MS, signal, run);
  const attempt = async (check: string, mend: string, run: () => Promise<Finding>): Promise<Finding> => {
    try {
      return await run();
    } catch (error) {
      // Ctrl-C is no fault of the store
      if (signal.aborted) throw error;
      return finding(check, "failed", redact(messageOf(error)), mend);
    }
  };

  const read = await attempt(
    "read",
    "Check the address, the network, the credentials and the right to read.",
    async () => {
      await call((options) => store.read(CHECK_KEY, options));
      return finding("read", "ok", "a record can be read");
    },
  );
  yield read;
  if (read.outcome === "failed") return;

  yield await attempt("list", "Allow to list the records; this command line and dashboards need it.", async () => {
    const names = store.list({ signal })[Symbol.asyncIterator]();
    const first = await call(async () => await names.next());
    await names.return?.();
    return finding("list", "ok", first.done ? "records can be listed; there are none" : "records can be listed");
  });

  let isReliable = false;
  yield await attempt("write", "Allow to write records, with conditions.", async () => {
    try {
      await checkStore(store, { signal });
    } catch (error) {
      if (!(error instanceof StoreCheckError)) throw error;
      const mend = "Two replicas could run the task at the same time. Use a store that keeps conditions of writes.";
      return finding("conditions", "failed", redact(error.message), mend);
    }
    isReliable = true;
    return finding("conditions", "ok", "of several writes at the same version, one succeeds");
  });
  yield store.watch
    ? finding("hints", "ok", "replicas notice requests and pauses within about a second")
    : finding("hints", "ok", "this store gives no hints: replicas notice requests and pauses at their next check");
  if (!isReliable) return;
  yield await attempt(
    "clock",
    "Run doctor again.",
    () => examineClock(() => call((options) => store.read(CHECK_KEY, options)), clock),
  );
  yield await attempt("latency", "Run doctor again.", () => examineLatency({ store, call, clock }));
}

/** Compares the clock of the host with that of the store, by the read that takes the shortest time. */
async function examineClock(read: () => Promise<StatusEntry | null>, clock: Clock): Promise<Finding> {
  let shortestMs = Infinity;
  let offsetMs: number | undefined;
  for (let count = 0; count < SAMPLES; count++) {
    const startMs = clock.monotonicMs();
    const entry = await read();
    const lengthMs = clock.monotonicMs() - startMs;
    if (entry?.storeTime === undefined || lengthMs >= shortestMs) continue;
    shortestMs = lengthMs;
    offsetMs = Math.round(clock.nowMs() - lengthMs / 2 - entry.storeTime);
  }
  if (offsetMs === undefined) {
    return finding("clock", "ok", "this store has no clock: keep the clocks of all hosts within 5 seconds, by NTP");
  }
  const direction = offsetMs >= 0 ? "ahead of" : "behind";
  const text = `this host is ${shortDuration(Math.abs(offsetMs))} ${direction} the store (±${
    shortDuration(shortestMs / 2)
  })`;
  if (Math.abs(offsetMs) < LARGE_OFFSET_MS) return finding("clock", "ok", text);
  return finding("clock", "warning", text, "Replicas reckon in store time. Set the clock of this host, by NTP.");
}

interface LatencyOptions {
  readonly store: StoreAccess["store"];
  readonly call: <T>(run: (options: { readonly signal: AbortSignal }) => Promise<T>) => Promise<T>;
  readonly clock: Clock;
}

async function examineLatency({ store, call, clock }: LatencyOptions): Promise<Finding> {
  const readsMs: number[] = [];
  const writesMs: number[] = [];
  for (let count = 0; count < SAMPLES; count++) {
    const startMs = preciseMs();
    const entry = await call((options) => store.read(CHECK_KEY, options));
    readsMs.push(preciseMs() - startMs);
    const record = new TextEncoder().encode(`${RECORD}${clock.nowMs()}-${count}"}`);
    const writeStartMs = preciseMs();
    await call((options) => store.write(CHECK_KEY, record, entry?.version ?? null, options));
    writesMs.push(preciseMs() - writeStartMs);
  }
  const [readMs, writeMs] = [median(readsMs), median(writesMs)];
  const text = `a read takes ${latency(readMs)}, a write ${latency(writeMs)} (median of ${SAMPLES})`;
  if (Math.max(readMs, writeMs) < SLOW_MS) return finding("latency", "ok", text);
  return finding("latency", "warning", text, "Runs start late by such a delay. Use a store near the replicas.");
}

/** The clock of the scheduler has whole milliseconds. */
function preciseMs(): number {
  return performance.now();
}

function latency(ms: number): string {
  return ms < 10 ? `${ms.toFixed(1)}ms` : shortDuration(ms);
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? NaN;
}
