/**
 * Periodic tasks of a NestJS application: a module, and a decorator for methods of providers.
 *
 * {@linkcode PeriodicTaskModule} starts the tasks when the application has started. When it closes, no further run starts, and the
 * runs in progress are waited for. Needs `@nestjs/common` and `@nestjs/core` from 10 on.
 *
 * @example Run a method every hour
 * ```ts
 * import { NeatPeriodicTaskGroup, type Run } from "@neat/periodic-task";
 * import { PeriodicTask, PeriodicTaskModule } from "@neat/periodic-task/nestjs";
 * import { NestFactory } from "@nestjs/core";
 *
 * const runs: string[] = [];
 *
 * class BackupService {
 *   // in a project with decorators: @PeriodicTask({ ... }) above the method
 *   backUp(run: Run): void {
 *     runs.push(run.name);
 *   }
 * }
 * const hourly = PeriodicTask({ name: "backup", interval: { hours: 1 }, timeout: { minutes: 5 } });
 * hourly(BackupService.prototype, "backUp", { value: BackupService.prototype.backUp });
 *
 * class AppModule {}
 * const app = await NestFactory.createApplicationContext({
 *   module: AppModule,
 *   imports: [PeriodicTaskModule.forRoot()],
 *   providers: [BackupService],
 * }, { logger: false });
 * const [backup] = app.get(NeatPeriodicTaskGroup);
 * await backup?.trigger();
 * await app.close();
 * console.assert(runs.includes("backup"));
 * ```
 *
 * @module
 */
export type { Logger } from "./log.ts";
export type { CommonTaskOptions, IntervalTaskOptions, Run, ScheduleTaskOptions } from "./options.ts";
export type { StopOptions } from "./results.ts";
export type { Schedule } from "./schedule/schedule.ts";
export type { StatusEntry, StatusStore, StoreCallOptions } from "./store/store.ts";
export type { Clock } from "./time/clock.ts";
export type { Duration, DurationLike, DurationUnits } from "./time/duration.ts";
export { PeriodicTask, type PeriodicTaskDecorator } from "./nestjs/decorator.ts";
export { type ConfiguredPeriodicTaskModule, PeriodicTaskModule } from "./nestjs/module.ts";
export type {
  PeriodicTaskMethodOptions,
  PeriodicTaskModuleAsyncOptions,
  PeriodicTaskModuleOptions,
  SharedTaskOptions,
} from "./nestjs/options.ts";
