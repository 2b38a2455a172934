/**
 * The logger interface, and calls to what users give that cannot throw.
 *
 * @module
 */

/**
 * What a scheduler logs to; the `console` if none is given.
 *
 * The `console` and a logger of `@std/log` fit as they are; pino, LogTape and winston have a short adapter each, see
 * docs/logging.md. What a logger throws or rejects with is ignored: logging never stops a task.
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
  /** Not used now. */
  debug?(message: string, ...details: unknown[]): unknown;
  /** START, FINISHED and ALIVE, and the return of a store. */
  info(message: string, ...details: unknown[]): unknown;
  /** Trouble beside the task: the store, a listener, a record that cannot be used. */
  warn(message: string, ...details: unknown[]): unknown;
  /** FAILED with the task's error, and foreign data at the task's key. */
  error(message: string, ...details: unknown[]): unknown;
}

/** The levels of log messages. */
export type LogLevel = "info" | "warn" | "error";

/**
 * Logs a message. Never throws.
 *
 * @param log The logger; `undefined` is the `console` of the moment.
 * @param level The level.
 * @param message The message.
 * @param details At most one error.
 */
export function logTo(log: Logger | undefined, level: LogLevel, message: string, ...details: unknown[]): void {
  const target = log ?? console;
  // the console takes a message before further arguments for a format, and a name may hold a %
  const text = target === console && details.length > 0 ? message.replaceAll("%", "%%") : message;
  callSafely(() => target[level](text, ...details));
}

/**
 * Calls a function of the user's.
 *
 * @param call The function.
 * @param onError Called with what it throws, or rejects with later.
 */
export function callSafely(call: () => unknown, onError: (error: unknown) => void = () => {}): void {
  try {
    Promise.resolve(call()).catch(onError);
  } catch (error) {
    onError(error);
  }
}
