/**
 * The logger interface, and safe calls of functions that users provide.
 *
 * @module
 */

/**
 * The logger of a scheduler. The default is the `console`.
 *
 * The `console` and the loggers of `@std/log` fit as they are. The loggers of pino, LogTape and winston need a short adapter:
 * see docs/logging.md. Errors and rejections of a logger are ignored, so that logging never stops a task.
 *
 * @example Keep the log lines
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
  /** Logs a detail. Not used yet. */
  debug?(message: string, ...details: unknown[]): unknown;
  /** Logs START, FINISHED and ALIVE, and the first answer of a store after failed calls. */
  info(message: string, ...details: unknown[]): unknown;
  /** Logs problems outside of the task, such as failed store calls and failed listeners. */
  warn(message: string, ...details: unknown[]): unknown;
  /** Logs FAILED with the task's error. Also logs foreign data at the task's key, and a term that cannot rise. */
  error(message: string, ...details: unknown[]): unknown;
}

/** The level of a log message. */
export type LogLevel = "info" | "warn" | "error";

/**
 * Logs a message. Never throws.
 *
 * @param log The logger. If it is `undefined`, the current global `console` is used.
 * @param level The level.
 * @param message The message.
 * @param details An error, and after that of FAILED a text with the name of the replica.
 */
export function logTo(log: Logger | undefined, level: LogLevel, message: string, ...details: unknown[]): void {
  const target = log ?? console;
  // before further arguments the console treats the message as a format, and a name may contain a %
  const text = target === console && details.length > 0 ? message.replaceAll("%", "%%") : message;
  callSafely(() => target[level](text, ...details));
}

/**
 * Calls a function of the user, and catches its errors and rejections.
 *
 * @param call The function.
 * @param onError Called with the error that the function throws or rejects with.
 */
export function callSafely(call: () => unknown, onError: (error: unknown) => void = () => {}): void {
  try {
    Promise.resolve(call()).catch(onError);
  } catch (error) {
    onError(error);
  }
}
