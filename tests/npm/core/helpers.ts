import {
  type IntervalTaskOptions,
  type Logger,
  MemoryStore,
  NeatPeriodicTaskScheduler,
  type Run,
  type StatusStore,
} from "@neat/periodic-task";

const LIMIT_MS = 30_000;

/** Resolves after a delay. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Resolves once a condition holds, and rejects if it does not hold within half a minute. */
export async function waitFor(description: string, condition: () => unknown): Promise<void> {
  for (const endMs = Date.now() + LIMIT_MS; !(await condition()); await sleep(5)) {
    if (Date.now() > endMs) throw new Error(`Timed out while waiting for ${description}`);
  }
}

/** Returns a promise and its `resolve()`: `Promise.withResolvers()` for Node 20. */
export function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => {};
  const promise = new Promise<void>((settle) => resolve = settle);
  return { promise, resolve };
}

/** Keeps log lines as `level message`, with the error of warnings and errors. */
class RecordingLogger implements Logger {
  readonly lines: string[] = [];

  info(message: string): void {
    this.lines.push(`info ${message}`);
  }

  warn(message: string, error?: unknown): void {
    this.lines.push(`warn ${message}: ${error}`);
  }

  error(message: string, error?: unknown): void {
    this.lines.push(`error ${message}: ${error}`);
  }

  /** The lines without the part that the four lines of the interface share. */
  get shortLines(): string[] {
    return this.lines.map((line) => line.replace(/### | neat-periodic-task: "task"/g, ""));
  }

  /** The four lines of the interface alone, without advice to the user. */
  get interfaceLines(): string[] {
    return this.shortLines.filter((line) => /\[(ALIVE|START|FINISHED|FAILED)\]/.test(line));
  }
}

/** Creates a scheduler whose task runs at once and then in an hour, unless the options differ. */
export function create(
  options: Partial<IntervalTaskOptions> = {},
): { scheduler: NeatPeriodicTaskScheduler; log: RecordingLogger } {
  const log = new RecordingLogger();
  const scheduler = new NeatPeriodicTaskScheduler({
    name: "task",
    interval: { hours: 1 },
    timeout: { minutes: 1 },
    task: () => {},
    log,
    ...options,
  });
  return { scheduler, log };
}

/** A task that rejects with its signal's reason once it is aborted. */
export function untilAborted({ signal }: Run): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));
}

/** Returns a store in memory that calls a function before each write, with the number of writes so far. */
export function storeWith(beforeWrite: (count: number) => unknown): StatusStore {
  const inner = new MemoryStore();
  let count = 0;
  return {
    read: (key, options) => inner.read(key, options),
    write: async (key, value, version, options) => {
      await beforeWrite(++count);
      return await inner.write(key, value, version, options);
    },
  };
}
