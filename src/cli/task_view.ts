/**
 * Tasks as rows of a table, and as JSON. Pure.
 *
 * @module
 */
import { conditionText, type WatchedTask } from "../monitoring/watched_task.ts";
import type { RecentRun } from "../record/recent_runs.ts";
import { relativeTime, shortDuration } from "./duration_text.ts";
import type { Redaction } from "./secrets.ts";
import { messageOf } from "./store_access.ts";
import type { StyleName } from "./style.ts";
import type { Cell, Column } from "./table.ts";
import { safeText } from "./terminal_text.ts";

/** The columns of the table of tasks. */
export const TASK_COLUMNS: readonly Column[] = [
  { title: "TASK", minWidth: 12 },
  { title: "CONDITION" },
  { title: "NEXT" },
  { title: "LAST RUN", isOptional: true },
  { title: "ON", minWidth: 6, isOptional: true },
  { title: "MESSAGE", minWidth: 20 },
];

const STYLES: Readonly<Record<WatchedTask["condition"]["severity"], StyleName>> = {
  critical: "red",
  warning: "yellow",
  notice: "cyan",
  ok: "green",
};

/** Returns the style of a condition. */
export function conditionStyle({ condition }: WatchedTask): StyleName {
  return STYLES[condition.severity];
}

/** Returns the cells of a task. */
export function taskCells(task: WatchedTask, nowMs: number): readonly Cell[] {
  const { condition } = task;
  const cells: Cell[] = [
    { text: safeText(task.name), style: "bold" },
    { text: condition.reason, style: conditionStyle(task) },
    { text: nextText(task, nowMs) },
    { text: lastText(task, nowMs) },
    { text: task.kind === "task" ? safeText(task.status.instance ?? "") : "" },
    { text: safeText(conditionText(condition)), style: condition.severity === "ok" ? "dim" : "plain" },
  ];
  return cells;
}

function nextText(task: WatchedTask, nowMs: number): string {
  if (task.kind !== "task") return "";
  const { paused, requested, due, state } = task.status;
  if (paused) return "paused";
  if (state === "running") return "running";
  if (requested) return "requested";
  return due ? relativeTime(due, nowMs) : "";
}

function lastText(task: WatchedTask, nowMs: number): string {
  if (task.kind !== "task") return "";
  const { started, state, recent } = task.status;
  const last = recent.at(-1);
  if (state === "running" && started) return `started ${relativeTime(started, nowMs)}`;
  if (last) return `${relativeTime(new Date(last.start), nowMs)}, took ${shortDuration(last.length)}`;
  return started ? relativeTime(started, nowMs) : "";
}

/** Returns the style of a run. */
export function runStyle({ outcome }: RecentRun): StyleName {
  if (outcome === "finished") return "green";
  return outcome === "aborted" ? "yellow" : "red";
}

/** Returns a task without the secrets of the store's URL, which the errors of drivers may hold. */
export function withoutSecrets(task: WatchedTask, redact: Redaction): WatchedTask {
  const { detail } = task.condition;
  const condition = { ...task.condition, detail: detail === undefined ? undefined : redact(detail) };
  return task.kind === "unreadable"
    ? { ...task, condition, error: redact(messageOf(task.error)) }
    : { ...task, condition };
}

/** Returns a task for JSON. Dates become ISO texts. */
export function taskJson(task: WatchedTask): Record<string, unknown> {
  const { name, kind, condition } = task;
  if (task.kind === "task") return { name, kind, condition, status: task.status };
  if (task.kind === "unreadable") return { name, kind, condition, error: messageOf(task.error) };
  return { name, kind, condition, description: task.description };
}
