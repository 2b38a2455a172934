/**
 * The settings of the dashboard: its checked options and their defaults.
 *
 * @module
 */
import { cannot, textOf } from "../errors.ts";
import { DEFAULT_MISSED_DUE_TIMES } from "../monitoring/condition.ts";
import { groupSource, storeSource, type TaskSource } from "../monitoring/task_source.ts";
import { checkOptions, hasMethods } from "../option_checks.ts";
import { isCount } from "../record/count.ts";
import { MAX_TEXT_LENGTH, printableText } from "../record/text.ts";
import type { NeatPeriodicTaskScheduler } from "../scheduler.ts";
import type { StatusStore } from "../store/store.ts";
import { type Clock, systemClock } from "../time/clock.ts";
import { keepTakeovers, schedulerChanges, storeChanges } from "./changes.ts";
import type { WatchChanges } from "./live_tasks.ts";
import { hasHost, hostNames } from "./hosts.ts";
import { TakeoverLog } from "./takeover_log.ts";
import type { DashboardOptions } from "./options.ts";

/** The settings of a dashboard. */
export interface DashboardSettings {
  readonly source: TaskSource;
  readonly watchChanges: WatchChanges;
  readonly takeovers: TakeoverLog;
  readonly hasActions: boolean;
  /** Whether requests to a host are answered. */
  readonly isAnswered: (request: Request) => boolean;
  readonly title: string;
  readonly by: (request: Request) => string;
  readonly describe: (name: string) => string | undefined;
  readonly errorText: (error: unknown) => string;
  readonly refreshMs: number;
  readonly signal: AbortSignal | undefined;
  readonly clock: Clock;
}

const TYPES = {
  group: "object",
  store: ["read", "write", "list", "watch?"],
  actions: "boolean",
  hosts: "object",
  title: "string",
  by: "function",
  describe: "function",
  errorText: "function",
  missedDueTimes: "number",
  refreshInterval: "duration",
  signal: ["addEventListener", "removeEventListener"],
  clock: ["nowMs", "monotonicMs", "setTimer", "clearTimer", "random"],
} as const;

const DEFAULT_REFRESH_MS = 5_000;

/** A person who is not named. */
const SOMEBODY = "dashboard";

/**
 * Checks the options of a dashboard.
 *
 * @throws {TypeError} If an option is missing, unknown or of the wrong type.
 * @throws {RangeError} If the value of an option is out of range.
 */
export function dashboardSettings(options: DashboardOptions): DashboardSettings {
  const doing = "create the dashboard";
  const { refreshIntervalMs = DEFAULT_REFRESH_MS } = checkOptions(options, TYPES, doing);
  const { store, missedDueTimes = DEFAULT_MISSED_DUE_TIMES, clock = systemClock } = options;
  // a generator yields its schedulers only once; the group of a user gets members later
  const group = isIterator(options.group) ? [...options.group] : options.group;
  if ((group === undefined) === (store === undefined)) {
    const given = group === undefined ? "neither" : "both";
    throw new TypeError(cannot(doing, 'either "group" or "store" must be given', given));
  }
  if (group !== undefined && typeof Object(group)[Symbol.iterator] !== "function") {
    throw new TypeError(cannot(doing, '"group" must be a NeatPeriodicTaskGroup or a list of schedulers', group));
  }
  if (!isCount(missedDueTimes) || missedDueTimes < 1) {
    throw new RangeError(cannot(doing, '"missedDueTimes" must be a whole number from 1 on', missedDueTimes));
  }
  const hosts = options.hosts && hostNames(options.hosts, doing);
  const takeovers = new TakeoverLog();
  if (group !== undefined) keepTakeovers(group, takeovers, options.signal);
  const { by, describe, title = "Tasks", actions = false, signal } = options;
  const errorText = (error: unknown): string => {
    try {
      return options.errorText?.(error) ?? textOf(error);
    } catch {
      // the text of the error itself may have what must not be shown
      return "an error whose text cannot be made";
    }
  };
  return {
    source: group === undefined
      ? storeSource(store as StatusStore, { missedDueTimes, clock, errorText })
      : groupSource(group, { missedDueTimes, clock, errorText }),
    watchChanges: group === undefined ? storeChanges(store as StatusStore) : schedulerChanges(group),
    takeovers,
    hasActions: actions,
    isAnswered: (request) => hosts === undefined || hasHost(request, hosts),
    title,
    by: (request) => printableText(by?.(request) || SOMEBODY, MAX_TEXT_LENGTH),
    describe: (name) => description(describe, name),
    errorText,
    refreshMs: refreshIntervalMs,
    signal,
    clock,
  };
}

function isIterator(
  value: DashboardOptions["group"],
): value is IteratorObject<NeatPeriodicTaskScheduler, unknown, unknown> {
  return value !== undefined && hasMethods(value, ["next"]) && typeof Object(value)[Symbol.iterator] === "function";
}

/** Returns the words about a task. An error of the user's function hides no task. */
function description(describe: DashboardOptions["describe"], name: string): string | undefined {
  try {
    return describe?.(name);
  } catch (error) {
    return `no description: ${textOf(error)}`;
  }
}
