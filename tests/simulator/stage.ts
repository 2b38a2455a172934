/** A world without a life of its own: what its schedulers do is said by the test, and what the checks find is kept. */
import { History } from "../../src/testing/simulator/history.ts";
import { Machine } from "../../src/testing/simulator/machine.ts";
import { BEGIN_MS } from "../../src/testing/simulator/machine_clock.ts";
import { Network } from "../../src/testing/simulator/network.ts";
import { planWorld, type WorldPlan } from "../../src/testing/simulator/plan.ts";
import { Process } from "../../src/testing/simulator/process.ts";
import type { PromiseName } from "../../src/testing/simulator/promises.ts";
import type { Scene } from "../../src/testing/simulator/scene.ts";
import type { CallSeen, RunSeen, SchedulerSeen, StopSeen, Watcher } from "../../src/testing/simulator/seen.ts";
import { Stats } from "../../src/testing/simulator/stats.ts";
import { StoreClock } from "../../src/testing/simulator/store_clock.ts";
import { Trace } from "../../src/testing/simulator/trace.ts";
import { VirtualTime } from "../../src/testing/simulator/virtual_time.ts";
import type { StatusEntry } from "../../src/store.ts";
import { serialiseStatus, type Status } from "../../src/status.ts";

export const INTERVAL_MS = 60_000;
export const LEASE_MS = 10_000;

const BASE: Status = { state: "idle", startedMs: BEGIN_MS, owner: "-", term: 0, failures: 0, recent: "" };
let writes = 0;

/** A record, with a write id of its own. */
export function record(fields: Partial<Status>): Uint8Array {
  return serialiseStatus({ ...BASE, write: `write-${++writes}`, ...fields });
}

export class Stage implements Scene {
  readonly plan: WorldPlan;
  readonly time: VirtualTime = new VirtualTime();
  readonly stats: Stats = new Stats();
  readonly history: History;
  readonly storeClock: StoreClock;
  readonly isTimeUnknown = false;
  readonly sharesVersions = false;
  readonly found: string[] = [];
  cutOff = false;
  readonly #machines: Machine[];

  constructor(
    check: (scene: Scene) => Watcher,
    { storeClock = false, maxAbandoned = 3 }: { storeClock?: boolean; maxAbandoned?: number } = {},
  ) {
    const lengths = {
      intervalMs: INTERVAL_MS,
      timeoutMs: LEASE_MS,
      leaseMs: LEASE_MS,
      heartbeatIntervalMs: undefined,
      minCycleMs: 10_000,
      maxCycleMs: 10_800_000,
      retryDelayMs: LEASE_MS,
      clockToleranceMs: 5_000,
      maxAbandoned,
    };
    const limits = { seed: 1, kind: "quiet" as const, replicas: 3, intervals: 10, faults: new Set<never>(), lengths };
    const plan = planWorld(limits);
    this.plan = {
      ...plan,
      store: { clock: storeClock ? { offsetMs: 0, coarse: false } : undefined, offsetMs: 0, sharesVersions: false },
    };
    this.storeClock = new StoreClock(this.time, 0, storeClock ? "known" : "none");
    this.history = new History(this.time, this.stats, new Trace(this.time), () => this.history.value);
    this.#machines = plan.replicas.map((replica) => new Machine(this.time, 1, replica));
    this.history.watchers.push(check(this));
  }

  checked(): void {}

  broken(promise: PromiseName): void {
    if (!this.found.includes(promise)) this.found.push(promise);
  }

  isCut(): boolean {
    return this.cutOff;
  }

