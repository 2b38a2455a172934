// Stands in for @std/testing/time: the same class with the same behaviour over the fake Date of @sinonjs/fake-timers.
// Sinon's own timers differ: timers longer than 2^31 - 1 ms fire after 1 ms, timers of 0 ms that are set while another fires are
// 1 ms late, and an error in one does not stop the clock.

import { type Clock, createClock } from "@sinonjs/fake-timers";
import type { DelayOptions } from "./async.ts";
import { TimerQueue } from "./timer_queue.ts";

export type { DelayOptions };

type Callback = (...args: unknown[]) => unknown;

export interface FakeTimeOptions {
  /** How many ms fake time advances by itself with each real one; 0 if absent. */
  advanceRate: number;
  /** The real ms between two such advances; 10 if absent. */
  advanceFrequency?: number;
}

export class TimeError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "TimeError";
  }
}

const { Date: RealDate, setTimeout, clearTimeout, setInterval, clearInterval } = globalThis;
const REAL_GLOBALS = { Date: RealDate, setTimeout, clearTimeout, setInterval, clearInterval };
const realSignalTimeout = AbortSignal.timeout;

let active: FakeTime | undefined;

function startTime(start: number | string | Date | null | undefined): number {
  const time = typeof start === "number" ? Math.floor(start) : new RealDate(start ?? RealDate.now()).getTime();
  if (Number.isNaN(time)) throw new TypeError(`Cannot construct FakeTime: invalid start time ${time}`);
  return time;
}

function restoreGlobals(): void {
  Object.assign(globalThis, REAL_GLOBALS);
  AbortSignal.timeout = realSignalTimeout;
}

export class FakeTime {
  readonly #start: number;
  readonly #clock: Clock;
  readonly #timers = new TimerQueue();
  readonly #advancing: ReturnType<typeof setInterval> | undefined;

  constructor(start?: number | string | Date | null, options?: FakeTimeOptions) {
    if (active) throw new TimeError("Cannot construct FakeTime: time is already faked");
    this.#start = startTime(start);
    this.#clock = createClock(this.#start);
    this.#fakeGlobals();
    active = this;
    const rate = Math.max(0, options?.advanceRate ?? 0);
    const frequency = Math.max(0, options?.advanceFrequency ?? 10);
    if (rate > 0) this.#advancing = setInterval(() => this.tick(rate * frequency), frequency);
  }

  #fakeGlobals(): void {
    const clear = (id?: unknown): void => this.#timers.delete(id);
    Object.assign(globalThis, {
      Date: this.#clock.Date,
      setTimeout: (callback: unknown, delay = 0, ...args: unknown[]): number =>
        this.#set("setTimeout", callback, Math.max(0, Math.floor(delay)), args),
      setInterval: (callback: unknown, delay = 0, ...args: unknown[]): number =>
        this.#set("setInterval", callback, Math.max(1, Math.floor(delay)), args),
      clearTimeout: clear,
      clearInterval: clear,
    });
    AbortSignal.timeout = (delay: number): AbortSignal => {
      const aborter = new AbortController();
      const abort = (): void => aborter.abort(new DOMException("Signal timed out.", "TimeoutError"));
      this.#set("setTimeout", abort, Math.max(0, Math.floor(delay)), []);
      return aborter.signal;
    };
  }

  #set(method: "setTimeout" | "setInterval", callback: unknown, delay: number, args: unknown[]): number {
    if (typeof callback !== "function") {
      throw new TimeError(`FakeTime does not support non-function callbacks to ${method}`);
    }
    return this.#timers.add({
      due: this.now + delay,
      callback: () => (callback as Callback).apply(null, args),
      ...(method === "setInterval" ? { interval: delay } : {}),
    });
  }

  static restore(): void {
    if (!active) throw new TimeError("Cannot restore time: time is already restored");
    active.restore();
  }

  static async restoreFor<T, A extends unknown[]>(
    callback: (...args: A) => Promise<T> | T,
    ...args: A
  ): Promise<T> {
    const time = active;
    if (!time) throw new TimeError("Cannot restore time: time is not faked");
    restoreGlobals();
    let result: Promise<T> | T;
    try {
      result = callback.apply(null, args);
    } catch (error) {
      time.#fakeGlobals();
      throw error;
    }
    // only a promise keeps time real until it settles
    if (!(result instanceof Promise)) {
      time.#fakeGlobals();
      return result;
    }
    return await result.finally(() => time.#fakeGlobals());
  }

  get start(): number {
    return this.#start;
  }

  get now(): number {
    return this.#clock.now;
  }

  set now(value: number) {
    if (value < this.now) {
      throw new RangeError(
        `Cannot set current time in the past, time must be >= ${this.now}: received ${value}`,
      );
    }
    for (let timer = this.#timers.next(value); timer; timer = this.#timers.next(value)) {
      this.#clock.setSystemTime(timer.due);
      this.#timers.advance(timer);
      timer.callback();
    }
    this.#clock.setSystemTime(value);
  }

  async delay(ms: number, { signal }: DelayOptions = {}): Promise<void> {
    const aborted = (): DOMException => new DOMException("Delay was aborted.", "AbortError");
    if (signal?.aborted) throw aborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    const abort = (): void => {
      clearTimeout(timer);
      reject(aborted());
    };
    signal?.addEventListener("abort", abort, { once: true });
    await promise.finally(() => signal?.removeEventListener("abort", abort));
  }

  async runMicrotasks(): Promise<void> {
    await this.delay(0);
  }

  tick(ms = 0): void {
    this.now += ms;
  }

  async tickAsync(ms = 0): Promise<void> {
    await this.runMicrotasks();
    this.tick(ms);
  }

  next(): boolean {
    const timer = this.#timers.next(Infinity);
    if (timer) this.now = timer.due;
    return timer !== undefined;
  }

  async nextAsync(): Promise<boolean> {
    await this.runMicrotasks();
    return this.next();
  }

  runAll(): void {
    while (this.next());
  }

  async runAllAsync(): Promise<void> {
    while (!this.#timers.isEmpty) await this.nextAsync();
  }

  restore(): void {
    if (!active) throw new TimeError("Cannot restore time: time is already restored");
    active = undefined;
    restoreGlobals();
    clearInterval(this.#advancing);
  }

  [Symbol.dispose](): void {
    this.restore();
  }
}
