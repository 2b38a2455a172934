/** A simulation without schedulers: tests say what schedulers do, and the fixture keeps what a check finds. */
import { assertEquals } from "@std/assert";
import type { CheckContext } from "../../../src/simulator/check_context.ts";
import { History } from "../../../src/simulator/history.ts";
import { Machine } from "../../../src/simulator/machine.ts";
import { START_MS } from "../../../src/simulator/machine_clock.ts";
import { Network } from "../../../src/simulator/network.ts";
import type {
  ObservedCall,
  ObservedChange,
  ObservedRun,
  ObservedScheduler,
  ObservedStop,
  Observer,
} from "../../../src/simulator/observations.ts";
import { drawPlan, type SimulationPlan } from "../../../src/simulator/plan.ts";
import { Process } from "../../../src/simulator/process.ts";
import type { PromiseName } from "../../../src/simulator/promises.ts";
import { Stats } from "../../../src/simulator/stats.ts";
import type { SchedulerSettings } from "../../../src/simulator/scheduler_settings.ts";
import { StoreClock } from "../../../src/simulator/store_clock.ts";
import { Trace } from "../../../src/simulator/trace.ts";
import { VirtualClock } from "../../../src/simulator/virtual_clock.ts";
import type { StatusEntry } from "../../../src/store/store.ts";
import { RecentRuns } from "../../../src/record/recent_runs.ts";
import { serialiseRecord } from "../../../src/record/serialise.ts";
import type { StatusRecord as Status } from "../../../src/record/status_record.ts";

export const INTERVAL_MS = 60_000;
export const LEASE_MS = 10_000;

/** The class of a check. */
type CheckClass<Check extends Observer> = new (context: CheckContext) => Check;

/** What a test says of the schedulers. */
type Script<Check extends Observer> = (fixture: CheckFixture, check: Check) => void | Promise<void>;

export interface FixtureOptions {
  /** Whether the store has a clock.  @default {false} */
  readonly storeClock?: boolean;
  readonly maxAbandoned?: number;
  /** Settings that differ from those of all tests. */
  readonly settings?: Partial<SchedulerSettings>;
}

/** Tests that a check reports these promises as broken. */
export function finds<Check extends Observer>(
  check: CheckClass<Check>,
  what: string,
  promises: readonly PromiseName[],
  script: Script<Check>,
  options?: FixtureOptions,
): void {
  testCheck(`${check.name} finds ${what}`, check, promises, script, options);
}

/** Tests that a check reports nothing. */
export function accepts<Check extends Observer>(
  check: CheckClass<Check>,
  what: string,
  script: Script<Check>,
  options?: FixtureOptions,
): void {
  testCheck(`${check.name} accepts ${what}`, check, [], script, options);
}

function testCheck<Check extends Observer>(
  name: string,
  checkClass: CheckClass<Check>,
  promises: readonly PromiseName[],
  script: Script<Check>,
  options?: FixtureOptions,
): void {
  Deno.test(name, async () => {
    const fixture = new CheckFixture(options);
    const check = new checkClass(fixture);
    fixture.history.observers.push(check);
    await script(fixture, check);
    assertEquals(fixture.found, promises);
  });
}

const IDLE: Status = {
  state: "idle",
  startedMs: START_MS,
  owner: "-",
  term: 0,
  failures: 0,
  standbys: [],
  recent: RecentRuns.NONE,
};
let records = 0;

/** A record with a write id of its own. */
export function record(fields: Partial<Status>): Uint8Array {
  return serialiseRecord({ ...IDLE, write: `write-${++records}`, ...fields });
}

export class CheckFixture implements CheckContext {
  readonly plan: SimulationPlan;
  readonly clock: VirtualClock = new VirtualClock();
  readonly stats: Stats = new Stats();
  readonly history: History;
  readonly storeClock: StoreClock;
  readonly sharesVersions = false;
  /** The promises that were reported as broken. */
  readonly found: PromiseName[] = [];
  /** Whether all calls fail. */
  isOut = false;
  readonly #machines: readonly Machine[];

  constructor({ storeClock = false, maxAbandoned = 3, ...options }: FixtureOptions = {}) {
    const settings = {
      intervalMs: INTERVAL_MS,
      timeoutMs: LEASE_MS,
      leaseMs: LEASE_MS,
      heartbeatIntervalMs: undefined,
      minCycleMs: 10_000,
      maxCycleMs: 10_800_000,
      retryDelayMs: LEASE_MS,
      clockToleranceMs: 5_000,
      maxAbandoned,
      ...options.settings,
    };
    const planOptions = {
      seed: 1,
      kind: "quiet",
      replicas: 3,
      intervals: 10,
      faults: new Set<never>(),
      settings,
    } as const;
    this.plan = drawPlan(planOptions);
    this.storeClock = new StoreClock(this.clock, 0, storeClock ? "known" : "none");
    this.history = new History(this.clock, this.stats, new Trace(this.clock), () => this.history.value);
    this.#machines = this.plan.replicas.map((replica) => new Machine(this.clock, 1, replica));
  }

  get nowMs(): number {
    return this.clock.elapsedMs;
  }

  checked(): void {}

  broken(promise: PromiseName): void {
    if (!this.found.includes(promise)) this.found.push(promise);
  }

  isCutOff(): boolean {
    return this.isOut;
  }

