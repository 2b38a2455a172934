/** Uses every name that the entry point for Nest exports, and has lines that must not compile. */
import { MemoryStore } from "@neat/periodic-task";
import {
  type Clock,
  type CommonTaskOptions,
  type ConfiguredPeriodicTaskModule,
  type Duration,
  type DurationLike,
  type DurationUnits,
  type IntervalTaskOptions,
  type Logger,
  PeriodicTask,
  type PeriodicTaskDecorator,
  type PeriodicTaskMethodOptions,
  PeriodicTaskModule,
  type PeriodicTaskModuleAsyncOptions,
  type PeriodicTaskModuleOptions,
  type Run,
  type Schedule,
  type ScheduleTaskOptions,
  type SharedTaskOptions,
  type StatusEntry,
  type StatusStore,
  type StopOptions,
  type StoreCallOptions,
} from "@neat/periodic-task/nestjs";

/** What the options consist of. */
export type Parts = [Clock, CommonTaskOptions, DurationLike, DurationUnits, StatusEntry, StoreCallOptions];

/** The options of all tasks. */
export function shared(store: StatusStore, log: Logger, timeout: Duration): PeriodicTaskModuleOptions {
  const stop: StopOptions = { timeout };
  const defaults: SharedTaskOptions = { store, log, timeout };
  return { ...defaults, stop, autoStart: false };
}

/** The options of one task are those of a scheduler without its task. */
export function own(
  { task: _task, ...interval }: IntervalTaskOptions,
  { task: _other, ...schedule }: ScheduleTaskOptions,
): [Schedule, ...PeriodicTaskMethodOptions[]] {
  return [schedule.schedule, interval, schedule];
}

const hourly: PeriodicTaskMethodOptions = { name: "hourly", interval: { hours: 1 }, timeout: { minutes: 1 } };

/** A decorator of ECMAScript. */
export class Standard {
  /** A task. */
  @PeriodicTask(hourly)
  run({ term }: Run): number {
    return term;
  }
}

/** The decorator as TypeScript calls it with `experimentalDecorators`. */
export function decorated(): void {
  const decorator: PeriodicTaskDecorator = PeriodicTask({ name: "minimal", interval: 60_000 });
  const descriptor = Object.getOwnPropertyDescriptor(Standard.prototype, "run");
  if (descriptor) decorator(Standard.prototype, "run", descriptor);
}

/** Modules. */
export function modules(): ConfiguredPeriodicTaskModule[] {
  const options: PeriodicTaskModuleOptions = {
    store: new MemoryStore(),
    concurrency: 2,
    stop: { timeout: { seconds: 20 } },
  };
  const factory: PeriodicTaskModuleAsyncOptions = {
    inject: [MemoryStore],
    useFactory: (store: MemoryStore) => Promise.resolve({ store }),
  };
  return [PeriodicTaskModule.forRoot(), PeriodicTaskModule.forRoot(options), PeriodicTaskModule.forRootAsync(factory)];
}

/** Lines that must not compile. */
export function refused(): unknown[] {
  return [
    // @ts-expect-error: the name is required
    () => PeriodicTask({ interval: 60_000 }),
    // @ts-expect-error: either an interval or a schedule is required
    () => PeriodicTask({ name: "never" }),
    // @ts-expect-error: the method is the task
    () => PeriodicTask({ ...hourly, task: () => {} }),
    // @ts-expect-error: each task has a name of its own
    () => PeriodicTaskModule.forRoot({ name: "all" }),
    // @ts-expect-error: the factory is required
    () => PeriodicTaskModule.forRootAsync({}),
    // @ts-expect-error: a method takes a run
    () => PeriodicTask(hourly)({}, "run", { value: (count: number) => count }),
  ];
}
