/**
 * One replica of a simulation.
 *
 * @module
 */
import { longestWaitMs } from "./due_time_settings.ts";
import type { Environment } from "./environment.ts";
import { Machine } from "./machine.ts";
import type { ObservedRun, ObservedWrite, Observer } from "./observations.ts";
import type { ReplicaPlan } from "./plan.ts";
import { Process } from "./process.ts";
import type { FaultMoment, ReplicaFault, StopMode } from "./replica_faults.ts";
import type { SchedulerSettings } from "./scheduler_settings.ts";
import { type ReplicaCode, startDartReplica, type StartedScheduler, startScheduler } from "./start_scheduler.ts";
import { stopScheduler } from "./stop_scheduler.ts";

/** Starts the processes of one machine, injects the faults of its plan, and restarts what was stopped or killed. */
export class Replica implements Observer {
  readonly machine: Machine;
  readonly #environment: Environment;
  readonly #plan: ReplicaPlan;
  readonly #code: ReplicaCode;
  /** Faults whose time has come and which wait for their moment. */
  readonly #waiting: ReplicaFault[] = [];
  #scheduler: StartedScheduler | undefined;

  constructor(environment: Environment, plan: ReplicaPlan, code: ReplicaCode) {
    const { clock, plan: { seed } } = environment;
    this.#environment = environment;
    this.#plan = plan;
    this.#code = code;
    this.machine = new Machine(clock, seed, plan);
    clock.at(plan.startMs, () => this.#start());
    for (const fault of plan.faults) {
      const isNow = fault.moment === "now";
      clock.at(fault.atMs, () => isNow ? this.#schedule(fault) : void this.#waiting.push(fault));
    }
    if (plan.deployMs < Infinity) clock.at(plan.deployMs, () => this.#deploy());
  }

  writeSent(write: ObservedWrite): void {
    if (write.scheduler !== this.#scheduler?.observed) return;
    if (write.kind === "claim") this.#reach("claiming");
    if (write.kind === "outcome") this.#reach("recording");
  }

  runStarted(run: ObservedRun): void {
    if (run.scheduler === this.#scheduler?.observed) this.#reach("running");
  }

  /** Stops its scheduler, at the end of the simulation. */
  async stop(mode: StopMode): Promise<void> {
    if (this.#scheduler) await stopScheduler(this.#environment, this.#scheduler, mode);
  }

  /** The present settings. */
  get #settings(): SchedulerSettings {
    const { nowMs, plan } = this.#environment;
    return nowMs >= this.#plan.deployMs ? plan.settingsAfterDeploy : plan.settings;
  }

  /** Starts a process, unless there is one. */
  #start(): void {
    const environment = this.#environment;
    if (this.#scheduler || environment.isEnding) return;
    this.machine.endPauses(environment.clock.elapsedMs);
    const process = new Process(environment, this.machine);
    const { isDart, throwsInListeners } = this.#plan;
    const start = isDart ? startDartReplica : startScheduler;
    environment.trace.add(process, "starts");
    this.#scheduler = start(environment, this.#code, { process, settings: this.#settings, throwsInListeners });
  }

  #reach(moment: FaultMoment): void {
    for (const fault of this.#waiting.filter((waiting) => waiting.moment === moment)) {
      this.#waiting.splice(this.#waiting.indexOf(fault), 1);
      this.#schedule(fault);
    }
  }

  #schedule(fault: ReplicaFault): void {
    this.#environment.clock.after(fault.delayMs, () => {
      if (this.#scheduler && !this.#environment.isEnding) this.#inject(fault, this.#scheduler);
    });
  }

  #inject(fault: ReplicaFault, scheduler: StartedScheduler): void {
    const { name, lengthMs, jumpMs } = fault;
    const { process } = scheduler.observed;
    if (process.isPaused && name !== "kill" && name !== "clockJump") return;
    const { stats, trace } = this.#environment;
    stats.countFault(name);
    trace.add(process, name, name === "clockJump" ? `${jumpMs} ms` : `${Math.round(lengthMs)} ms`);
    if (name === "pause" || name === "suspend") this.#pause(fault, scheduler);
    else if (name === "kill") this.#kill(lengthMs, scheduler);
    else if (name === "stop") void this.#restart(fault.stopMode, lengthMs, scheduler);
    else if (name === "trigger") scheduler.trigger();
    else if (name === "clockJump") this.#jump(jumpMs, scheduler);
    else this.#partition(fault, process);
  }

  #pause({ name, lengthMs, resumeOrder }: ReplicaFault, { observed }: StartedScheduler): void {
    const { clock, trace } = this.#environment;
    const { process, settings } = observed;
    const isSuspend = name === "suspend";
    const pause = { fromMs: clock.elapsedMs, toMs: Infinity, isSuspend };
    this.machine.pauses.push(pause);
    process.pause();
    if (isSuspend) this.machine.clock.suspend();
    clock.after(lengthMs, () => {
      if (process.isDead) return;
      pause.toMs = clock.elapsedMs;
      this.machine.clock.resume();
      observed.undisturbedMs = clock.elapsedMs + (isSuspend ? 1.1 * longestWaitMs(settings) : 0);
      trace.add(process, "resumed");
      process.resume(resumeOrder);
    });
  }

  #jump(byMs: number, { observed }: StartedScheduler): void {
    this.machine.clock.jump(byMs);
    // its timer was set by the clock as it was before
    observed.undisturbedMs = this.#environment.nowMs + 1.1 * longestWaitMs(observed.settings);
  }

  #partition({ outageMode, lengthMs }: ReplicaFault, process: Process): void {
    const { clock, trace } = this.#environment;
    this.machine.partition = outageMode;
    clock.after(lengthMs, () => {
      this.machine.partition = undefined;
      trace.add(process, "partition ends");
      this.#environment.endOutage(this.machine);
    });
  }

  #kill(absentMs: number, { observed }: StartedScheduler): void {
    observed.process.kill();
    this.#environment.history.notify("killed", observed);
    this.#scheduler = undefined;
    this.#environment.clock.after(absentMs, () => this.#start());
  }

  /** Stops the scheduler and, some time after that, starts another process. */
  async #restart(mode: StopMode, absentMs: number, scheduler: StartedScheduler): Promise<void> {
    await stopScheduler(this.#environment, scheduler, mode);
    this.#environment.clock.after(absentMs, () => {
      if (this.#scheduler !== scheduler || this.#environment.isEnding) return;
      scheduler.observed.process.kill();
      this.#scheduler = undefined;
      this.#start();
    });
  }

  #deploy(): void {
    const scheduler = this.#scheduler;
    if (!scheduler) return;
    const { stats, trace } = this.#environment;
    stats.countFault("deploy");
    trace.add(scheduler.observed.process, "deploy");
    void this.#restart("wait", 100, scheduler);
  }
}
