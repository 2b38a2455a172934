/**
 * The life of one replica: processes that start, are troubled, stopped or killed, and start again.
 *
 * @module
 */
import type { Incident, Moment } from "./incident_plan.ts";
import type { Lengths } from "./lengths.ts";
import { Machine } from "./machine.ts";
import type { ReplicaPlan } from "./plan.ts";
import { Process } from "./process.ts";
import type { RunSeen, SchedulerSeen, Watcher, WriteSeen } from "./seen.ts";
import type { World } from "./world.ts";
import { type AnyScheduler, startOriginal, startScheduler } from "./starting.ts";
import { stopScheduler } from "./stopping.ts";

/** One replica. */
export class Life implements Watcher {
  readonly machine: Machine;
  readonly #world: World;
  readonly #plan: ReplicaPlan;
  readonly #armed: Incident[] = [];
  #current: { readonly process: Process; readonly seen: SchedulerSeen; readonly scheduler: AnyScheduler } | undefined;

  constructor(world: World, plan: ReplicaPlan) {
    const { time, plan: { seed } } = world;
    this.#world = world;
    this.#plan = plan;
    this.machine = new Machine(time, seed, plan);
    time.at(plan.startMs, () => this.start());
    for (const incident of plan.incidents) {
      time.at(
        incident.atMs,
        () => incident.moment === "now" ? this.#befall(incident) : void this.#armed.push(incident),
      );
    }
    if (plan.deployMs < Infinity) time.at(plan.deployMs, () => this.#deploy());
  }

  /** The present settings. */
  get lengths(): Lengths {
    const { time, plan } = this.#world;
    return time.nowMs >= this.#plan.deployMs ? plan.laterLengths : plan.lengths;
  }

  /** Starts a process, unless one is there. */
  start(): void {
    if (this.#current || this.#world.isEnding) return;
    const process = new Process(this.#world.time, this.#world.network, this.machine, this.#world.storeClock);
    const starting = this.#plan.isOriginal ? startOriginal : startScheduler;
    this.#world.trace.note(process, "starts");
    this.#current = { process, ...starting(this.#world, process, this.lengths, this.#plan.isRude) };
  }

  sent(write: WriteSeen): void {
    if (write.scheduler !== this.#current?.seen) return;
    if (write.kind === "claim") this.#moment("claiming");
    if (write.kind === "outcome") this.#moment("recording");
  }

  began(run: RunSeen): void {
    if (run.scheduler === this.#current?.seen) this.#moment("running");
  }

  /** Stops what is running, at the end of the world. */
  async end(manner: Incident["manner"]): Promise<void> {
    const current = this.#current;
    if (!current) return;
    await stopScheduler(this.#world, current.seen, current.scheduler, manner);
  }

  #moment(moment: Moment): void {
    for (const incident of this.#armed.filter((armed) => armed.moment === moment)) {
      this.#armed.splice(this.#armed.indexOf(incident), 1);
      this.#befall(incident);
    }
  }

  #befall(incident: Incident): void {
    this.#world.time.after(incident.delayMs, () => {
      if (this.#current && !this.#world.isEnding) this.#suffer(incident);
    });
  }

  #suffer(incident: Incident): void {
    const { process, seen, scheduler } = this.#current!;
    const { time, trace, stats } = this.#world;
    const { kind, lengthMs } = incident;
    const isHeldUp = process.isPaused;
    if (isHeldUp && kind !== "kill" && kind !== "jump") return;
    stats.fault(kind);
    trace.note(process, kind, kind === "jump" ? `${incident.byMs} ms` : `${Math.round(lengthMs)} ms`);
    if (kind === "pause" || kind === "suspend") this.#hold(process, seen, incident);
    else if (kind === "kill") this.#kill(lengthMs);
    else if (kind === "stop") void this.#stop(incident.manner, lengthMs);
    else if (kind === "trigger") scheduler.trigger(seen);
    else if (kind === "jump") {
      this.machine.clock.jump(incident.byMs);
      // its timer was set by the clock as it was
      seen.undisturbedMs = time.nowMs + 1.1 * seen.lengths.intervalMs;
    } else {
      this.machine.cut = incident.mode;
      time.after(lengthMs, () => {
        this.machine.cut = undefined;
        trace.note(process, "partition ends");
        this.#world.storeIsBack(this.machine);
      });
    }
  }

  #hold(process: Process, seen: SchedulerSeen, { kind, lengthMs, order }: Incident): void {
    const { time, trace } = this.#world;
    const isSuspend = kind === "suspend";
    const pause = { fromMs: time.nowMs, toMs: Infinity, isSuspend };
    this.machine.pauses.push(pause);
    process.pause();
    if (isSuspend) this.machine.clock.sleep();
    time.after(lengthMs, () => {
      pause.toMs = time.nowMs;
      this.machine.clock.wake();
      if (process.isDead) return;
      seen.undisturbedMs = time.nowMs + (isSuspend ? 1.1 * seen.lengths.intervalMs : 0);
      trace.note(process, "resumed");
      process.resume(order);
    });
  }

  #kill(absentMs: number): void {
    this.#current!.process.kill();
    this.#world.tell("killed", this.#current!.seen);
    this.#current = undefined;
    this.#world.time.after(absentMs, () => this.start());
  }

  async #stop(manner: Incident["manner"], absentMs: number): Promise<void> {
    const { process, seen, scheduler } = this.#current!;
    await stopScheduler(this.#world, seen, scheduler, manner);
    this.#world.time.after(absentMs, () => {
      if (this.#current?.process !== process || this.#world.isEnding) return;
      process.kill();
      this.#current = undefined;
      this.start();
    });
  }

  #deploy(): void {
    if (!this.#current) return;
    this.#world.stats.fault("deploy");
    this.#world.trace.note(this.#current.process, "deploy");
    void this.#stop("wait", 100);
  }
}