  /** A scheduler on a machine. */
  scheduler(index = 0, fields: Partial<SchedulerSeen> = {}): SchedulerSeen {
    const { faults, latencyMs, faultRate, maxDelayMs } = this.plan.network;
    const network = new Network(this.time, { faults, latencyMs, faultRate, maxDelayMs }, this.stats);
    const seen: SchedulerSeen = {
      process: new Process(this.time, network, this.#machines[index]!, this.storeClock),
      lengths: this.plan.lengths,
      isOriginal: false,
      startedMs: this.time.nowMs,
      known: undefined,
      anchoredMs: undefined,
      behindMs: 0,
      isInDoubt: false,
      doubtedMs: -1,
      undisturbedMs: this.time.nowMs,
      stoppingMs: undefined,
      triggers: new Set(),
      triggeredMs: -Infinity,
      bodies: new Set(),
      lastClaim: undefined,
      ...fields,
    };
    this.history.schedulers.push(seen);
    return seen;
  }

  /** Sends a write. */
  send(scheduler: SchedulerSeen, value: Uint8Array): CallSeen {
    return this.history.calling(scheduler, "write", value, undefined);
  }

  /** Has a read sent and answered. */
  read(scheduler: SchedulerSeen, entry: StatusEntry | null): void {
    this.history.hasRead(this.history.calling(scheduler, "read", undefined, undefined), entry);
  }

  /** Has a write sent, carried out and answered. */
  write(scheduler: SchedulerSeen, fields: Partial<Status>, version = `v${writes}`): CallSeen {
    const value = record(fields);
    const call = this.send(scheduler, value);
    this.history.look(value);
    this.history.ended(call, false);
    this.history.hasWritten(call, version, `${version}+`);
    return call;
  }

  /** Has a claim won. */
  claim(scheduler: SchedulerSeen, term: number, fields: Partial<Status> = {}): CallSeen {
    const startedMs = BEGIN_MS + this.time.nowMs;
    const claimed = {
      state: "running",
      startedMs,
      scheduledMs: startedMs,
      owner: `owner-${term}`,
      term,
      leaseMs: LEASE_MS,
    };
    return this.write(scheduler, { ...claimed as Partial<Status>, ...fields });
  }

  /** Begins the run of a claim. */
  run(scheduler: SchedulerSeen, term: number, owner = `owner-${term}`): RunSeen {
    const claim = this.history.claims.get(owner);
    const run: RunSeen = {
      number: this.history.runs.length + 1,
      scheduler,
      run: { term, owner },
      claim,
      startedMs: this.time.nowMs,
      signMs: claim?.sentMs ?? 0,
      abortedMs: undefined,
      abortedBy: undefined,
      endedMs: undefined,
      threw: false,
      reports: [],
      supersededMs: undefined,
    };
    this.history.runs.push(run);
    if (claim) claim.run ??= run;
    scheduler.bodies.add(run);
    this.tell("began", run);
    return run;
  }

  /** Ends a run. */
  end(run: RunSeen, abortedBy?: string): void {
    if (abortedBy) {
      run.abortedMs = this.time.nowMs;
      run.abortedBy = abortedBy;
      return this.tell("aborted", run);
    }
    run.endedMs = this.time.nowMs;
    run.scheduler.bodies.delete(run);
    this.tell("ended", run);
  }

  /** Stops a scheduler. */
  stop(scheduler: SchedulerSeen, timeoutMs?: number): StopSeen {
    const stop: StopSeen = {
      scheduler,
      manner: "wait",
      atMs: this.time.nowMs,
      timeoutMs,
      answeredMs: undefined,
      answer: undefined,
    };
    scheduler.stoppingMs = this.time.nowMs;
    this.tell("stopping", stop);
    return stop;
  }

  /** Answers a stop. */
  answer(stop: StopSeen, clean = true, abandoned = 0): void {
    stop.answer = { clean, abandoned };
    stop.answeredMs = this.time.nowMs;
    this.tell("stopped", stop);
    this.tell("settled");
  }

  /** Logs a line of a scheduler. */
  log(scheduler: SchedulerSeen, what: string, level: string = what.startsWith("FAILED") ? "error" : "info"): void {
    const [word, after = ""] = what.split(/(?=,)/);
    this.tell("logged", scheduler, level, `### [${word}] neat-periodic-task: "simulated"${after}`);
  }

  tell<Name extends keyof Watcher>(name: Name, ...what: Parameters<NonNullable<Watcher[Name]>>): void {
    for (const watcher of this.history.watchers) {
      (watcher[name] as ((...args: typeof what) => void) | undefined)?.(...what);
    }
  }

  /** Lets time pass. */
  async pass(ms: number): Promise<void> {
    await this.time.runUntil(this.time.nowMs + ms, () => true);
  }
}
