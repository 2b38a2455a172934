/** Uses every name that the entry point for cron expressions exports, and has lines that must not compile. */
import type { Schedule as CoreSchedule } from "@neat/periodic-task";
import { cron, type CronOptions, type CronSchedule, type Schedule } from "@neat/periodic-task/cron";

/** Schedules. */
export function schedules(): (Date | null)[] {
  const options: CronOptions = { timeZone: "Europe/Berlin" };
  const daily: CronSchedule = cron("@daily", options);
  const texts: string[] = [daily.expression, daily.timeZone, daily.toString()];
  const schedule: Schedule = cron("0 3 * * *");
  const own: CoreSchedule = schedule;
  return [daily.next(new Date()), own.next(new Date(texts.length))];
}

/** An option may be undefined, as values from a configuration file often are. */
export function optional(timeZone: string | undefined): CronSchedule {
  return cron("@daily", { timeZone });
}

/** Lines that must not compile. */
export function refused(schedule: CronSchedule): unknown[] {
  return [
    // @ts-expect-error: the expression is required
    () => cron(),
    // @ts-expect-error: an expression is a string
    () => cron(["0", "3", "*", "*", "*"]),
    // @ts-expect-error: the option does not exist
    () => cron("@daily", { timezone: "UTC" }),
    // @ts-expect-error: there may be no next due time
    () => schedule.next(new Date()).getTime(),
    // @ts-expect-error: moments are dates
    () => schedule.next(Date.now()),
    // @ts-expect-error: schedules do not change
    () => schedule.timeZone = "UTC",
  ];
}
