/**
 * A function that answers health checks.
 *
 * @module
 */
import { cannot } from "../errors.ts";
import type { NeatPeriodicTaskGroup } from "../group.ts";
import { schedulerCondition } from "../monitoring/condition.ts";
import { groupSource, type TaskSource } from "../monitoring/task_source.ts";
import { checkOptions, hasMethods } from "../option_checks.ts";
import { isCount } from "../record/count.ts";
import type { NeatPeriodicTaskScheduler } from "../scheduler.ts";
import { type Clock, systemClock } from "../time/clock.ts";
import { settleMicrotasks, startTimer } from "../time/delay.ts";
import type { Explanation } from "../results.ts";
import type { Duration } from "../time/duration.ts";
import { type HealthReport, liveness, readiness, reportOf, type TaskHealth, taskHealth } from "./report.ts";

/** The options of {@linkcode health}. */
export interface HealthOptions {
  /**
   * The question that the answer is for.
   *
   * - `tasks`: Does every task do its work, on any replica? For people and uptime monitors. Reads the records.
   * - `live`: Does the loop of every scheduler in this process go on? For restarts. Calls no store.
   * - `ready`: Has the store answered every scheduler in this process once? For rolling deployments. Calls no store.
   *
   * @default {`tasks`}
   */
  readonly probe?: "tasks" | "live" | "ready" | undefined;
  /**
   * The number of due times without a finished run, on any replica, from which a task is unhealthy. A due time counts when its run
   * could have reached its timeout. A whole number from 1 on.
   * @default {3}
   */
  readonly missedDueTimes?: number | undefined;
  /** The longest time for which an answer about the records is used again.  @default {5 seconds} */
  readonly maxAge?: Duration | undefined;
  /** The longest wait for the stores.  @default {5 seconds} */
  readonly timeout?: Duration | undefined;
  /**
   * Whether the answer has the texts of errors, and who has paused a task and why. They may have secrets: not for public pages.
   * @default {false}
   */
  readonly details?: boolean | undefined;
  /** The clock, for simulations.  @default {the system's clock} */
  readonly clock?: Clock | undefined;
}

/** Answers a health check. Never rejects. */
export type HealthCheck = (request: Request) => Promise<Response>;

const DOING = "create the health check";

const TYPES = {
  probe: "string",
  missedDueTimes: "number",
  maxAge: "duration",
  timeout: "duration",
  details: "boolean",
  clock: ["nowMs", "monotonicMs", "setTimer", "clearTimer", "random"],
} as const;

const DEFAULT_MAX_AGE_MS = 5_000;
const DEFAULT_TIMEOUT_MS = 5_000;

/**
 * Returns a function that answers health checks about the tasks of a group.
 *
 * The answer is 200 or 503, with a {@linkcode HealthReport} as JSON. `GET` and `HEAD` are answered, other methods with 405.
 *
 * With the probe `tasks`, a task is unhealthy if
 *
 * - no replica has finished it for `missedDueTimes` due times, unless it is paused or a run whose lease is not over is in progress,
 * - its record cannot be read, or is no status record,
 * - its schedule fails, or
 * - its scheduler in this process is a minute late with its check, or too many calls of its task have not returned after their
 *   abort.
 *
 * A failed run alone does not make a task unhealthy. Do not restart processes because of this probe: if the store is away, all
 * replicas are unhealthy, and restarts do not help. The probe `live` is for that.
 *
 * @param tasks The group, or one scheduler.
 * @param options The options.
 * @returns The function. It needs no stop: it has no timers between two calls.
 * @throws {TypeError} If `tasks` is neither a group nor a scheduler, or if an option is unknown or of the wrong type.
 * @throws {RangeError} If the value of an option is out of range.
 *
 * @example Answer 503 if no replica has finished the task for two due times
 * ```ts
 * import { NeatPeriodicTaskScheduler } from "@neat/periodic-task";
 * import { health, type HealthReport } from "@neat/periodic-task/health";
 *
 * await using scheduler = new NeatPeriodicTaskScheduler({
 *   name: "backup",
 *   interval: { hours: 1 },
 *   timeout: { minutes: 5 },
 *   task: () => {},
 * });
 * const check = health(scheduler, { missedDueTimes: 2 });
 * await scheduler.trigger();
 * const response = await check(new Request("http://127.0.0.1/health"));
 * const { status, tasks } = await response.json() as HealthReport;
 * console.assert(response.status === 200 && status === "healthy" && tasks[0]?.reason === "finished");
 * ```
 */
export function health(
  tasks: NeatPeriodicTaskGroup | NeatPeriodicTaskScheduler,
  options: HealthOptions = {},
): HealthCheck {
  const { maxAgeMs = DEFAULT_MAX_AGE_MS, timeoutMs = DEFAULT_TIMEOUT_MS } = checkOptions(options, TYPES, DOING);
  const { probe = "tasks", missedDueTimes, details = false, clock = systemClock } = options;
  if (missedDueTimes !== undefined && (!isCount(missedDueTimes) || missedDueTimes < 1)) {
    throw new RangeError(cannot(DOING, '"missedDueTimes" must be a whole number from 1 on', missedDueTimes));
  }
  const schedulers = schedulersOf(tasks);
  switch (probe) {
    case "tasks":
      return answering(
        recordsReport(groupSource(schedulers, { missedDueTimes, clock }), { maxAgeMs, timeoutMs, details, clock }),
      );
    case "live":
      return answering(() => [...schedulers].map((scheduler) => livenessOf(scheduler, clock)));
    case "ready":
      return answering(readinessReport(schedulers));
    default:
      throw new RangeError(cannot(DOING, '"probe" must be "tasks", "live" or "ready"', probe));
  }
}

