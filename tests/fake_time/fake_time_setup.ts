import type {
  IntervalTaskOptions,
  NeatPeriodicTaskOptions,
  NeatPeriodicTaskScheduler,
  StatusEntry,
  StatusStore,
} from "../../mod.ts";
import type { Fake } from "./fake.ts";

/** The setup of one sentence of the specification: fake time, schedulers, and the lines that they log. */
export class FakeTimeSetup {
  readonly #fake: Fake;
  readonly #Scheduler: typeof NeatPeriodicTaskScheduler;
  readonly #startMs = Date.now();
  readonly #schedulers: NeatPeriodicTaskScheduler[] = [];
  /** When, at which level, and what was logged, with the error's name. */
  readonly lines: string[] = [];

  constructor(fake: Fake, Scheduler: typeof NeatPeriodicTaskScheduler) {
    this.#fake = fake;
    this.#Scheduler = Scheduler;
  }

  /** The seconds that have passed. */
  get seconds(): number {
    return (Date.now() - this.#startMs) / 1_000;
  }

  /** How many seconds after the start a time lies. */
  secondsOf(time: Date | undefined): number {
    return time ? (time.getTime() - this.#startMs) / 1_000 : NaN;
  }

  /** Those of the lines that were logged at one of these levels. */
  linesOf(...levels: string[]): string[] {
    return this.lines.filter((line) => levels.includes(line.split(" ")[1]!));
  }

  /** Makes a scheduler. */
  scheduler(
    options: Pick<NeatPeriodicTaskOptions, "task"> & Partial<IntervalTaskOptions>,
  ): NeatPeriodicTaskScheduler {
    const logged = (level: string) => (message: string, error?: unknown): void => {
      // not instanceof: under Jest, a DOMException is none of the globals' own
      const thrown = (error as Partial<Error> | undefined)?.name;
      this.lines.push(`${this.seconds} ${level} ${message}${thrown ? ` ${thrown}` : ""}`);
    };
    const scheduler = new this.#Scheduler({
      name: "task",
      interval: { minutes: 2 },
      timeout: { seconds: 20 },
      log: { debug: () => {}, info: logged("info"), warn: logged("warn"), error: logged("error") },
      ...options,
    });
    this.#schedulers.push(scheduler);
    return scheduler;
  }

  /** A store as a test may have it in place of a real one: it answers at once, but asynchronously by way of a few functions. */
  store(): StatusStore {
    const entries = new Map<string, StatusEntry>();
    const onTheWay = async (turns = 5): Promise<void> => {
      if (turns > 0) await onTheWay(turns - 1);
    };
    return {
      read: async (key) => {
        await onTheWay();
        return entries.get(key) ?? null;
      },
      write: async (key, value, version) => {
        await onTheWay();
        if ((entries.get(key)?.version ?? null) !== version) return null;
        const entry = { value, version: `${Number(version) + 1}` };
        entries.set(key, entry);
        return entry.version;
      },
    };
  }

  /** Ends what a sentence that does not hold has left behind, without waiting for it. */
  clear(): void {
    for (const scheduler of this.#schedulers) scheduler.stop({ abort: true });
  }

  /** A wait as a task may make it. */
  sleep(seconds: number): Promise<void> {
    return new Promise((resolve) => void setTimeout(resolve, seconds * 1_000));
  }

  /** Rejects with the reason of a signal when it aborts. */
  aborted(signal: AbortSignal): Promise<never> {
    return new Promise((_resolve, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
  }

  /** What a promise came to, and when. */
  async settledAt<T>(promise: Promise<T>): Promise<{ at: number; value: T }> {
    const value = await promise;
    return { at: this.seconds, value };
  }

  /** Lets time pass in steps. */
  async pass(seconds: number, step = 1): Promise<void> {
    // what has happened already is finished first
    await this.#fake.advance(0);
    for (let left = seconds; left > 0; left -= step) await this.#fake.advance(Math.min(left, step) * 1_000);
  }

  /** Lets time pass at once. */
  async leap(seconds: number): Promise<void> {
    await this.#fake.advance(0);
    await this.#fake.advance(Math.round(seconds * 1_000));
  }

  /** Lets a little real time pass while faked time stands still. */
  spendRealTime(): void {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
  }

  /** Whether a timer is set. */
  hasTimers(): boolean {
    return this.#fake.hasTimers();
  }
}
