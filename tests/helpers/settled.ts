import type { FakeTime } from "@std/testing/time";

/** What a promise came to, and after how much faked time. */
export interface Settled<T> {
  readonly value?: T;
  readonly error?: unknown;
  readonly afterMs: number;
}

export interface SettledOptions {
  /** Faked time stands still before; for what waits for files. */
  readonly isReady?: () => boolean;
  /** How much faked time passes at once. */
  readonly stepMs?: number;
}

/** Real turns in a step. */
const TURNS = 3;

/**
 * Lets faked time pass until a promise has settled.
 *
 * @throws If it has not after a minute.
 */
export async function settled<T>(
  time: FakeTime,
  promise: T | Promise<T>,
  { isReady = () => true, stepMs = 50 }: SettledOptions = {},
): Promise<Settled<T>> {
  const start = Date.now();
  let result: Settled<T> | undefined;
  Promise.resolve(promise).then(
    (value) => result = { value, afterMs: Date.now() - start },
    (error) => result = { error, afterMs: Date.now() - start },
  );
  while (!result && !isReady()) await time.runMicrotasks();
  for (let passed = 0; passed < 60_000; passed += stepMs) {
    for (let turn = 0; turn < TURNS; turn++) await time.runMicrotasks();
    if (result) return result;
    time.tick(stepMs);
  }
  throw new Error("It has not settled after a minute");
}
