/** Uses every name that the entry point for health checks exports, and has lines that must not compile. */
import { NeatPeriodicTaskGroup, NeatPeriodicTaskScheduler } from "@neat/periodic-task";
import {
  type Clock,
  type ConditionReason,
  type Duration,
  type DurationLike,
  type DurationUnits,
  health,
  type HealthCheck,
  type HealthOptions,
  type HealthReport,
  type Severity,
  type TaskHealth,
} from "@neat/periodic-task/health";

const units: DurationUnits = {
  days: 0,
  hours: 0,
  minutes: 0,
  seconds: 5,
  milliseconds: 0,
  microseconds: 0,
  nanoseconds: 0,
};
const like: DurationLike = units;
const maxAge: Duration = like;

export function options(clock: Clock): HealthOptions {
  return { probe: "tasks", missedDueTimes: 2, maxAge, timeout: 1_000, details: true, clock };
}

export const check: HealthCheck = health(new NeatPeriodicTaskGroup());
export const live: HealthCheck = health(
  new NeatPeriodicTaskScheduler({ name: "backup", interval: 1_000, timeout: 100, task: () => {} }),
  { probe: "live" },
);

export async function worst(request: Request): Promise<[Severity, TaskHealth["reason"]] | undefined> {
  const report = await (await check(request)).json() as HealthReport;
  const [task] = report.tasks;
  return task && [task.severity, task.reason];
}

export const reason: ConditionReason = "overdue";

// @ts-expect-error there is no such probe
health(new NeatPeriodicTaskGroup(), { probe: "alive" });
// @ts-expect-error a store has no schedulers
health({});
