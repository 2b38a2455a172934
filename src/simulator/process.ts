/**
 * A simulated process.
 *
 * @module
 */
import type { Clock } from "../time/clock.ts";
import { MAX_TIMER_MS } from "../time/delay.ts";
import type { Machine } from "./machine.ts";
import type { Network } from "./network.ts";
import type { SimulatedHost } from "./simulated_host.ts";
import type { StoreClock } from "./store_clock.ts";
import type { ScheduledEvent, VirtualClock } from "./virtual_clock.ts";

interface Timer {
  /** When it is due, by the machine's monotonic clock. */
  readonly dueMs: number;
  /** Absent once it has fired or is cleared. */
  callback: (() => void) | undefined;
  event: ScheduledEvent | undefined;
}

interface Delivery {
  readonly isTimer: boolean;
  readonly callback: () => void;
}

/** In which order a process that is resumed gets what has come meanwhile. */
export type ResumeOrder = "as it came" | "timers first" | "answers first";

/** What all processes of a simulation share. */
export interface ProcessEnvironment {
  /** The true time. */
  readonly clock: VirtualClock;
  readonly network: Network;
  readonly storeClock: StoreClock;
}

/** One process. While it is paused, its timers and answers are kept; when it is killed, they are dropped. */
export class Process implements SimulatedHost {
  readonly name: string;
  readonly index: number;
  readonly machine: Machine;
  readonly clock: Clock;
  readonly random: () => number;
  /** The scheduler's timers that have not fired. */
  readonly timers: Set<Timer> = new Set();
  isDead = false;
  isPaused = false;
  readonly #environment: ProcessEnvironment;
  #inbox: Delivery[] = [];

  constructor(environment: ProcessEnvironment, machine: Machine) {
    const { clock, codeRandom } = machine;
    this.#environment = environment;
    this.machine = machine;
    this.index = machine.index;
    this.name = `${machine.name}${++machine.processes}`;
    this.random = codeRandom.next;
    this.clock = {
      nowMs: () => Math.floor(clock.wallMs),
      monotonicMs: () => Math.round(clock.monotonicMs),
      setTimer: (callback, delayMs) => this.#setTimer(callback, delayMs, true),
      clearTimer: (timer) => this.#clearTimer(timer as Timer | undefined),
      random: this.random,
    };
  }

  /** The machine's wall clock. */
  nowMs(): number {
    return this.clock.nowMs();
  }

  /** The store's clock. */
  storeTimeMs(): number {
    return this.#environment.storeClock.nowMs;
  }

  /** Waits, as a task does with a timer. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const fire = (): void => {
        signal?.removeEventListener("abort", abort);
        resolve();
      };
      const timer = this.#setTimer(fire, delayMs, false);
      const abort = (): void => {
        this.#clearTimer(timer);
        reject(signal!.reason);
      };
      signal?.addEventListener("abort", abort, { once: true });
    });
  }

  /** Calls a server over the network. */
  call<T>(effect: () => T | Promise<T>, signal?: AbortSignal): Promise<T> {
    return this.#environment.network.call(this, effect, signal);
  }

  /** The true time at which the last of the scheduler's timers fires. */
  get lastTimerMs(): number {
    let lastMs = this.#environment.clock.elapsedMs;
    for (const { event } of this.timers) lastMs = Math.max(lastMs, event?.atMs ?? 0);
    return lastMs;
  }

  /** Calls back now, when the process is resumed, or never. */
  deliver(callback: () => void, isTimer = false): void {
    if (this.isDead) return;
    if (this.isPaused) this.#inbox.push({ isTimer, callback });
    else callback();
  }

  /** SIGKILL. */
  kill(): void {
    this.isDead = true;
    this.#inbox = [];
  }

  /** SIGSTOP. */
  pause(): void {
    this.isPaused = true;
  }

  /** SIGCONT: what has come meanwhile is delivered immediately, one after another. */
  resume(order: ResumeOrder): void {
    this.isPaused = false;
    const inbox = this.#inbox;
    this.#inbox = [];
    if (order === "timers first") inbox.sort((one, other) => Number(other.isTimer) - Number(one.isTimer));
    if (order === "answers first") inbox.sort((one, other) => Number(one.isTimer) - Number(other.isTimer));
    for (const { callback, isTimer } of inbox) {
      this.#environment.clock.after(0, () => this.deliver(callback, isTimer));
    }
  }

  #setTimer(callback: () => void, delayMs: number, isOfScheduler: boolean): Timer {
    const { clock, timerRandom, traits } = this.machine;
    const waitMs = Math.min(Math.max(1, Math.floor(delayMs)), MAX_TIMER_MS);
    const timer: Timer = { dueMs: clock.monotonicMs + waitMs, callback: undefined, event: undefined };
    const schedule = (): void => {
      const leftMs = (timer.dueMs - clock.monotonicMs) / clock.rate;
      timer.event = this.#environment.clock.after(leftMs + traits.lagMs * timerRandom.next(), fire);
    };
    const fire = (): void => {
      this.deliver(() => {
        if (!timer.callback) return;
        // the monotonic clock stood still while the machine was suspended
        if (clock.monotonicMs < timer.dueMs - 0.001) return schedule();
        timer.callback();
      }, true);
    };
    timer.callback = (): void => {
      this.timers.delete(timer);
      timer.callback = undefined;
      callback();
    };
    if (isOfScheduler) this.timers.add(timer);
    schedule();
    return timer;
  }

  #clearTimer(timer: Timer | undefined): void {
    if (!timer?.event) return;
    this.timers.delete(timer);
    timer.callback = undefined;
    this.#environment.clock.cancel(timer.event);
  }
}
