/**
 * The filter and order of the overview, as the address of the page has them. Pure.
 *
 * @module
 */
import { bySeverity, conditionText, type WatchedTask } from "../monitoring/watched_task.ts";
import { encoded } from "./html.ts";
import { isPaused, isRunning, needsAttention, nextDueOf, scheduleOf, statusOf } from "./task_facts.ts";

/** The tasks that the overview shows by their state. */
export const SHOWN: Readonly<
  Record<string, { readonly label: string; readonly holds: (task: WatchedTask) => boolean }>
> = {
  all: { label: "All", holds: () => true },
  attention: { label: "Needs attention", holds: needsAttention },
  running: { label: "Running", holds: isRunning },
  paused: { label: "Paused", holds: isPaused },
  ok: { label: "OK", holds: ({ condition }) => condition.severity === "ok" },
};

/** The orders of the overview. */
export const SORTS: Readonly<
  Record<string, { readonly label: string; readonly compare: (one: WatchedTask, other: WatchedTask) => number }>
> = {
  problems: { label: "Problems first", compare: bySeverity },
  name: { label: "Name", compare: byName },
  due: { label: "Next due", compare: (one, other) => dueMs(one) - dueMs(other) || byName(one, other) },
  last: { label: "Last run", compare: (one, other) => lastMs(other) - lastMs(one) || byName(one, other) },
};

/** The filter and order of the overview. */
export interface OverviewQuery {
  /** The text that a task must contain, or an empty text. */
  readonly text: string;
  /** A key of {@linkcode SHOWN}. */
  readonly show: string;
  /** A key of {@linkcode SORTS}. */
  readonly sort: string;
}

const MAX_TEXT_LENGTH = 500;

/** Reads the parameters of an address. Unknown values count as absent. */
export function parseOverviewQuery(parameters: URLSearchParams): OverviewQuery {
  const show = parameters.get("show") ?? "";
  const sort = parameters.get("sort") ?? "";
  return {
    text: (parameters.get("q") ?? "").slice(0, MAX_TEXT_LENGTH),
    show: Object.hasOwn(SHOWN, show) ? show : "all",
    sort: Object.hasOwn(SORTS, sort) ? sort : "problems",
  };
}

/** Returns the parameters of an address, with the question mark; empty if everything is as usual. */
export function overviewQueryText({ text, show, sort }: OverviewQuery): string {
  const parameters = [
    ...text === "" ? [] : [`q=${encoded(text)}`],
    ...show === "all" ? [] : [`show=${show}`],
    ...sort === "problems" ? [] : [`sort=${sort}`],
  ];
  return parameters.length === 0 ? "" : `?${parameters.join("&")}`;
}

/** Returns the tasks that contain the text. */
export function withText(tasks: readonly WatchedTask[], text: string): WatchedTask[] {
  const words = text.toLowerCase().split(/\s+/).filter((word) => word !== "");
  return tasks.filter((task) => {
    const all = searched(task);
    return words.every((word) => all.includes(word));
  });
}

/** Returns the tasks that a query selects, in its order. */
export function selected(tasks: readonly WatchedTask[], { text, show, sort }: OverviewQuery): WatchedTask[] {
  const shown = withText(tasks, text).filter((task) => SHOWN[show]?.holds(task) ?? true);
  return shown.sort(SORTS[sort]?.compare ?? bySeverity);
}

/** Returns the texts of a task that the filter looks at. */
function searched(task: WatchedTask): string {
  const { instance, error, pausedBy, pauseReason } = statusOf(task) ?? {};
  const texts = [task.name, scheduleOf(task), conditionText(task.condition), instance, error, pausedBy, pauseReason];
  return texts.join("\n").toLowerCase();
}

function byName({ name: one }: WatchedTask, { name: other }: WatchedTask): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** Paused tasks and those without a due time are last. Not Infinity, as the difference of two infinities is no number. */
function dueMs(task: WatchedTask): number {
  return (isPaused(task) ? undefined : nextDueOf(task)?.getTime()) ?? Number.MAX_SAFE_INTEGER;
}

function lastMs(task: WatchedTask): number {
  return statusOf(task)?.started?.getTime() ?? 0;
}
