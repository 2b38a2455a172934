/**
 * What all parts of one simulation share.
 *
 * @module
 */
import type { CheckContext } from "./check_context.ts";
import { History } from "./history.ts";
import type { Machine } from "./machine.ts";
import { START_MS } from "./machine_clock.ts";
import { Network } from "./network.ts";
import type { SimulationPlan } from "./plan.ts";
import type { ProcessEnvironment } from "./process.ts";
import { type PromiseName, PROMISES } from "./promises.ts";
import { Stats } from "./stats.ts";
import { StoreClock, type StoreClockUse } from "./store_clock.ts";
import { Trace } from "./trace.ts";
import type { Violation } from "./violation.ts";
import { VirtualClock } from "./virtual_clock.ts";

/** What is known of the store before a simulation starts. */
export interface KnownStore {
  /** Returns what its server holds now; absent if that is not known. */
  readonly source: (() => Uint8Array | null) | undefined;
  /** What its reads show of its clock; absent if that is not known. */
  readonly clockUse: StoreClockUse | undefined;
  /** Whether equal records have equal versions, and records are put back. */
  readonly sharesVersions: boolean;
}

/** The clock, the network, the history and the findings of one simulation. */
export class Environment implements CheckContext, ProcessEnvironment {
  readonly plan: SimulationPlan;
  readonly clock: VirtualClock = new VirtualClock({ startMs: START_MS });
  readonly stats: Stats = new Stats();
  readonly trace: Trace = new Trace(this.clock);
  readonly history: History;
  readonly network: Network;
  readonly storeClock: StoreClock;
  readonly sharesVersions: boolean;
  readonly violations: Violation[] = [];
  /** Whether the simulation is about to end: no process is started and no fault injected any more. */
  isEnding = false;

  constructor(plan: SimulationPlan, { source, clockUse, sharesVersions }: KnownStore) {
    this.plan = plan;
    this.sharesVersions = sharesVersions;
    this.history = new History(this.clock, this.stats, this.trace, source);
    this.network = new Network(this.clock, plan.network, this.stats);
    this.storeClock = new StoreClock(this.clock, plan.store.clockOffsetMs, clockUse);
  }

  /** The true time, in milliseconds since the start. */
  get nowMs(): number {
    return this.clock.elapsedMs;
  }

  /** Whether the calls of a machine fail now. */
  isCutOff(machine: Machine): boolean {
    return (this.network.outage ?? machine.partition) !== undefined;
  }

  /** Notes that the calls of a machine, or of all, reach the servers again. */
  endOutage(machine?: Machine): void {
    for (const scheduler of this.history.schedulers) {
      if (!machine || scheduler.process.machine === machine) scheduler.undisturbedMs = this.nowMs;
    }
    this.history.notify("outageEnded", machine);
  }

  /** Counts a check of a promise. */
  checked(promise: PromiseName): void {
    this.stats.countCheck(promise);
  }

  /** Notes a broken promise. The simulation ends after the present step. */
  broken(promise: PromiseName, text: string): void {
    const { steps: step, elapsedMs: atMs } = this.clock;
    this.trace.add(undefined, "BROKEN", `${PROMISES[promise]} ${text}`);
    this.violations.push({ promise, text, step, atMs });
  }
}
