/**
 * Waits for promises in fake time.
 *
 * @module
 */
import type { FakeTime } from "@std/testing/time";

/** The result of a promise, and how much fake time it took. */
export interface Settled<T> {
  readonly value?: T;
  readonly error?: Error;
  readonly afterMs: number;
}

export interface SettleOptions {
  /** Fake time stands still until this returns true. For calls that read files first. */
  readonly isReady?: () => boolean;
  /** How much fake time passes at once. */
  readonly stepMs?: number;
}

/** How many real turns of the event loop follow a step of fake time. */
const TURNS = 3;

const MAX_MS = 60_000;

/**
 * Lets fake time pass from timer to timer until a promise has settled. For calls in memory.
 *
 * @throws If the promise has not settled and no timer is left.
 */
export async function settle<T>(time: FakeTime, promise: Promise<T>): Promise<Settled<T>> {
  const result = watch(time, promise);
  for (;;) {
    await turns(time);
    if (result.settled) return result.settled;
    if (!time.next()) throw new Error("Cannot settle the promise as no timer is left");
  }
}

/**
 * Lets fake time pass in equal steps until a promise has settled. For calls that also wait for files or the network.
 *
 * @throws If the promise has not settled after a minute.
 */
export async function settleInSteps<T>(
  time: FakeTime,
  promise: T | Promise<T>,
  { isReady = () => true, stepMs = 50 }: SettleOptions = {},
): Promise<Settled<T>> {
  const result = watch(time, Promise.resolve(promise));
  while (!result.settled && !isReady()) await time.runMicrotasks();
  for (let passedMs = 0; passedMs < MAX_MS; passedMs += stepMs) {
    await turns(time);
    if (result.settled) return result.settled;
    time.tick(stepMs);
  }
  throw new Error(`Cannot settle the promise within ${MAX_MS} ms of fake time`);
}

/** The value of a promise, after fake time has passed from timer to timer. */
export async function valueOf<T>(time: FakeTime, promise: Promise<T>): Promise<T> {
  const { value, error } = await settle(time, promise);
  if (error) throw error;
  return value as T;
}

function watch<T>(time: FakeTime, promise: Promise<T>): { settled?: Settled<T> } {
  const startMs = time.now;
  const result: { settled?: Settled<T> } = {};
  promise.then(
    (value) => result.settled = { value, afterMs: time.now - startMs },
    (error) => result.settled = { error, afterMs: time.now - startMs },
  );
  return result;
}

async function turns(time: FakeTime): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) await time.runMicrotasks();
}