/** Returns the members of a group, also those that are added later, or one scheduler. */
function schedulersOf(
  tasks: NeatPeriodicTaskGroup | NeatPeriodicTaskScheduler,
): Iterable<NeatPeriodicTaskScheduler> {
  // checks the methods and not the class, as the tasks may come from another copy of the package
  if (hasMethods(tasks, ["status", "ready", "addEventListener"])) {
    if (Symbol.iterator in tasks) return tasks;
    if (hasMethods(tasks, ["explain"])) return [tasks];
  }
  throw new TypeError(cannot(DOING, "its tasks must be a NeatPeriodicTaskGroup or a NeatPeriodicTaskScheduler", tasks));
}

function livenessOf(scheduler: NeatPeriodicTaskScheduler, clock: Clock): TaskHealth {
  const condition = schedulerCondition(scheduler.explain(), clock.nowMs());
  return liveness(scheduler.name, scheduler.state, condition?.reason === "stuck" ? condition : undefined);
}

/** The schedulers whose stores have answered a check. Of all health checks, as each may be called seldom. */
const answered = new WeakSet<NeatPeriodicTaskScheduler>();

/** The reasons for which `ready()` rejects although the store has answered. */
const ANSWERED_REASONS: readonly Explanation["reason"][] = [
  "foreign-record",
  "newer-record",
  "last-term",
  "schedule-error",
];

/** Returns the function that reports whether the store of each scheduler has answered. */
function readinessReport(schedulers: Iterable<NeatPeriodicTaskScheduler>): () => Promise<TaskHealth[]> {
  for (const scheduler of schedulers) noteAnswer(scheduler);
  return async () => {
    const members = [...schedulers];
    const goesOn = members.map(({ state }) => state === "new" || state === "started");
    return await Promise.all(members.map(async (scheduler, index) => {
      const hasBeenAnswered = answered.has(scheduler) || await hasAnswered(scheduler);
      const othersGoOn = goesOn.some((isGoing, other) => isGoing && other !== index);
      return readiness(scheduler.name, scheduler.state, hasBeenAnswered, othersGoOn);
    }));
  };
}

/** Returns whether the store has answered the last check. Waits for no store. */
async function hasAnswered(scheduler: NeatPeriodicTaskScheduler): Promise<boolean> {
  let isSettled = false;
  noteAnswer(scheduler).then(() => isSettled = true);
  await settleMicrotasks(() => isSettled);
  return answered.has(scheduler);
}

/** Notes the answer of the store to the first check, or to the last one. */
async function noteAnswer(scheduler: NeatPeriodicTaskScheduler): Promise<void> {
  try {
    await scheduler.ready();
    answered.add(scheduler);
  } catch {
    if (ANSWERED_REASONS.includes(scheduler.explain().reason)) answered.add(scheduler);
  }
}

interface RecordsReportOptions {
  readonly maxAgeMs: number;
  readonly timeoutMs: number;
  readonly details: boolean;
  readonly clock: Clock;
}

/** Returns the function that reads the records. Checks at the same time, and those within `maxAgeMs`, share a reading. */
function recordsReport(
  source: TaskSource,
  { maxAgeMs, timeoutMs, details, clock }: RecordsReportOptions,
): () => Promise<TaskHealth[]> {
  let last: Reading | undefined;
  const read = async (): Promise<TaskHealth[]> => {
    const late = new AbortController();
    const cancelTimer = startTimer(clock, () => late.abort(timeoutError(timeoutMs)), timeoutMs);
    try {
      const tasks = await source.list(late.signal);
      return tasks.map((task) => taskHealth(task, details));
    } finally {
      cancelTimer();
    }
  };
  return () => {
    const nowMs = clock.monotonicMs();
    if (last && (last.isPending || nowMs - last.atMs < maxAgeMs)) return last.tasks;
    const reading: Reading = { atMs: nowMs, isPending: true, tasks: read().finally(() => reading.isPending = false) };
    last = reading;
    return reading.tasks;
  };
}

/** A reading of the records. */
interface Reading {
  readonly atMs: number;
  isPending: boolean;
  readonly tasks: Promise<TaskHealth[]>;
}

function timeoutError(timeoutMs: number): DOMException {
  return new DOMException(`the store has not answered within ${timeoutMs} ms`, "TimeoutError");
}

/** Returns the function that answers requests by a report. */
function answering(check: () => TaskHealth[] | Promise<TaskHealth[]>): HealthCheck {
  return async ({ method }) => {
    if (method !== "GET" && method !== "HEAD") {
      return new Response("Method not allowed\n", { status: 405, headers: { allow: "GET, HEAD" } });
    }
    const report: HealthReport = reportOf(await check());
    return new Response(method === "HEAD" ? null : `${JSON.stringify(report)}\n`, {
      status: report.status === "healthy" ? 200 : 503,
      headers: { "content-type": "application/json", "cache-control": "no-store" },
    });
  };
}
