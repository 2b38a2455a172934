/**
 * The buttons of a task. They submit the form of their page, which holds the token, so that a row is the same for all viewers.
 *
 * @module
 */
import type { WatchedTask } from "../monitoring/watched_task.ts";
import { type Html, markup } from "./html.ts";
import { isPaused } from "./task_facts.ts";

/** The id of the form. */
export const FORM_ID = "actions";

/** What viewers may do with a task. */
export interface PossibleActions {
  readonly run: boolean;
  /** Also to resume it. */
  readonly pause: boolean;
}

/** Returns the buttons of a task; `undefined` if there are none. */
export function actionButtons(task: WatchedTask, { run, pause }: PossibleActions): Html | undefined {
  if (!run && !pause) return undefined;
  const change = isPaused(task) ? button("resume", "Resume", task) : button("pause", "Pause", task);
  return markup`${run && button("run", "Run now", task)}${pause && change}`;
}

function button(action: string, label: string, { name }: WatchedTask): Html {
  return markup`<button form="${FORM_ID}" name="${action}" value="${name}" aria-label="${label}: ${name}">${label}</button>`;
}
