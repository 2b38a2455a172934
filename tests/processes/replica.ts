// deno run -A --unstable-kv tests/processes/replica.ts LOG RULES (--kv FILE | --gcs ENDPOINT)
//
// One of several replicas of a task. Writes all that happens to it to a log. Ends at SIGTERM, and with its parent.

import { NeatPeriodicTaskScheduler, type Run } from "../../mod.ts";
import { NO_OWNER } from "../../src/record/status_record.ts";
import type { StatusEntry, StatusStore, StoreCallOptions } from "../../src/store/store.ts";
import { DenoKvStore } from "../../stores/deno_kv.ts";
import { GcsStore } from "../../stores/gcs.ts";
import { type Answer, LogFile, type SentRecord } from "./log.ts";
import { BLINK_MS, type Rules } from "./settings.ts";

const [logPath = "", rulesText = "", kind = "", where = ""] = Deno.args;
const { intervalMs, leaseMs, retryDelayMs, clockToleranceMs }: Rules = JSON.parse(rulesText);
const STEP_MS = 50;
/** A run takes half of the interval on average. */
const STEPS = { least: 4, most: 12 };
const TICK_MS = 25;

const log = new LogFile(logPath);

/** A store that logs what it is asked. */
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
      if (failed || Date.now() - sentMs > BLINK_MS) log.write({ what: "read", failed, sentMs });
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
    log.write({ what: "sends", write, record });
    let answer: Answer = "failed";
    try {
      const next = await this.#store.write(key, value, version, options);
      answer = next === null ? "conflict" : "written";
      return next;
    } finally {
      log.write({ what: "answered", write, answer, sentMs });
    }
  }
}

function sentRecord(value: Uint8Array): SentRecord & { write: string } {
  const { state, term = 0, scheduled, started, heartbeat, write, owner } = JSON.parse(new TextDecoder().decode(value));
  const startedMs = Date.parse(started);
  const scheduledMs = scheduled === undefined ? startedMs : Date.parse(scheduled);
  const isFree = owner === NO_OWNER;
  return {
    write,
    state,
    term,
    scheduledMs,
    startedMs,
    isFree,
    ...(heartbeat && { heartbeatMs: Date.parse(heartbeat) }),
  };
}

/** Writes to the sink step by step, and ends at once when it is told to. */
async function body({ term, scheduled, signal }: Run): Promise<void> {
  log.write({ what: "began", term, scheduledMs: scheduled.getTime() });
  signal.addEventListener("abort", () => log.write({ what: "ended", term, reason: String(signal.reason) }));
  const steps = STEPS.least + Math.floor(Math.random() * (STEPS.most - STEPS.least + 1));
  for (let left = steps; left > 0; left--) {
    log.write({ what: "sink", term });
    await step(signal);
  }
  log.write({ what: "ended", term });
}

function step(signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", end);
      resolve();
    }, STEP_MS);
    const end = (): void => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    signal.addEventListener("abort", end);
  });
}

/** Logs whenever no timer could fire for longer than a blink. */
function watchTimers(): void {
  let lastMs = Date.now();
  setInterval(() => {
    const nowMs = Date.now();
    if (nowMs - lastMs > BLINK_MS) log.write({ what: "stalled", sinceMs: lastMs }, Deno.pid, nowMs);
    lastMs = nowMs;
  }, TICK_MS);
}

/** Whoever has been left asleep is woken, to see the same. */
async function endWithParent(): Promise<never> {
  for await (const _ of Deno.stdin.readable);
  for (const { pid, what } of await log.read()) {
    try {
      if (what === "paused") Deno.kill(pid, "SIGCONT");
    } catch {
      // it is no more
    }
  }
  Deno.exit(1);
}

const says = (message: string, ...details: unknown[]): void =>
  log.write({ what: "says", message: [message, ...details].join(" ") });

/** Takes part until it is told to stop; what is given puts something between the log and the store. */
export async function takePart(wrap: (store: StatusStore) => StatusStore = (store) => store): Promise<void> {
  endWithParent();
  watchTimers();
  const kv = kind === "--kv" ? await Deno.openKv(where) : undefined;
  const store = kv ? new DenoKvStore({ kv }) : new GcsStore({ bucket: "bucket", apiEndpoint: where });
  const scheduler = new NeatPeriodicTaskScheduler({
    name: "shared",
    interval: intervalMs,
    timeout: 10 * leaseMs,
    heartbeatTimeout: leaseMs,
    retryDelay: retryDelayMs,
    clockTolerance: clockToleranceMs,
    store: new LoggedStore(wrap(store)),
    log: { info() {}, warn: says, error: says },
    task: body,
  });
  scheduler.addEventListener("leaselost", ({ term }) => says(`leaselost, term ${term}`));
  // Windows knows no SIGTERM
  if (Deno.build.os !== "windows") {
    Deno.addSignalListener("SIGTERM", async () => {
      await scheduler.stop();
      kv?.close();
      Deno.exit(0);
    });
  }
  scheduler.start();
  log.write({ what: "joined" });
}

if (import.meta.main) await takePart();
