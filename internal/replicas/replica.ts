// deno run -A --unstable-kv internal/replicas/replica.ts LOG SETTINGS KIND LOCATION
//
// KIND is one of those in open_store.ts.
//
// One replica of a task. It writes its events to a log, stops at SIGTERM, and exits with its parent.

import { NeatPeriodicTaskScheduler, type Run } from "../../mod.ts";
import { NO_OWNER } from "../../src/record/status_record.ts";
import type { StatusEntry, StatusStore, StoreCallOptions } from "../../src/store/store.ts";
import { type Answer, LogFile, type SentRecord } from "./log.ts";
import { openStore } from "./open_store.ts";
import { MAX_DELAY_MS, type ReplicaSettings } from "./settings.ts";

const [logPath = "", settingsText = "", kind = "", location = ""] = Deno.args;
const { intervalMs, leaseMs, retryDelayMs, clockToleranceMs }: ReplicaSettings = JSON.parse(settingsText);
const STEP_MS = 50;
/** A run takes half the interval on average. */
const STEPS = { min: 4, max: 12 };
const TICK_MS = 25;

const log = new LogFile(logPath);

/** A store that logs its calls. */
class LoggedStore implements StatusStore {
  readonly #store: StatusStore;

  constructor(store: StatusStore) {
    this.#store = store;
  }

  async read(key: string, options?: StoreCallOptions): Promise<StatusEntry | null> {
    const sentMs = Date.now();
    let failed = true;
    try {
      const entry = await this.#store.read(key, options);
      failed = false;
      return entry;
    } finally {
      if (failed || Date.now() - sentMs > MAX_DELAY_MS) log.write({ type: "read", failed, sentMs });
    }
  }

  async write(
    key: string,
    value: Uint8Array,
    version: string | null,
    options?: StoreCallOptions,
  ): Promise<string | null> {
    const sentMs = Date.now();
    const { write, ...record } = sentRecord(value);
    log.write({ type: "sent", write, record });
    let answer: Answer = "failed";
    try {
      const next = await this.#store.write(key, value, version, options);
      answer = next === null ? "conflict" : "written";
      return next;
    } finally {
      log.write({ type: "answered", write, answer, sentMs });
    }
  }
}

function sentRecord(value: Uint8Array): SentRecord & { write: string } {
  const { state, term = 0, scheduled, started, heartbeat, write, owner } = JSON.parse(new TextDecoder().decode(value));
  const startedMs = Date.parse(started);
  return {
    write,
    state,
    term,
    scheduledMs: scheduled === undefined ? startedMs : Date.parse(scheduled),
    startedMs,
    hasNoOwner: owner === NO_OWNER,
    ...(heartbeat && { heartbeatMs: Date.parse(heartbeat) }),
  };
}

/** The task: writes to the sink step by step, and ends as soon as its signal aborts. */
async function writeToSink({ term, scheduled, signal }: Run): Promise<void> {
  log.write({ type: "started", term, scheduledMs: scheduled.getTime() });
  signal.addEventListener("abort", () => log.write({ type: "ended", term, reason: String(signal.reason) }));
  const steps = STEPS.min + Math.floor(Math.random() * (STEPS.max - STEPS.min + 1));
  for (let left = steps; left > 0; left--) {
    log.write({ type: "sink", term });
    await sleepUnlessAborted(STEP_MS, signal);
  }
  log.write({ type: "ended", term });
}

function sleepUnlessAborted(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", abort);
      resolve();
    }, ms);
    const abort = (): void => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    signal.addEventListener("abort", abort);
  });
}

/** Logs when timers fire too late. */
function watchTimers(): void {
  let lastMs = Date.now();
  setInterval(() => {
    const nowMs = Date.now();
    if (nowMs - lastMs > MAX_DELAY_MS) log.write({ type: "stalled", sinceMs: lastMs }, Deno.pid, nowMs);
    lastMs = nowMs;
  }, TICK_MS);
}

/** Exits when standard input ends, and first continues paused replicas, so that they notice it too. */
async function exitWithParent(): Promise<never> {
  for await (const _ of Deno.stdin.readable);
  for (const { pid, type } of await log.read()) {
    try {
      if (type === "paused") Deno.kill(pid, "SIGCONT");
    } catch {
      // it has exited
    }
  }
  Deno.exit(1);
}

function logMessage(message: string, ...details: unknown[]): void {
  log.write({ type: "logged", message: [message, ...details].join(" ") });
}

/** Runs the replica until SIGTERM. `wrapStore` may put something between the log and the store. */
export async function runReplica(wrapStore: (store: StatusStore) => StatusStore = (store) => store): Promise<void> {
  exitWithParent();
  watchTimers();
  const { store, close } = await openStore(kind, location, (error) => logMessage("the client failed", error));
  const scheduler = new NeatPeriodicTaskScheduler({
    name: "shared",
    interval: intervalMs,
    timeout: 10 * leaseMs,
    heartbeatTimeout: leaseMs,
    retryDelay: retryDelayMs,
    clockTolerance: clockToleranceMs,
    store: new LoggedStore(wrapStore(store)),
    log: { info() {}, warn: logMessage, error: logMessage },
    task: writeToSink,
  });
  scheduler.addEventListener("leaselost", ({ term }) => logMessage(`leaselost, term ${term}`));
  // Windows has no SIGTERM
  if (Deno.build.os !== "windows") {
    Deno.addSignalListener("SIGTERM", async () => {
      await scheduler.stop();
      await close();
      Deno.exit(0);
    });
  }
  scheduler.start();
  log.write({ type: "joined" });
}

if (import.meta.main) await runReplica();
