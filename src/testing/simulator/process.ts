/**
 * One process of a replica: what it waits for reaches it as long as it lives, and late while it is paused.
 *
 * @module
 */
import type { Clock } from "../../clock.ts";
import { MAX_TIMER_MS } from "../../limits.ts";
import type { SimulatedHost } from "./host.ts";
import type { Machine } from "./machine.ts";
import type { Network } from "./network.ts";
import type { StoreClock } from "./store_clock.ts";
import type { TimedEvent, VirtualTime } from "./virtual_time.ts";

interface Timer {
  readonly dueMs: number;
  callback: (() => void) | undefined;
  event: TimedEvent | undefined;
}

interface Delivery {
  readonly isTimer: boolean;
  readonly callback: () => void;
}

/** One process. */
export class Process implements SimulatedHost {
  readonly name: string;
  readonly index: number;
  readonly machine: Machine;
  readonly clock: Clock;
  readonly random: () => number;
  /** The timers of the scheduler that have not fired. */
  readonly timers: Set<unknown> = new Set();
  isDead = false;
  isPaused = false;
  readonly #time: VirtualTime;
  readonly #network: Network;
  readonly #storeClock: StoreClock;
  #inbox: Delivery[] = [];

  constructor(time: VirtualTime, network: Network, machine: Machine, storeClock: StoreClock) {
    const { clock, codeChance } = machine;
    this.#time = time;
    this.#network = network;
    this.#storeClock = storeClock;
    this.machine = machine;
    this.index = machine.index;
    this.name = `${machine.name}${++machine.generations}`;
    this.random = codeChance.next;
    this.clock = {
      nowMs: () => Math.floor(clock.wallMs),
      monotonicMs: () => Math.round(clock.monotonicMs),
      setTimer: (callback, delayMs) => this.#setTimer(callback, delayMs, true),
      clearTimer: (timer) => this.#clearTimer(timer as Timer | undefined),
      random: this.random,
    };
  }

  /** The present by the machine's wall clock. */
  nowMs(): number {
    return this.clock.nowMs();
  }

  /** The present by the store's clock. */
  storeTimeMs(): number {
    return this.#storeClock.nowMs;
  }

  /** Waits, as a task would with a timer. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const timer = this.#setTimer(
        () => {
          signal?.removeEventListener("abort", abort);
          resolve();
        },
        delayMs,
        false,
      );
      const abort = (): void => {
        this.#clearTimer(timer);
        reject(signal!.reason);
      };
      signal?.addEventListener("abort", abort, { once: true });
    });
  }

  /** A call to a server, over the network and its faults. */
  call<T>(effect: () => T | Promise<T>, signal?: AbortSignal): Promise<T> {
    return this.#network.call(this, effect, signal);
  }

  /** When the last of the scheduler's timers fires, by the true time. */
  get lastTimerMs(): number {
    let lastMs = this.#time.nowMs;
    for (const { event } of this.timers as Set<Timer>) lastMs = Math.max(lastMs, event!.atMs);
    return lastMs;
  }

  /** Lets something reach the process: now, when it is resumed, or never. */
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

  /** SIGCONT: what has gathered comes at once, one after another. */
  resume(order: "as it came" | "timers first" | "answers first"): void {
    this.isPaused = false;
    const inbox = this.#inbox;
    this.#inbox = [];
    if (order !== "as it came") {
      inbox.sort((one, other) => Number(other.isTimer) - Number(one.isTimer));
      if (order === "answers first") inbox.sort((one, other) => Number(one.isTimer) - Number(other.isTimer));
    }
    for (const { callback, isTimer } of inbox) {
      this.#time.after(0, () => this.deliver(callback, isTimer));
    }
  }

  #setTimer(callback: () => void, delayMs: number, isOwn: boolean): Timer {
    const { clock, timerChance, traits } = this.machine;
    const waitMs = Math.min(Math.max(1, Math.floor(delayMs)), MAX_TIMER_MS);
    const timer: Timer = { dueMs: clock.monotonicMs + waitMs, callback: undefined, event: undefined };
    const arm = (): void => {
      const leftMs = (timer.dueMs - clock.monotonicMs) / clock.rate;
      timer.event = this.#time.after(leftMs + traits.lagMs * timerChance.next(), fire);
    };
    const fire = (): void => {
      this.deliver(() => {
        if (!timer.callback) return;
        // the machine has slept, and its monotonic clock with it
        if (clock.monotonicMs < timer.dueMs - 0.001) return arm();
        timer.callback();
      }, true);
    };
    timer.callback = (): void => {
      this.timers.delete(timer);
      timer.callback = undefined;
      callback();
    };
    if (isOwn) this.timers.add(timer);
    arm();
    return timer;
  }

  #clearTimer(timer: Timer | undefined): void {
    if (!timer?.event) return;
    this.timers.delete(timer);
    timer.callback = timer.event.callback = undefined;
  }
}
