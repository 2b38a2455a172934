/**
 * The log lines that people's alerts match, and the way to a logger that can't be harmed by it.
 *
 * @module
 */

/**
 * What a scheduler logs to; the `console` if none is given.
 *
 * The `console` and a logger of `@std/log` fit as they are; pino, LogTape and winston have a short adapter each (see the
 * README). What a logger throws, or rejects with, is dropped: logging never stops a task.
 *
 * @example Keeping the lines
 * ```ts
 * import { type Logger, NeatPeriodicTaskScheduler } from "@neat/periodic-task";
 *
 * const lines: string[] = [];
 * const log: Logger = {
 *   info: (message) => lines.push(message),
 *   warn: (message) => lines.push(message),
 *   error: (message, error) => lines.push(`${message} ${error}`),
 * };
 * await using scheduler = new NeatPeriodicTaskScheduler({
 *   name: "hello",
 *   interval: { hours: 1 },
 *   timeout: { minutes: 1 },
 *   log,
 *   task: () => {},
 * });
 * await scheduler.trigger();
 * console.assert(lines[0] === '### [START] neat-periodic-task: "hello"');
 * console.assert(lines[1] === '### [FINISHED] neat-periodic-task: "hello"');
 * ```
 */
export interface Logger {
  /** Nothing is logged at this level now. */
  debug?(message: string, ...details: unknown[]): unknown;
  /** START, FINISHED and ALIVE. */
  info(message: string, ...details: unknown[]): unknown;
  /** What went wrong beside the task: the store, a listener, a record that can't be used. */
  warn(message: string, ...details: unknown[]): unknown;
  /** FAILED with the task's error, and data of someone else at the task's key. */
  error(message: string, ...details: unknown[]): unknown;
}

/** The levels that are logged at. */
export type Level = "info" | "warn" | "error";

/**
 * Logs a message and, where there is one, an error.
 *
 * @param log Where to; `undefined` is the `console` of the moment.
 * @param level At which level.
 * @param message What.
 * @param details At most one error.
 */
export function say(log: Logger | undefined, level: Level, message: string, ...details: unknown[]): void {
  const target = log ?? console;
  // the console takes a message before further arguments for a format, and a name may hold a %
  const text = target === console && details.length ? message.replaceAll("%", "%%") : message;
  guard(() => target[level](text, ...details));
}

/** Calls what a user gave us; what it throws, or rejects with later, goes to `report` or nowhere. */
export function guard(call: () => unknown, report: (error: unknown) => void = () => {}): void {
  try {
    Promise.resolve(call()).catch(report);
  } catch (error) {
    report(error);
  }
}
