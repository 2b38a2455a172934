/**
 * The row of a task in the overview.
 *
 * @module
 */
import type { WatchedTask } from "../monitoring/watched_task.ts";
import { type Html, markup, rowId, taskAddress } from "./html.ts";
import { icon, iconOf } from "./icons.ts";
import { smallBars } from "./run_bars.ts";
import {
  conditionTextOf,
  failuresText,
  isPaused,
  isRunning,
  labelOf,
  lastEndedRun,
  nextDueOf,
  scheduleOf,
  statusOf,
} from "./task_facts.ts";
import { actionButtons, type PossibleActions } from "./task_buttons.ts";
import { lengthText, timeElement } from "./times.ts";

/** What a row shows beside the task. */
export interface RowSettings {
  /** The present; `undefined` if the script fills times in. */
  readonly nowMs: number | undefined;
  /** Whether there is a column for buttons. */
  readonly hasActions: boolean;
  readonly describe: (name: string) => string | undefined;
  readonly actionsOf: (task: WatchedTask) => PossibleActions;
}

/** Returns the row of a task. */
export function taskRow(task: WatchedTask, { nowMs, describe, actionsOf, hasActions }: RowSettings): Html {
  const { name, condition } = task;
  const iconName = iconOf(task);
  const buttons = actionButtons(task, actionsOf(task));
  const description = describe(name);
  const failures = failuresText(task);
  return markup`<tr id="${rowId(name)}" class="task ${iconName}">
<td class="state"><span class="badge ${iconName}">${icon(iconName)} ${labelOf(task)}</span></td>
<th scope="row" class="name"><a href="${taskAddress(name)}"><bdi>${name}</bdi></a>${
    description !== undefined && markup`<span class="muted"><bdi>${description}</bdi></span>`
  }<span class="muted"><bdi>${scheduleOf(task) ?? "schedule not known here"}</bdi></span>${
    condition.severity !== "ok" && markup`<span class="message ${iconName}"><bdi>${conditionTextOf(task)}</bdi></span>`
  }${failures !== undefined && markup`<span class="message warning"><bdi>${failures}</bdi></span>`}</th>
<td class="runs">${smallBars(statusOf(task)?.recent ?? [])}</td>
<td class="last">${lastRun(task, nowMs)}</td>
<td class="due">${nextDue(task, nowMs)}</td>
${hasActions && markup`<td class="actions">${buttons}</td>`}</tr>`;
}

/** Returns the time, length and replica of the last run. */
function lastRun(task: WatchedTask, nowMs: number | undefined): Html {
  const { started, instance } = statusOf(task) ?? {};
  if (!started) return markup`<span class="muted">never</span>`;
  const ended = isRunning(task) ? undefined : lastEndedRun(task);
  return markup`${timeElement(started, "ago", nowMs)}<span class="muted">${
    instance !== undefined && markup`on <bdi>${instance}</bdi>`
  }${ended && markup`, took ${lengthText(ended.length)}`}</span>`;
}

/** Returns the time of the next run, or the reason why there is none. */
export function nextDue(task: WatchedTask, nowMs: number | undefined): Html {
  const status = statusOf(task);
  const { started, requested, requestedBy } = status ?? {};
  const note = requested &&
    markup`<span class="muted">requested${requestedBy !== undefined && markup` by <bdi>${requestedBy}</bdi>`}</span>`;
  if (isRunning(task) && started) return markup`running for ${timeElement(started, "for", nowMs)}${note}`;
  if (isPaused(task)) return markup`<span class="muted">paused</span>${note}`;
  const due = nextDueOf(task);
  if (requested) return markup`now${note}`;
  return due ? timeElement(due, "in", nowMs) : markup`<span class="muted">not known</span>`;
}
