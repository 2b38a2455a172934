/**
 * The options of control functions, and their checks.
 *
 * @module
 */
import { cannot } from "../errors.ts";
import { checkOptions, hasMethods } from "../option_checks.ts";
import { isPrintable, MAX_TEXT_LENGTH } from "../record/text.ts";
import type { StatusStore } from "../store/store.ts";
import { type Clock, systemClock } from "../time/clock.ts";
import type { Duration } from "../time/duration.ts";

/** The options of `readTask` and `listTasks`. */
export interface ReadTaskOptions {
  /** Ends the call, which then throws the reason of the signal. */
  readonly signal?: AbortSignal | undefined;
  /** The clock, for simulations.  @default {the system's clock} */
  readonly clock?: Clock | undefined;
}

/**
 * The options of functions that change a record. If `signal` aborts during such a function, the change may take effect or
 * not.
 */
export interface ChangeTaskOptions extends ReadTaskOptions {
  /**
   * The largest expected difference between the clocks of this host and of the replicas. If the store has no clock, a lease
   * counts as over later by this time.
   * @default {5 seconds}
   */
  readonly clockTolerance?: Duration | undefined;
  /**
   * The timeout of the replicas of Dart's `neat_periodic_task` that share the record. A run of theirs has no lease, and counts
   * as over when this time has passed since its start. Without this option, a task that such a replica runs is not changed.
   * @default {none}
   */
  readonly dartTimeout?: Duration | undefined;
}

/** The options of `requestRun`. */
export interface RequestRunOptions extends ChangeTaskOptions {
  /** The person or program that requests the run. It has 1 to 100 printable characters. */
  readonly by?: string | undefined;
  /** Whether to create the record of a task that has never run.  @default {false} */
  readonly create?: boolean | undefined;
}

/** The options of `pauseTask`. */
export interface PauseTaskOptions extends ChangeTaskOptions {
  /** The person or program that pauses the task. It has 1 to 100 printable characters. */
  readonly by?: string | undefined;
  /** The reason of the pause. It has 1 to 100 printable characters. */
  readonly reason?: string | undefined;
  /** Whether to create the record of a task that has never run.  @default {false} */
  readonly create?: boolean | undefined;
}

const READ_TYPES = {
  signal: ["throwIfAborted", "addEventListener", "removeEventListener"],
  clock: ["nowMs", "monotonicMs", "setTimer", "clearTimer", "random"],
} as const;

const CHANGE_TYPES = { ...READ_TYPES, clockTolerance: "duration", dartTimeout: "duration" } as const;

const REQUEST_TYPES = { ...CHANGE_TYPES, by: "string", create: "boolean" } as const;

const PAUSE_TYPES = { ...REQUEST_TYPES, reason: "string" } as const;

const DEFAULT_CLOCK_TOLERANCE_MS = 5_000;

/** As in the options of a scheduler. */
const MAX_NAME_LENGTH = 500;

/** The settings of a function that reads records. */
export interface ReadSettings {
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
}

/** The settings of a function that changes a record. */
export interface ChangeSettings extends ReadSettings {
  readonly clockToleranceMs: number;
  readonly dartTimeoutMs: number | undefined;
}

/** Checks the options of a function that reads records. */
export function readSettingsOf(options: ReadTaskOptions, doing: string): ReadSettings {
  checkOptions(options, READ_TYPES, doing);
  return { clock: options.clock ?? systemClock, signal: options.signal };
}

/** Checks the options of `requestRun`. */
export function requestSettingsOf(options: RequestRunOptions, doing: string): ChangeSettings {
  const durations = checkOptions(options, REQUEST_TYPES, doing);
  checkText("by", options.by, MAX_TEXT_LENGTH, doing);
  return changeSettings(options, durations);
}

/** Checks the options of `pauseTask`. */
export function pauseSettingsOf(options: PauseTaskOptions, doing: string): ChangeSettings {
  const durations = checkOptions(options, PAUSE_TYPES, doing);
  checkText("by", options.by, MAX_TEXT_LENGTH, doing);
  checkText("reason", options.reason, MAX_TEXT_LENGTH, doing);
  return changeSettings(options, durations);
}

/** Checks the options of `resumeTask` and `resetTask`. */
export function changeSettingsOf(options: ChangeTaskOptions, doing: string): ChangeSettings {
  return changeSettings(options, checkOptions(options, CHANGE_TYPES, doing));
}

function changeSettings(
  { clock = systemClock, signal }: ChangeTaskOptions,
  { clockToleranceMs = DEFAULT_CLOCK_TOLERANCE_MS, dartTimeoutMs }: {
    readonly clockToleranceMs?: number;
    readonly dartTimeoutMs?: number;
  },
): ChangeSettings {
  return { clock, signal, clockToleranceMs, dartTimeoutMs };
}

/**
 * Checks the store and the name of a task.
 *
 * @throws {TypeError} If the store lacks a method or the name is not a string.
 * @throws {RangeError} If no task can have the name.
 */
export function checkTask(store: StatusStore, name: string, doing: string): void {
  checkStore(store, ["read", "write"], doing);
  if (typeof name !== "string") throw new TypeError(cannot(doing, "its name must be a string", name));
  checkText("name", name, MAX_NAME_LENGTH, doing);
}

/** Checks that a store has some methods. */
export function checkStore(store: StatusStore, methods: readonly string[], doing: string): void {
  if (hasMethods(store, methods)) return;
  const names = methods.map((method) => `${method}()`).join(", ");
  throw new TypeError(cannot(doing, `the store must be an object with ${names}`, store));
}

/** Throws if a text is given that is empty, too long or not printable. */
function checkText(option: string, text: string | undefined, maxLength: number, doing: string): void {
  const isUsable = text === undefined || (text !== "" && text.length <= maxLength && isPrintable(text));
  if (!isUsable) {
    throw new RangeError(cannot(doing, `"${option}" must be 1 to ${maxLength} printable characters`, text));
  }
}
