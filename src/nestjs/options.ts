/**
 * The options of the module and of the decorator.
 *
 * @module
 */
import { cannot } from "../errors.ts";
import { isCount } from "../record/count.ts";
import { checkOptions } from "../option_checks.ts";
import type { CommonTaskOptions, IntervalTaskOptions, ScheduleTaskOptions } from "../options.ts";
import { STOP_OPTIONS, type StopOptions } from "../results.ts";
import { OPTION_TYPES } from "../settings.ts";

/** The options that all tasks of an application may share. */
export type SharedTaskOptions = Partial<Omit<CommonTaskOptions, "name" | "task">>;

/**
 * The options of {@linkcode PeriodicTaskModule}: defaults for all tasks, such as `store` and `timeout`, and those of the group.
 *
 * The logger is Nest's unless `log` is given.
 */
export interface PeriodicTaskModuleOptions extends SharedTaskOptions {
  /** The number of tasks that may run at the same time in this process.  @default {no limit} */
  readonly concurrency?: number | undefined;
  /**
   * Whether the tasks start in `onApplicationBootstrap`. If not, call `start()` of the group: after `app.listen()`, or never in a
   * test.
   * @default {true}
   */
  readonly autoStart?: boolean | undefined;
  /** How runs in progress are stopped when the application closes.  @default {they are waited for} */
  readonly stop?: StopOptions | undefined;
}

/** The options of {@linkcode PeriodicTaskModule.forRootAsync}. */
export interface PeriodicTaskModuleAsyncOptions {
  /** The modules that export what the factory needs, as in `imports` of any module. */
  readonly imports?: readonly unknown[] | undefined;
  /** The tokens of the arguments of the factory, as in `inject` of any provider. */
  readonly inject?: readonly unknown[] | undefined;
  /** Returns the options of the module. */
  // deno-lint-ignore no-explicit-any -- the types of injected values are known to the user alone
  readonly useFactory: (...injected: any[]) => PeriodicTaskModuleOptions | Promise<PeriodicTaskModuleOptions>;
}

/**
 * The options of a task: those of a scheduler, without `task`, which is the method. What is absent comes from
 * {@linkcode PeriodicTaskModuleOptions}.
 */
export type PeriodicTaskMethodOptions =
  & SharedTaskOptions
  & Pick<CommonTaskOptions, "name">
  & (Pick<IntervalTaskOptions, "interval" | "schedule"> | Pick<ScheduleTaskOptions, "interval" | "schedule">);

const DOING = "create PeriodicTaskModule";

/**
 * Checks the options of the module.
 *
 * @param options The options of the user.
 * @throws {TypeError} If an option is unknown or of the wrong type.
 * @throws {RangeError} If a duration or the concurrency is out of range.
 */
export function checkModuleOptions(options: PeriodicTaskModuleOptions): void {
  const { name: _name, task: _task, interval: _interval, schedule: _schedule, ...shared } = OPTION_TYPES;
  checkOptions(
    options,
    { ...shared, timeout: "duration", autoStart: "boolean", concurrency: "number", stop: "object" },
    DOING,
  );
  const { concurrency, stop } = options;
  if (concurrency !== undefined && (!isCount(concurrency) || concurrency < 1)) {
    throw new RangeError(cannot(DOING, '"concurrency" must be a whole number from 1 on', concurrency));
  }
  if (stop !== undefined) checkOptions(stop, STOP_OPTIONS, `${DOING} with the option "stop"`);
}

/** Returns options over defaults. An option that is `undefined` counts as absent. */
export function withDefaults(
  { autoStart: _autoStart, concurrency: _concurrency, stop: _stop, ...defaults }: PeriodicTaskModuleOptions,
  options: PeriodicTaskMethodOptions,
): PeriodicTaskMethodOptions {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return { ...defaults, ...Object.fromEntries(given) } as PeriodicTaskMethodOptions;
}