  /** Starts a scheduler on a machine. */
  scheduler(index = 0): ObservedScheduler {
    const { clock, storeClock } = this;
    const network = new Network(clock, this.plan.network, this.stats);
    const machine = this.#machines[index];
    if (!machine) throw new Error(`Cannot start a scheduler: current value of its index is ${index}`);
    const scheduler: ObservedScheduler = {
      process: new Process({ clock, network, storeClock }, machine),
      settings: this.plan.settings,
      isDart: false,
      startedMs: this.nowMs,
      known: undefined,
      storeTimeReadMs: undefined,
      firstRead: undefined,
      storeTimeLagMs: 0,
      hasUnknownWrite: false,
      unconfirmedMs: -1,
      standbyId: undefined,
      undisturbedMs: this.nowMs,
      stopCalledMs: undefined,
      triggers: new Set(),
      triggeredMs: -Infinity,
      unsettledRuns: new Set(),
      lastClaim: undefined,
    };
    this.history.schedulers.push(scheduler);
    return scheduler;
  }

  /** Sends a write. */
  send(scheduler: ObservedScheduler, value: Uint8Array): ObservedCall {
    return this.history.callSent(scheduler, "write", value, undefined);
  }

  /** Sends a read. */
  sendRead(scheduler: ObservedScheduler): ObservedCall {
    return this.history.callSent(scheduler, "read", undefined, undefined);
  }

  /** Sends a read and answers it. */
  read(scheduler: ObservedScheduler, entry: StatusEntry | null): void {
    this.history.readAnswered(this.sendRead(scheduler), entry);
  }

  /** Sends a write, carries it out and answers it. */
  write(scheduler: ObservedScheduler, fields: Partial<Status>, version = `v${records}`): ObservedCall {
    const value = record(fields);
    const call = this.send(scheduler, value);
    this.history.setValue(value);
    this.history.callEnded(call, false);
    this.history.writeAnswered(call, version, `${version}+`);
    return call;
  }

  /** Puts a record there that no scheduler has written. */
  put(fields: Partial<Status>): void {
    this.history.setValue(record(fields));
  }

  /** Settles a change of an operator. */
  settle(kind: ObservedChange["kind"], isDone: boolean): void {
    const change: ObservedChange = { kind, calledMs: this.nowMs, isDone: undefined };
    this.notify("changeCalled", change);
    change.isDone = isDone;
    this.notify("changeSettled", change);
  }

  /** Writes a claim. */
  claim(scheduler: ObservedScheduler, term: number, fields: Partial<Status> = {}): ObservedCall {
    const startedMs = START_MS + this.nowMs;
    const owner = `owner-${term}`;
    const claim = { state: "running", startedMs, scheduledMs: startedMs, owner, term, leaseMs: LEASE_MS } as const;
    return this.write(scheduler, { ...claim, ...fields });
  }

  /** Starts the run of a claim. */
  run(scheduler: ObservedScheduler, term: number, owner = `owner-${term}`): ObservedRun {
    const claim = this.history.claims.get(owner);
    const run: ObservedRun = {
      number: this.history.runs.length + 1,
      scheduler,
      run: { term, owner },
      claim,
      startedMs: this.nowMs,
      leaseStartMs: claim?.sentMs ?? 0,
      abortedMs: undefined,
      abortedBy: undefined,
      endedMs: undefined,
      threw: false,
      reports: [],
      supersededMs: undefined,
    };
    this.history.runs.push(run);
    if (claim) claim.run ??= run;
    scheduler.unsettledRuns.add(run);
    this.notify("runStarted", run);
    return run;
  }

  /** Ends a run, or aborts it. */
  end(run: ObservedRun, abortedBy?: string): void {
    if (abortedBy) {
      run.abortedMs = this.nowMs;
      run.abortedBy = abortedBy;
      return this.notify("runAborted", run);
    }
    run.endedMs = this.nowMs;
    run.scheduler.unsettledRuns.delete(run);
    this.notify("runEnded", run);
  }

  /** Calls `stop()` of a scheduler. */
  stop(scheduler: ObservedScheduler, timeoutMs?: number): ObservedStop {
    const stop: ObservedStop = {
      scheduler,
      mode: "wait",
      calledMs: this.nowMs,
      timeoutMs,
      resolvedMs: undefined,
      result: undefined,
    };
    scheduler.stopCalledMs = this.nowMs;
    this.notify("stopCalled", stop);
    return stop;
  }

  /** Resolves a call of `stop()`. */
  resolve(stop: ObservedStop, clean = true, abandoned = 0): void {
    stop.result = { clean, abandoned };
    stop.resolvedMs = this.nowMs;
    this.notify("stopResolved", stop);
    this.notify("stepDone");
  }

  /** Logs a line of a scheduler. */
  log(scheduler: ObservedScheduler, what: string, level: string = what.startsWith("FAILED") ? "error" : "info"): void {
    const [word, suffix = ""] = what.split(/(?=,)/);
    this.notify("logged", scheduler, level, `### [${word}] neat-periodic-task: "simulated"${suffix}`);
  }

  /** Calls a method of the check. */
  notify<Name extends keyof Observer>(name: Name, ...args: Parameters<NonNullable<Observer[Name]>>): void {
    this.history.notify(name, ...args);
  }

  /** Advances the time. */
  async advance(ms: number): Promise<void> {
    await this.clock.runUntil(this.nowMs + ms);
  }
}
